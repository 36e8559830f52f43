//! The outcome of an action: an icon, a sentence and what to do next.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::icon::{Icon, IconImage};
use leptos::prelude::*;
use std::borrow::Cow;

/// The texts of an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeTexts {
    /// What happened.
    pub heading: Cow<'static, str>,
    /// What it means, and what to do.
    pub text: Cow<'static, str>,
    /// The link to continue with: its URL and its text.
    pub link: Option<(String, Cow<'static, str>)>,
}

/// Fills the card with an outcome. `good` gives it the success colour; `about` names the computer or device; `reason` is a technical
/// one, in English; `more` is a second link.
#[component]
pub fn Outcome(
    icon: Icon,
    good: bool,
    texts: OutcomeTexts,
    #[prop(optional_no_strip)] about: Option<Cow<'static, str>>,
    #[prop(optional_no_strip)] reason: Option<String>,
    #[prop(optional_no_strip)] more: Option<(String, Cow<'static, str>)>,
) -> impl IntoView {
    let OutcomeTexts { heading, text, link } = texts;
    view! {
        <div class="outcome" class:good=good>
            <span class="badge"><IconImage icon/></span>
            <h1 tabindex="-1">{heading}</h1>
            {about.map(|name| view! { <p class="tag"><bdi>{name}</bdi></p> })}
            <p>{text}</p>
            {reason.map(|reason| view! { <code dir="ltr" lang="en">{reason}</code> })}
            {link.map(|(address, words)| view! { <a class="button secondary" href=address>{words}</a> })}
            {more.map(|(address, words)| view! { <a class="quiet" href=address>{words}</a> })}
        </div>
    }
}
