//! A person's picture, or a monogram of their name.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use domain::account::Profile;
use leptos::prelude::*;

/// Number of monogram colours in `style/main.css`.
const COLORS: u32 = 6;

/// Returns a letter, and the classes that draw it as a capital in a colour derived from the name.
pub fn monogram(name: &str) -> (String, String) {
    let mixed = name.chars().fold(0_u32, |sum, letter| sum.wrapping_mul(31).wrapping_add(u32::from(letter)));
    let letter = name.chars().take(1).collect();
    (letter, format!("monogram m{}", mixed % COLORS))
}

/// Renders the monogram, with the picture on top if there is one. Decorative: the name is beside it.
#[component]
pub fn Avatar(profile: Profile) -> impl IntoView {
    let (letter, class) = monogram(&profile.display_name);
    view! {
        <span class="avatar" aria-hidden="true">
            <span class=class>{letter}</span>
            <img class="picture" src=profile.avatar_url alt=""/>
        </span>
    }
}
