//! Asks whether an app may sign the person out here, because the app has not proven that it knows who is signed in.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::i18n::text;
use crate::routes;
use domain::account::{Profile, SessionKind};
use leptos::prelude::*;

/// The page. `fields` are the app's parameters, which the answer repeats.
#[component]
pub fn SignOutPage(frame: Frame, profile: Profile, kind: SessionKind, fields: Vec<(String, String)>) -> impl IntoView {
    let locale = frame.locale;
    let explanation = match kind {
        SessionKind::Pc => text!(locale, app.sign_out_pc),
        SessionKind::Phone => text!(locale, app.sign_out_phone),
    };
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <Shell frame title=text!(locale, app.sign_out_heading) scripts=Scripts::None>
            <section class="card phone">
                <form class="question consent" method="post" action=routes::END_SESSION>
                    <h1>{text!(locale, app.sign_out_heading)}</h1>
                    <p class="lead">{explanation}</p>
                    <p class="person"><Avatar profile=profile.clone()/><bdi>{profile.display_name}</bdi></p>
                    {fields}
                    <div class="decide">
                        <a class="button cancel" href=routes::ACCOUNT>{text!(locale, app.stay)}</a>
                        <button class="button confirm" name="confirm" value="yes">{text!(locale, app.sign_out)}</button>
                    </div>
                </form>
            </section>
        </Shell>
    }
}
