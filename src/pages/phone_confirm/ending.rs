//! What the page says when there is nothing to decide.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::{End, Subject};
use crate::components::icon::Icon;
use crate::components::outcome::{Outcome, OutcomeTexts};
use crate::i18n::{Locale, Text, text};
use crate::routes;
use leptos::prelude::*;

/// Renders an ending. `about` names the computer or device.
#[component]
pub fn Ending(
    locale: Locale,
    subject: Subject,
    end: End,
    #[prop(optional_no_strip)] about: Option<Text>,
) -> impl IntoView {
    let (icon, good, texts) = texts(locale, subject, end);
    let more = good.then(|| (routes::ACCOUNT.to_owned(), text!(locale, outcome.approved_not_you)));
    view! { <Outcome icon good texts about more/> }
}

/// Returns the icon of an ending, whether it is a good one, and its texts.
fn texts(locale: Locale, subject: Subject, end: End) -> (Icon, bool, OutcomeTexts) {
    let (icon, heading, text) = match end {
        End::Approved => (Icon::Check, text!(locale, outcome.approved), text!(locale, outcome.approved_text)),
        End::Cancelled => (Icon::Cross, text!(locale, outcome.cancelled), text!(locale, outcome.cancelled_text)),
        End::CancelledAtPc => {
            (Icon::Cross, text!(locale, outcome.cancelled_pc), text!(locale, outcome.cancelled_pc_text))
        }
        End::Expired => (Icon::Clock, text!(locale, outcome.expired), text!(locale, outcome.expired_text)),
        End::Used => (Icon::Check, text!(locale, outcome.used), text!(locale, outcome.used_text)),
        End::OtherPhone => (Icon::Phone, text!(locale, outcome.other_phone), text!(locale, outcome.other_phone_text)),
        End::Unknown => (Icon::Cross, text!(locale, outcome.unknown), text!(locale, outcome.unknown_text)),
    };
    let text = match (subject, end) {
        (Subject::Pc, _) => text,
        (Subject::Device, End::Approved) => text!(locale, device.approved_text),
        (Subject::Device, End::Cancelled) => text!(locale, device.cancelled_text),
        (Subject::Device, End::OtherPhone) => text!(locale, device.other_phone_text),
        (Subject::Device, _) => text!(locale, device.again_text),
    };
    let link = Some((routes::SCANNER.to_owned(), text!(locale, outcome.scan_another)));
    (icon, end == End::Approved, OutcomeTexts { heading, text, link })
}
