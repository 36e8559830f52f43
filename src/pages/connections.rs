//! The page of connections: services that scripts get tokens of. While the person approves one, it shows the service's code.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::account::StepUpForm;
use super::{ago, error_text};
use crate::app::{Frame, Scripts, Shell};
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::islands::session_watch::SessionWatch;
use crate::routes;
use domain::client::Upstream;
use domain::connection::{Connection, ConnectionState, Prompt};
use domain::ids::{ConnectionId, Secret};
use leptos::prelude::*;
use std::sync::Arc;

/// What the page shows besides the lists.
#[derive(Clone, Debug)]
pub enum Focus {
    /// Nothing.
    Lists,
    /// An attempt: how to approve it, and the QR code as SVG.
    Attempt(ConnectionId, Prompt, String),
    /// A key that has just been made, and the URL that it is for. It is never shown again.
    Key(Secret, String),
}

/// The page. If the session may not change anything yet, a password form replaces the buttons.
#[component]
pub fn ConnectionsPage(
    frame: Frame,
    username: String,
    services: Vec<Arc<Upstream>>,
    connections: Vec<Connection>,
    focus: Focus,
    may_change: bool,
    error: Option<ErrorCode>,
) -> impl IntoView {
    let locale = frame.locale;
    let here = frame.here.clone();
    // A browser without script looks again by itself.
    let refresh = matches!(focus, Focus::Attempt(..)).then(|| here.clone());
    let shown = match &focus {
        Focus::Attempt(id, ..) => Some(*id),
        _ => None,
    };
    let name_of = |id: &str| services.iter().find(|it| it.id == id).map_or_else(|| id.to_owned(), |it| it.name.clone());
    let focused = match focus {
        Focus::Lists => ().into_any(),
        Focus::Attempt(id, prompt, svg) => {
            let attempt = connections.iter().find(|it| it.id == id);
            let name = attempt.map(|it| name_of(&it.upstream)).unwrap_or_default();
            view! { <Attempt locale id name prompt svg/> }.into_any()
        }
        Focus::Key(key, url) => view! { <NewKey locale key url/> }.into_any(),
    };
    let rows = connections
        .into_iter()
        .map(|row| view! { <Row locale name=name_of(&row.upstream) is_shown=shown == Some(row.id) row may_change/> })
        .collect_view();
    let has_none = rows.is_empty();
    let starts = services.into_iter().map(|it| view! { <Start locale service=it may_change/> }).collect_view();
    view! {
        <Shell frame title=text!(locale, connection.title) scripts=Scripts::IslandsLater refresh>
            <SessionWatch/>
            <section class="card account">
                <div class="head-line">
                    <h1>{text!(locale, connection.title)}</h1>
                    <a class="quiet" href=routes::ACCOUNT>{text!(locale, settings.back)}</a>
                </div>
                <p class="hint">{text!(locale, connection.hint)}</p>
                {error
                    .filter(|_| may_change)
                    .map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
                {focused}
                <h2>{text!(locale, connection.yours)}</h2>
                {if has_none {
                    view! { <p class="none">{text!(locale, connection.none)}</p> }.into_any()
                } else {
                    view! { <ul class="sessions">{rows}</ul> }.into_any()
                }}
                {(!starts.is_empty())
                    .then(|| {
                        view! {
                            <h2>{text!(locale, connection.services)}</h2>
                            <ul class="sessions">{starts}</ul>
                        }
                    })}
                {(!may_change)
                    .then(|| {
                        let label = text!(locale, connection.step_up);
                        view! { <StepUpForm locale username label error next=Some(here)/> }
                    })}
            </section>
        </Shell>
    }
}

/// Renders how to approve an attempt. The island watches the one that `data-connection` names.
#[component]
fn Attempt(locale: Locale, id: ConnectionId, name: String, prompt: Prompt, svg: String) -> impl IntoView {
    let address = prompt.address().to_owned();
    view! {
        <div class="attempt" data-connection=id.to_string()>
            <h2>{text!(locale, connection.approve, name = name.clone())}</h2>
            <div class="code" role="img" aria-label=text!(locale, connection.code_label) inner_html=svg></div>
            <p>
                {text!(locale, connection.open)} " "
                <a href=address target="_blank" rel="noopener noreferrer">{prompt.verification_uri}</a>
            </p>
            <div class="user-code">
                <span>{text!(locale, connection.compare)}</span>
                <strong><bdi>{prompt.user_code}</bdi></strong>
            </div>
            <p class="hint" role="status">{text!(locale, connection.waiting)}</p>
            <p class="hint">{text!(locale, connection.own_account, name = name)}</p>
            <Action id what="disconnect" label=text!(locale, connection.cancel)/>
        </div>
    }
}

/// Renders a key, once.
#[component]
fn NewKey(locale: Locale, key: Secret, url: String) -> impl IntoView {
    let command = format!("curl -X POST -H 'Authorization: Bearer {}' {url}", key.reveal());
    view! {
        <div class="attempt new-key" role="status">
            <h2>{text!(locale, connection.key_heading)}</h2>
            <p>{text!(locale, connection.key_hint)}</p>
            <pre class="user-code" tabindex="0">{command}</pre>
        </div>
    }
}

fn state_text(locale: Locale, state: ConnectionState) -> Text {
    match state {
        ConnectionState::Pending => text!(locale, connection.pending),
        ConnectionState::Connected => text!(locale, connection.connected),
        ConnectionState::Declined => text!(locale, connection.declined),
        ConnectionState::Expired => text!(locale, connection.expired),
        ConnectionState::Failed => text!(locale, connection.failed),
        ConnectionState::Lost => text!(locale, connection.lost),
    }
}

/// Renders a connection. The attempt that is shown above has its button there.
#[component]
fn Row(locale: Locale, name: String, row: Connection, is_shown: bool, may_change: bool) -> impl IntoView {
    let Connection { id, state, .. } = row;
    let is_connected = state == ConnectionState::Connected;
    let state_said = match (is_connected, row.label) {
        (true, Some(label)) => text!(locale, connection.connected_as, label = label),
        _ => state_text(locale, state),
    };
    let used = row.used_at.map(|at| text!(locale, connection.used, when = ago(locale, at)));
    let key_said = (is_connected && row.script_key.is_some()).then(|| text!(locale, connection.has_key));
    // Each on a line of its own.
    let more = [key_said, used].into_iter().flatten().map(|said| view! { <br/>{said} }).collect_view();
    let open = (state == ConnectionState::Pending && !is_shown).then(|| {
        view! { <a class="quiet" href=format!("{}?id={id}", routes::CONNECTIONS)>{text!(locale, connection.show)}</a> }
    });
    let actions = (may_change && !is_shown).then(|| {
        let make = match row.script_key {
            None => text!(locale, connection.make_key),
            Some(_) => text!(locale, connection.replace_key),
        };
        let end = match state {
            ConnectionState::Connected => text!(locale, connection.disconnect),
            ConnectionState::Pending => text!(locale, connection.cancel),
            _ => text!(locale, connection.remove),
        };
        view! {
            {is_connected.then(|| view! { <Action id what="key" label=make/> })}
            {row.script_key
                .map(|_| view! { <Action id what="remove_key" label=text!(locale, connection.remove_key)/> })}
            <Action id what="disconnect" label=end/>
        }
    });
    view! {
        <li data-row=id.to_string() data-state=state.as_str()>
            <IconImage icon=if is_connected { Icon::Check } else { Icon::Clock }/>
            <div>
                <strong><bdi>{name}</bdi></strong>
                <span class="hint">{state_said}{more}</span>
                <div class="acts">{open} {actions}</div>
            </div>
        </li>
    }
}

#[component]
fn Start(locale: Locale, service: Arc<Upstream>, may_change: bool) -> impl IntoView {
    let label = text!(locale, connection.start_label, name = service.name.clone());
    let form = may_change.then(|| {
        view! {
            <form method="post" action=routes::CONNECTIONS>
                <input type="hidden" name="do" value="start"/>
                <input type="hidden" name="service" value=service.id.clone()/>
                <button class="quiet" aria-label=label>{text!(locale, connection.start)}</button>
            </form>
        }
    });
    view! {
        <li data-service=service.id.clone()>
            <div><strong><bdi>{service.name.clone()}</bdi></strong></div>
            {form}
        </li>
    }
}

/// A button that changes one connection.
#[component]
fn Action(id: ConnectionId, what: &'static str, label: Text) -> impl IntoView {
    view! {
        <form method="post" action=routes::CONNECTIONS>
            <input type="hidden" name="do" value=what/>
            <input type="hidden" name="id" value=id.to_string()/>
            <button class="quiet">{label}</button>
        </form>
    }
}
