//! The list of an account's sessions: on what, where, since when, and how each began.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::components::icon::{Icon, IconImage};
use crate::i18n::{Locale, Text, text};
use crate::pages::ago;
use crate::pages::sure::{Sure, SureButton};
use crate::routes;
use clock::rfc3339;
use domain::account::{Began, Session, SessionKind};
use domain::ids::SessionId;
use domain::time::Timestamp;
use leptos::prelude::*;

/// Renders the sessions of one kind, the one that looks at them first, then by last use.
#[component]
pub fn Sessions(
    locale: Locale,
    mut sessions: Vec<Session>,
    current: SessionId,
    may_end_others: bool,
    none: Text,
) -> impl IntoView {
    if sessions.is_empty() {
        return view! { <p class="none">{none}</p> }.into_any();
    }
    sessions.sort_by_key(|session| (session.id != current, std::cmp::Reverse(session.last_seen_at)));
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
    let end = if is_current {
        view! { <span class="tag">{text!(locale, account.current)}</span> }.into_any()
    } else if !may_end_others {
        ().into_any()
    } else {
        let sure = Sure {
            id: format!("sign-out-{}", session.id),
            class: "quiet",
            words: text!(locale, account.revoke),
            yes: None,
            label: Some(text!(locale, account.revoke_label, name = name.clone())),
            question: text!(locale, account.revoke_sure, name = name.clone()),
            consequence: text!(locale, account.revoke_text),
            action: routes::REVOKE,
            field: Some(("session_id", session.id.to_string())),
        };
        view! { <SureButton locale sure/> }.into_any()
    };
    let began = match session.began {
        Began::Password => text!(locale, account.began_password, when = ago(locale, session.created_at)),
        Began::Code => text!(locale, account.began_code, when = ago(locale, session.created_at)),
        Began::Assertion => text!(locale, account.began_assertion, when = ago(locale, session.created_at)),
    };
    let used = text!(locale, account.last_used, when = ago(locale, session.last_seen_at));
    view! {
        <li data-session=session.id.to_string()>
            <IconImage icon/>
            <div>
                <strong><bdi>{name}</bdi></strong>
                <span class="hint"><Moment at=session.created_at words=began/></span>
                <span class="hint">
                    <Moment at=session.last_seen_at words=used/>
                    <bdi>{session.ip}</bdi>
                </span>
            </div>
            {end}
        </li>
    }
}

/// Renders words about a moment, with the moment for programs.
#[component]
fn Moment(at: Timestamp, words: Text) -> impl IntoView {
    view! { <time datetime=rfc3339(at)>{words}</time> }
}
