//! The username and password form, shared by PC and phone.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::error_text;
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, text};
use crate::routes;
use crate::server::assets;
use crate::server::user_agent::InApp;
use domain::ids::TicketId;
use leptos::prelude::*;

/// The previous attempt at this form, and where it is shown.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The username that was entered.
    pub username: String,
    /// Its error.
    pub error: Option<ErrorCode>,
    /// The app in whose browser the form is shown.
    pub in_app: Option<InApp>,
}

/// Renders a plain form. `page` is where a failed attempt returns to, `next` where a successful one leads; `scan` is
/// the ticket that the phone scans right after it; `focus` is false if something else comes first on the page. Below it
/// are the other `providers`.
#[component]
pub fn SignInForm(
    locale: Locale,
    attempt: Attempt,
    #[prop(into)] device_kind: String,
    #[prop(optional_no_strip)] page: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
    #[prop(optional_no_strip)] scan: Option<TicketId>,
    #[prop(default = true)] focus: bool,
    #[prop(optional)] providers: Vec<(String, String)>,
) -> impl IntoView {
    let elsewhere =
        providers.into_iter().map(|(id, name)| view! { <Elsewhere locale id name next=next.clone()/> }).collect_view();
    let is_phone = device_kind != "pc";
    let error = attempt.error.map(|code| error_text(locale, code));
    let has_error = error.is_some();
    let retries = has_error && !attempt.username.is_empty();
    view! {
        <form class="sign-in" method="post" action=routes::LOGIN>
            <input type="hidden" name="device_kind" value=device_kind/>
            {page.map(|page| view! { <input type="hidden" name="page" value=page/> })}
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            {scan.map(|ticket| view! { <input type="hidden" name="scan" value=ticket.to_string()/> })}
            <InAppHint locale app=attempt.in_app/>
            {error.map(|error| view! { <p class="form-error" role="alert" id="sign-in-error">{error}</p> })}
            <label>
                <span>{text!(locale, sign_in.username)}</span>
                <input
                    name="username"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="64"
                    required=true
                    autofocus=focus && !retries
                    value=attempt.username
                    aria-describedby=has_error.then_some("sign-in-error")
                />
            </label>
            <div class="field">
                <label for="sign-in-password">{text!(locale, sign_in.password)}</label>
                <span class="secret">
                    <input
                        name="password"
                        id="sign-in-password"
                        type="password"
                        autocomplete="current-password"
                        maxlength="1024"
                        required=true
                        autofocus=focus && retries
                        aria-describedby=has_error.then_some("sign-in-error")
                    />
                    <Reveal locale/>
                </span>
            </div>
            {is_phone
                .then(|| {
                    view! {
                        <label class="check">
                            <input type="checkbox" name="remember" value="1" checked=true/>
                            <span>{text!(locale, sign_in.remember)}</span>
                        </label>
                    }
                })}
            <button class="button">{text!(locale, sign_in.submit)}</button>
        </form>
        {elsewhere}
    }
}

/// A button that leads to another provider.
#[component]
fn Elsewhere(locale: Locale, id: String, name: String, next: Option<String>) -> impl IntoView {
    view! {
        <form class="sign-in" method="post" action=routes::PROVIDER.replace("{id}", &id)>
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <button class="button secondary">{text!(locale, provider.sign_in, name = name)}</button>
        </form>
    }
}

/// Says, in the browser of an app that scans codes, that a sign-in here lasts here, and what the alternative is.
#[component]
pub fn InAppHint(locale: Locale, #[prop(optional_no_strip)] app: Option<InApp>) -> impl IntoView {
    let name = app.map(|app| match app {
        InApp::WeChat => text!(locale, in_app.wechat),
        InApp::Alipay => text!(locale, in_app.alipay),
        InApp::DingTalk => text!(locale, in_app.dingtalk),
        InApp::Line => text!(locale, in_app.line),
    });
    name.map(|name| view! { <p class="hint in-app">{text!(locale, in_app.hint, app = name)}</p> })
}

/// Renders a button that shows the password in the field before it, and its script. Once on a page; further fields have
/// a [`RevealButton`].
#[component]
pub fn Reveal(locale: Locale) -> impl IntoView {
    view! {
        <RevealButton locale/>
        <script defer src=format!("{}/page.js", assets::root())></script>
    }
}

/// Renders the button alone. Hidden until the script has loaded.
#[component]
pub fn RevealButton(locale: Locale) -> impl IntoView {
    view! {
        <button type="button" class="reveal" hidden=true aria-pressed="false" aria-label=text!(locale, sign_in.reveal)>
            <IconImage icon=Icon::Eye/>
        </button>
    }
}
