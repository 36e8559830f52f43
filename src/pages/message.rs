//! A page with a single message and what to do next.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::app::{Frame, Scripts, Shell};
use crate::components::icon::Icon;
use crate::components::outcome::{Outcome, OutcomeTexts};
use leptos::prelude::*;

/// Renders one outcome in a card. `reason` is for developers.
#[component]
pub fn MessagePage(
    frame: Frame,
    icon: Icon,
    good: bool,
    texts: OutcomeTexts,
    #[prop(optional)] reason: Option<String>,
) -> impl IntoView {
    let title = texts.heading.clone();
    view! {
        <Shell frame title scripts=Scripts::None>
            <section class="card narrow">
                <Outcome icon good texts reason/>
            </section>
        </Shell>
    }
}
