//! The forms that ask for the password each time: a new password, and the deletion of the account.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::{FormError, Outcome, Part, Rights};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::pages::sign_in_form::RevealButton;
use crate::routes;
use crate::server::assets;
use leptos::prelude::*;

/// Renders the form for a new password.
#[component]
pub fn PasswordForm(locale: Locale, username: String, has_password: bool, outcome: Outcome) -> impl IntoView {
    if !has_password {
        return view! {
            <section class="part">
                <h2>{text!(locale, settings.password)}</h2>
                <p class="none">{text!(locale, settings.password_none)}</p>
            </section>
        }
        .into_any();
    }
    let error = outcome.error_at(locale, Some(Part::Password));
    let is_new_wrong = matches!(outcome.error, Some(ErrorCode::InvalidPassword | ErrorCode::PasswordMismatch));
    let has_error = error.is_some();
    let describes = |is_this: bool| (has_error && is_this).then_some("password-error");
    view! {
        <form class="part sign-in" method="post" action=routes::SETTINGS_PASSWORD>
            <h2>{text!(locale, settings.password)}</h2>
            <p class="hint">{text!(locale, settings.password_hint)}</p>
            // Has no name, so it is not submitted; password managers look for it.
            <input type="text" autocomplete="username" value=username readonly=true hidden=true/>
            <FormError id="password-error" error/>
            <SecretField
                locale
                id="old-password"
                label=text!(locale, settings.password_old)
                name="password"
                autofocus=has_error && !is_new_wrong
                describedby=describes(!is_new_wrong)
            />
            <SecretField
                locale
                id="new-password"
                label=text!(locale, settings.password_new)
                name="new_password"
                autofocus=has_error && is_new_wrong
                describedby=describes(is_new_wrong)
            />
            // Where nothing can show what was typed, it is typed twice.
            <noscript>
                <label>
                    <span>{text!(locale, settings.password_again)}</span>
                    <input name="new_password_again" type="password" autocomplete="new-password" maxlength="1024" required=true/>
                </label>
            </noscript>
            <button class="button secondary">{text!(locale, settings.password_save)}</button>
            <script defer src=format!("{}/page.js", assets::root())></script>
        </form>
    }
    .into_any()
}

/// Renders a field for a password: the account's, or as `new_password` the next one.
#[component]
fn SecretField(
    locale: Locale,
    id: &'static str,
    label: Text,
    name: &'static str,
    #[prop(optional)] autofocus: bool,
    #[prop(optional_no_strip)] describedby: Option<&'static str>,
) -> impl IntoView {
    let is_new = name == "new_password";
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <span class="secret">
                <input
                    id=id
                    name=name
                    type="password"
                    autocomplete=if is_new { "new-password" } else { "current-password" }
                    minlength=is_new.then_some("8")
                    maxlength="1024"
                    required=true
                    autofocus=autofocus
                    aria-describedby=describedby
                />
                <RevealButton locale/>
            </span>
        </div>
    }
}

/// Renders the form that deletes the account, folded up until there is something to say in it.
#[component]
pub fn DeleteForm(locale: Locale, username: String, rights: Rights, outcome: Outcome) -> impl IntoView {
    let error = outcome.error_at(locale, Some(Part::Delete));
    let (has_error, is_open) = (error.is_some(), error.is_some());
    let Rights { has_password, is_phone, .. } = rights;
    if !has_password && !is_phone {
        return ().into_any();
    }
    view! {
        <details class="part danger-zone" open=is_open>
            <summary><h2>{text!(locale, settings.delete)}</h2></summary>
            <form class="sign-in" method="post" action=routes::SETTINGS_DELETE>
                <p>{text!(locale, settings.delete_text)}</p>
                <FormError id="delete-error" error/>
                <label>
                    <span>{text!(locale, settings.delete_username)} " "<bdi>{username}</bdi></span>
                    <input
                        name="username"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        required=true
                        autofocus=has_error
                        aria-describedby=has_error.then_some("delete-error")
                    />
                </label>
                {has_password
                    .then(|| {
                        view! {
                            <SecretField locale id="delete-password" label=text!(locale, settings.password_old) name="password"/>
                        }
                    })}
                <button class="button danger">{text!(locale, settings.delete_submit)}</button>
            </form>
        </details>
    }
    .into_any()
}
