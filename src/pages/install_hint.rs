//! The offer to put us on a phone's home screen, where the scanner is one tap away.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::components::icon::{Icon, IconImage};
use crate::i18n::{Locale, text};
use crate::server::assets;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Here instead of in the style sheet, which every page loads.
const STYLE: &str = ".install:not([hidden]){display:grid;gap:8px;padding:16px;border-radius:var(--radius);\
    background:var(--tint)}.install [hidden]{display:none}.install h2,.install .ways-out{margin:4px 0 0}.install ol{padding-inline-start:1.25em}\
    .install li .icon{width:1.25em;height:1.25em;vertical-align:-.25em}";

/// Renders the offer, hidden until its script finds that this phone has approved two sign-ins, and that the offer was not declined
/// the offer on it. A browser that can install gets a button; those of iOS get the two steps.
#[component]
pub fn InstallHint(locale: Locale) -> impl IntoView {
    view! {
        <style nonce=use_nonce() inner_html=STYLE></style>
        <section class="install" aria-labelledby="install" hidden=true>
            <h2 id="install">{text!(locale, install.heading)}</h2>
            <p class="hint">{text!(locale, install.text)}</p>
            <ol data-way="share">
                <li>{text!(locale, install.share)}" "<IconImage icon=Icon::Share/></li>
                <li>{text!(locale, install.choose)}</li>
            </ol>
            <div class="ways-out">
                <button type="button" class="button" data-way="button" data-command="install">
                    {text!(locale, install.add)}
                </button>
                <button type="button" class="quiet" data-command="decline">{text!(locale, install.decline)}</button>
            </div>
        </section>
        <script type="module" src=format!("{}/install.js", assets::root())></script>
    }
}
