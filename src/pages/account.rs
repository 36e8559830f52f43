//! The account page: who is signed in, on which devices, and how to end a session.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

pub mod sessions;

use super::app_card::{AppLogo, shares};
use super::error_text;
use super::sure::{Sure, SureButton};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::islands::session_watch::SessionWatch;
use crate::pages::install_hint::InstallHint;
use crate::pages::scan_link::ScanLink;
use crate::routes;
use domain::account::{Account, Session, SessionKind};
use domain::authorization::ConnectedApp;
use domain::client::Scopes;
use domain::ids::SessionId;
use leptos::prelude::*;
use sessions::Sessions;

/// Number of characters above which a name has smaller letters.
const LONG_NAME: usize = 16;

/// The account page. `current` is the session that views it. If it may not end others yet, a password form replaces the
/// buttons. `has_connections` is whether there is anything on the page of connections, `may_install` whether this browser can put
/// us on a home screen.
#[component]
pub fn AccountPage(
    frame: Frame,
    account: Account,
    sessions: Vec<Session>,
    current: SessionId,
    may_end_others: bool,
    apps: Vec<ConnectedApp>,
    has_connections: bool,
    may_install: bool,
    error: Option<ErrorCode>,
) -> impl IntoView {
    let locale = frame.locale;
    let has_others = sessions.len() > 1;
    let asks_password = (has_others || !apps.is_empty()) && !may_end_others;
    let username = account.username.clone();
    let is_long = account.display_name.chars().count() > LONG_NAME;
    let is_phone = sessions.iter().any(|session| session.id == current && session.kind == SessionKind::Phone);
    let (phones, pcs): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|session| session.kind == SessionKind::Phone);
    view! {
        <Shell frame title=text!(locale, account.title) scripts=Scripts::IslandsLater>
            <SessionWatch/>
            <section class="card account">
                <div class="who">
                    <Avatar profile=account.profile()/>
                    <div>
                        <h1 class:long=is_long><bdi>{account.display_name}</bdi></h1>
                        {account.email.map(|email| view! { <p class="hint"><bdi>{email}</bdi></p> })}
                        <p class="hint">{text!(locale, account.signed_in)}</p>
                    </div>
                    <a class="quiet" href=routes::SETTINGS>{text!(locale, settings.title)}</a>
                </div>
                {is_phone.then(|| view! { <ScanLink locale/> })}
                {(is_phone && may_install).then(|| view! { <InstallHint locale/> })}
                {error
                    .filter(|_| !asks_password)
                    .map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
                <h2>{text!(locale, account.pcs)}</h2>
                <Sessions locale sessions=pcs current may_end_others none=text!(locale, account.no_pcs)/>
                <h2>{text!(locale, account.phones)}</h2>
                <p class="hint">{text!(locale, account.phones_hint)}</p>
                <Sessions locale sessions=phones current may_end_others none=text!(locale, account.no_phones)/>
                {(!apps.is_empty()).then(|| view! { <Apps locale apps may_disconnect=may_end_others/> })}
                {asks_password
                    .then(|| view! { <StepUpForm locale username label=text!(locale, account.step_up) error/> })}
                {has_connections
                    .then(|| view! { <p><a href=routes::CONNECTIONS>{text!(locale, connection.link)}</a></p> })}
                <div class="ways-out">
                    {(has_others && may_end_others)
                        .then(|| {
                            let words = text!(locale, account.revoke_others);
                            view! {
                                <SureButton locale sure=Sure {
                                    id: "sign-out-others".to_owned(),
                                    class: "button danger",
                                    yes: Some(text!(locale, account.revoke)),
                                    label: None,
                                    question: text!(locale, account.revoke_others_sure),
                                    consequence: text!(locale, account.revoke_others_text),
                                    action: routes::REVOKE_OTHERS,
                                    field: None,
                                    words,
                                }/>
                            }
                        })}
                    <form method="post" action=routes::LOGOUT>
                        <button class="button secondary">{text!(locale, account.sign_out)}</button>
                    </form>
                </div>
            </section>
        </Shell>
    }
}

/// Prompts for the password, after which the session may end others and change the account for a while. `next` is the page that it leads to, if not
/// to the account's.
#[component]
pub(super) fn StepUpForm(
    locale: Locale,
    username: String,
    label: Text,
    error: Option<ErrorCode>,
    #[prop(optional_no_strip)] next: Option<String>,
) -> impl IntoView {
    let has_error = error.is_some();
    let error = error.map(|code| match code {
        ErrorCode::InvalidCredentials => text!(locale, error.wrong_password),
        code => error_text(locale, code),
    });
    view! {
        <form class="step-up" method="post" action=routes::STEP_UP>
            // Has no name, so it is not submitted; password managers look for it.
            <input type="text" autocomplete="username" value=username readonly=true hidden=true/>
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <label for="step-up">{label}</label>
            {error.map(|error| view! { <p class="form-error" role="alert" id="step-up-error">{error}</p> })}
            <input
                id="step-up"
                name="password"
                type="password"
                autocomplete="current-password"
                maxlength="1024"
                required=true
                autofocus=has_error
                aria-describedby=has_error.then_some("step-up-error")
            />
            <button class="button secondary">{text!(locale, account.step_up_submit)}</button>
        </form>
    }
}

/// Renders the apps that the account has signed in to.
#[component]
fn Apps(locale: Locale, apps: Vec<ConnectedApp>, may_disconnect: bool) -> impl IntoView {
    let row = |app: ConnectedApp| {
        let label = text!(locale, app.disconnect_label, name = app.name.clone());
        let button = may_disconnect.then(|| {
            view! {
                <SureButton locale sure=Sure {
                    id: format!("disconnect-{}", app.client_id),
                    class: "quiet",
                    words: text!(locale, app.disconnect),
                    yes: None,
                    label: Some(label),
                    question: text!(locale, app.disconnect_sure, name = app.name.clone()),
                    consequence: text!(locale, app.disconnect_text),
                    action: routes::DISCONNECT,
                    field: Some(("client_id", app.client_id.to_string())),
                }/>
            }
        });
        view! {
            <li data-app=app.client_id.to_string()>
                <AppLogo name=app.name.clone() logo_url=app.logo_url/>
                <div>
                    <strong><bdi>{app.name}</bdi></strong>
                    <span class="hint">{shares(locale, &Scopes::parse(&app.scope)).join(" · ")}</span>
                </div>
                {button}
            </li>
        }
    };
    view! {
        <h2>{text!(locale, app.connected)}</h2>
        <p class="hint">{text!(locale, app.connected_hint)}</p>
        <ul class="sessions apps">{apps.into_iter().map(row).collect_view()}</ul>
    }
}
