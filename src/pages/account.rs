//! The account page: who is signed in, on which devices, and how to end a session.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::app_card::{AppLogo, shares};
use super::{ago, error_text};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::islands::session_watch::SessionWatch;
use crate::routes;
use clock::rfc3339;
use domain::account::{Account, Session, SessionKind};
use domain::authorization::ConnectedApp;
use domain::client::Scopes;
use domain::ids::SessionId;
use leptos::prelude::*;

/// The account page. `current` is the session that views it. If it may not end others yet, a password form replaces the
/// buttons. `has_connections` is whether there is anything on the page of connections.
#[component]
pub fn AccountPage(
    frame: Frame,
    account: Account,
    sessions: Vec<Session>,
    current: SessionId,
    may_end_others: bool,
    apps: Vec<ConnectedApp>,
    has_connections: bool,
    error: Option<ErrorCode>,
) -> impl IntoView {
    let locale = frame.locale;
    let has_others = sessions.len() > 1;
    let asks_password = (has_others || !apps.is_empty()) && !may_end_others;
    let username = account.username.clone();
    let (phones, pcs): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|session| session.kind == SessionKind::Phone);
    view! {
        <Shell frame title=text!(locale, account.title) scripts=Scripts::Islands>
            <SessionWatch/>
            <section class="card account">
                <div class="who">
                    <Avatar profile=account.profile()/>
                    <div>
                        <h1>{account.display_name}</h1>
                        {account.email.map(|email| view! { <p class="hint">{email}</p> })}
                        <p class="hint">{text!(locale, account.signed_in)}</p>
                    </div>
                </div>
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
                            view! {
                                <form method="post" action=routes::REVOKE_OTHERS>
                                    <button class="button secondary">{text!(locale, account.revoke_others)}</button>
                                </form>
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

/// Prompts for the password, after which the session may end others for a while. `next` is the page that it leads to, if not
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
                <form method="post" action=routes::DISCONNECT>
                    <input type="hidden" name="client_id" value=app.client_id.to_string()/>
                    <button class="quiet" aria-label=label>{text!(locale, app.disconnect)}</button>
                </form>
            }
        });
        view! {
            <li data-app=app.client_id.to_string()>
                <AppLogo name=app.name.clone() logo_url=app.logo_url/>
                <div>
                    <strong>{app.name}</strong>
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

#[component]
fn Sessions(
    locale: Locale,
    sessions: Vec<Session>,
    current: SessionId,
    may_end_others: bool,
    none: Text,
) -> impl IntoView {
    if sessions.is_empty() {
        return view! { <p class="none">{none}</p> }.into_any();
    }
    let rows = sessions
        .into_iter()
        .map(|session| view! { <SessionRow locale is_current=session.id == current may_end_others session/> })
        .collect_view();
    view! { <ul class="sessions">{rows}</ul> }.into_any()
}

#[component]
fn SessionRow(locale: Locale, session: Session, is_current: bool, may_end_others: bool) -> impl IntoView {
    let icon = match session.kind {
        SessionKind::Phone => Icon::Phone,
        SessionKind::Pc => Icon::Computer,
    };
    let name = match session.name {
        name if name.is_empty() => text!(locale, common.unknown_browser),
        name => name.into(),
    };
    let used = text!(locale, account.last_used, when = ago(locale, session.last_seen_at));
    let end = if is_current {
        view! { <span class="tag">{text!(locale, account.current)}</span> }.into_any()
    } else if !may_end_others {
        ().into_any()
    } else {
        view! {
            <form method="post" action=routes::REVOKE>
                <input type="hidden" name="session_id" value=session.id.to_string()/>
                <button class="quiet" aria-label=text!(locale, account.revoke_label, name = name.clone())>
                    {text!(locale, account.revoke)}
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <li data-session=session.id.to_string()>
            <IconImage icon/>
            <div>
                <strong>{name}</strong>
                <span class="hint">
                    <time datetime=rfc3339(session.last_seen_at)>{used}</time>
                    <span>{session.ip}</span>
                </span>
            </div>
            {end}
        </li>
    }
}
