//! The way to the scanner, for the pages that a signed-in phone opens first.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::components::icon::{Icon, IconImage};
use crate::i18n::{Locale, text};
use crate::routes;
use leptos::prelude::*;

/// Renders the button that opens the scanner.
#[component]
pub fn ScanLink(locale: Locale) -> impl IntoView {
    view! {
        <a class="button scan-link" href=routes::SCANNER>
            <IconImage icon=Icon::Scan/>
            <span>{text!(locale, scan.link)}</span>
        </a>
    }
}
