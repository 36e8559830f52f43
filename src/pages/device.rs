//! The page where a person types the code that a device shows.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::error_text;
use super::sign_in_form::{Attempt, SignInForm};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::text;
use crate::routes;
use domain::account::Profile;
use domain::ticket::UserCode;
use leptos::prelude::*;

/// What the page asks for.
#[derive(Clone, Debug)]
pub enum DeviceStep {
    /// Sign in first.
    SignIn {
        /// The previous attempt.
        attempt: Attempt,
        /// The kind of device that signs in.
        kind: &'static str,
    },
    /// Type the code.
    Type {
        /// Who is signed in.
        profile: Profile,
        /// The code that is filled in.
        code: Option<UserCode>,
        /// The error of an earlier attempt.
        error: Option<ErrorCode>,
    },
}

/// The page. `here` in the frame is the URL that a sign-in returns to.
#[component]
pub fn DevicePage(frame: Frame, step: DeviceStep) -> impl IntoView {
    let locale = frame.locale;
    let here = frame.here.clone();
    let providers = frame.providers.clone();
    let body = match step {
        DeviceStep::SignIn { attempt, kind } => view! {
            <h1>{text!(locale, device.sign_in_heading)}</h1>
            <p class="lead">{text!(locale, device.sign_in_hint)}</p>
            <SignInForm locale attempt device_kind=kind page=Some(here.clone()) next=Some(here) providers/>
        }
        .into_any(),
        DeviceStep::Type { profile, code, error } => {
            let error = error.map(|code| match code {
                ErrorCode::TicketNotFound => text!(locale, device.wrong_code),
                code => error_text(locale, code),
            });
            let has_error = error.is_some();
            view! {
                <form class="scan enter-code" method="post" action=routes::DEVICE>
                    <span class="badge"><IconImage icon=Icon::Computer/></span>
                    <h1>{text!(locale, device.enter_heading)}</h1>
                    <p class="person"><Avatar profile=profile.clone()/><bdi>{profile.display_name}</bdi></p>
                    <label class="lead" for="user-code">{text!(locale, device.enter_hint)}</label>
                    {error.map(|error| view! { <p class="form-error" role="alert" id="code-error">{error}</p> })}
                    <input
                        id="user-code"
                        class="code-field"
                        name="user_code"
                        value=code.map(|code| code.to_string())
                        placeholder="XXXX-XXXX"
                        autocomplete="off"
                        autocapitalize="characters"
                        spellcheck="false"
                        maxlength="32"
                        required=true
                        autofocus=true
                        aria-invalid=has_error.then_some("true")
                        aria-describedby=has_error.then_some("code-error")
                    />
                    <button class="button">{text!(locale, device.enter_submit)}</button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <Shell frame title=text!(locale, device.title) scripts=Scripts::None>
            <section class="card phone">{body}</section>
        </Shell>
    }
}
