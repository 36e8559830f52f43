//! The consent page, for a person who is signed in on this browser already: which app asks, and what it would learn.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::app_card::{AppLogo, Shares};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::i18n::text;
use crate::routes;
use domain::account::Profile;
use domain::client::{Client, Scopes};
use domain::ids::InteractionId;
use leptos::prelude::*;
use std::sync::Arc;

/// The consent page. `returns_to` is where the browser goes next, for people.
#[component]
pub fn ConsentPage(
    frame: Frame,
    interaction: InteractionId,
    client: Arc<Client>,
    scopes: Scopes,
    returns_to: String,
    profile: Profile,
) -> impl IntoView {
    let locale = frame.locale;
    let name = client.name.clone();
    view! {
        <Shell frame title=text!(locale, app.consent_title) scripts=Scripts::None>
            <section class="card phone">
                <form class="question consent" method="post" action=routes::CONSENT>
                    <AppLogo name=name.clone() logo_url=client.logo_url.clone()/>
                    <h1>{text!(locale, app.sign_in_to, app = name.clone())}</h1>
                    <p class="person"><Avatar profile=profile.clone()/><bdi>{profile.display_name}</bdi></p>
                    <Shares locale name scopes/>
                    <p class="hint">{text!(locale, app.returns_to, host = returns_to)}</p>
                    <input type="hidden" name="i" value=interaction.to_string()/>
                    <div class="decide">
                        <button class="button cancel" name="answer" value="deny">{text!(locale, app.deny)}</button>
                        <button class="button confirm" name="answer" value="allow">{text!(locale, app.allow)}</button>
                    </div>
                </form>
            </section>
        </Shell>
    }
}
