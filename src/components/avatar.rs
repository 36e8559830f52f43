//! A person's picture, or a monogram drawn for the account.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::ticket::Profile;
use leptos::prelude::*;

/// How many colours of monograms there are in `style/main.css`.
const COLORS: u32 = 6;

/// The picture, or a letter on a colour that is stable for the name. Decoration: the name stands beside it.
#[component]
pub fn Avatar(profile: Profile) -> impl IntoView {
    match profile.avatar_url {
        Some(url) => view! { <img class="avatar" src=url alt="" width="64" height="64"/> }.into_any(),
        None => {
            let color = profile
                .display_name
                .chars()
                .fold(0_u32, |sum, letter| sum.wrapping_mul(31).wrapping_add(u32::from(letter)))
                % COLORS;
            let letter: String = profile.display_name.chars().take(1).flat_map(char::to_uppercase).collect();
            view! { <span class=format!("avatar monogram m{color}") aria-hidden="true">{letter}</span> }.into_any()
        }
    }
}
