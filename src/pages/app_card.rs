//! The app that a person signs in to: its name and logo, and what it would learn.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::components::avatar::monogram;
use crate::i18n::{Locale, Text, text};
use domain::client::{Scope, Scopes};
use leptos::prelude::*;

/// Renders the logo, or a monogram of the name. Decorative: the name is beside it.
#[component]
pub fn AppLogo(name: String, logo_url: Option<String>) -> impl IntoView {
    let (letter, class) = monogram(&name);
    view! {
        <span class="avatar app-logo" aria-hidden="true">
            <span class=class>{letter}</span>
            <img class="picture" src=logo_url alt=""/>
        </span>
    }
}

/// Returns what an app with these scopes learns, for people.
pub fn shares(locale: Locale, scopes: &Scopes) -> Vec<Text> {
    let shares: Vec<Text> = [
        (Scope::Profile, text!(locale, app.share_profile)),
        (Scope::Email, text!(locale, app.share_email)),
        (Scope::Groups, text!(locale, app.share_groups)),
        (Scope::OfflineAccess, text!(locale, app.share_offline)),
    ]
    .into_iter()
    .filter(|(scope, _)| scopes.contains(*scope))
    .map(|(_, words)| words)
    .collect();
    if shares.is_empty() { vec![text!(locale, app.share_nothing)] } else { shares }
}

/// Renders what the app would learn.
#[component]
pub fn Shares(locale: Locale, name: String, scopes: Scopes) -> impl IntoView {
    let shares = shares(locale, &scopes);
    view! {
        <div class="shares">
            <p class="hint">{text!(locale, app.asks_for, app = name)}</p>
            <ul>{shares.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
        </div>
    }
}
