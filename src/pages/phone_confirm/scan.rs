//! The step before the question: one button that reports the scan.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::decide::Link;
use super::{Manner, Subject, Warning};
use crate::components::avatar::Avatar;
use crate::error::ErrorCode;
use crate::i18n::{Locale, text};
use crate::pages::error_text;
use crate::routes;
use crate::server::http::form::ELSEWHERE;
use domain::account::Profile;
use domain::ids::TicketId;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Renders one button. After a sign-in on this page, one line of script submits the form immediately.
#[component]
pub fn ScanForm(
    locale: Locale,
    subject: Subject,
    id: TicketId,
    manner: Manner,
    profile: Profile,
    error: Option<ErrorCode>,
) -> impl IntoView {
    let nonce = use_nonce();
    let (heading, hint) = match manner {
        Manner::ByTap if subject == Subject::Device => {
            (text!(locale, device.scan_heading), text!(locale, device.scan_hint))
        }
        Manner::ByItself => (text!(locale, confirm.scan_heading), text!(locale, confirm.scan_hint)),
        Manner::ByTap => (text!(locale, confirm.scan_tap_heading), text!(locale, confirm.scan_tap_hint)),
        Manner::WithWarning => (text!(locale, confirm.scan_foreign_heading), text!(locale, confirm.scan_tap_hint)),
    };
    let is_foreign = manner == Manner::WithWarning;
    view! {
        <form class="scan" method="post" action=routes::SCAN id="scan">
            <Link profile=profile.clone()/>
            <h1>{heading}</h1>
            {match error {
                Some(code) => view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> }.into_any(),
                None => view! { <p class="lead">{hint}</p> }.into_any(),
            }}
            <p class="person"><Avatar profile=profile.clone()/><bdi>{profile.display_name}</bdi></p>
            {is_foreign.then(|| view! { <Warning words=text!(locale, confirm.scan_foreign_hint)/> })}
            {is_foreign.then(|| view! { <input type="hidden" name="from" value=ELSEWHERE/> })}
            <input type="hidden" name="id" value=id.to_string()/>
            <button class="button">{text!(locale, confirm.scan_continue)}</button>
        </form>
        {(manner == Manner::ByItself)
            .then(|| {
                view! { <script nonce=nonce inner_html="document.getElementById('scan').submit()"></script> }
            })}
    }
}
