//! A button that asks before it does what cannot be undone. Without script: the question is a popover of the browser. A
//! browser without popovers shows the question at once.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::i18n::{Locale, Text, text};
use leptos::prelude::*;

/// The button, its question, and the form that a "yes" submits.
#[derive(Clone, Debug)]
pub struct Sure {
    /// Unique in the page.
    pub id: String,
    /// The classes of the button.
    pub class: &'static str,
    /// The words of the button.
    pub words: Text,
    /// The words of the "yes", if they are shorter.
    pub yes: Option<Text>,
    /// The accessible name of the button, where its words do not say what it is about.
    pub label: Option<Text>,
    /// The question.
    pub question: Text,
    /// What a "yes" leads to.
    pub consequence: Text,
    /// Where the form is sent.
    pub action: &'static str,
    /// A hidden field of the form.
    pub field: Option<(&'static str, String)>,
}

/// Renders the button and, hidden until it is pressed, the question.
#[component]
pub fn SureButton(locale: Locale, sure: Sure) -> impl IntoView {
    let Sure { id, class, words, yes, label, question, consequence, action, field } = sure;
    let heading = format!("{id}-question");
    let yes = yes.unwrap_or_else(|| words.clone());
    let (target, popover, names) = (id.clone(), id.clone(), heading.clone());
    view! {
        <button type="button" class=class popovertarget=target aria-label=label>{words}</button>
        <div class="sure" id=popover popover="auto" role="dialog" aria-labelledby=names>
            <h2 id=heading>{question}</h2>
            <p>{consequence}</p>
            <form class="decide" method="post" action=action>
                {field.map(|(name, value)| view! { <input type="hidden" name=name value=value/> })}
                <button type="button" class="button cancel" popovertarget=id popovertargetaction="hide">
                    {text!(locale, confirm.cancel)}
                </button>
                <button class="button danger">{yes}</button>
            </form>
        </div>
    }
}
