//! The code in all its states.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::{Code, address};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::i18n::{Locale, text};
use crate::islands::ticket_feed::{Phase, TicketFeed};
use crate::pages::error_text;
use crate::routes;
use domain::account::Profile;
use domain::ids::TicketId;
use domain::ticket::{TicketStatus, TicketView};
use leptos::prelude::*;

/// Renders the panel in all its states; the style sheet shows the one that `data-phase` names.
#[component]
pub fn CodePanel(locale: Locale, code: Code, next: Option<String>) -> impl IntoView {
    let Code { ticket, svg, error, .. } = code;
    let phase = ticket.as_ref().map_or_else(|error| Phase::without_ticket(*error), Phase::of).name();
    let ticket = ticket.ok();
    let without_script = ticket.as_ref().map(|ticket| without_script(locale, ticket, next.as_deref()));
    let fields = redeem(ticket.as_ref().map(|ticket| ticket.id), next.as_deref());
    let renew = address(&[("next", next.as_deref())]);
    let here = renew.clone();
    let next = next.unwrap_or_else(|| routes::ACCOUNT.to_owned());
    let seconds = ticket.as_ref().map_or(1, |ticket| ticket.expires_in.max(1));
    let profile = ticket.as_ref().and_then(|ticket| ticket.account.clone());
    let stop = text!(locale, common.full_stop);
    let json = ticket.as_ref().and_then(|ticket| serde_json::to_string(ticket).ok()).unwrap_or_default();
    view! {
        <div class="stage">
            <h2>{text!(locale, pc.heading)}</h2>
            {error.map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
            <div class="panel" data-phase=phase data-ticket=json data-here=here data-next=next data-stop=stop>
                <div class="tile">
                    <div class="code" role="img" aria-label=text!(locale, pc.code_label) inner_html=svg></div>
                    <TimeLeft seconds/>
                    <Notes locale profile renew redeem=fields/>
                    <button
                        type="button"
                        class="enlarge"
                        hidden=true
                        aria-pressed="false"
                        aria-label=text!(locale, pc.enlarge)
                    ></button>
                </div>
                <p class="unseen" role="status" aria-live="polite" aria-atomic="true"></p>
                <ol class="steps">
                    <li>{text!(locale, pc.step_open)}</li>
                    <li>{text!(locale, pc.step_scan)}</li>
                    <li>{text!(locale, pc.step_confirm)}</li>
                </ol>
                <noscript>{without_script}</noscript>
            </div>
            <TicketFeed/>
        </div>
    }
}

/// Renders a thin line around the tile that shrinks until the code expires. The browser animates it without script. The line is
/// as long as one dash, so it shrinks as the path gets longer: of the path's properties, its length alone is none of CSS, whose
/// animation Firefox counts as an inline style, which the policy forbids.
#[component]
fn TimeLeft(seconds: u64) -> impl IntoView {
    view! {
        <svg class="time-left" viewBox="0 0 336 336" aria-hidden="true">
            <rect x="1.5" y="1.5" width="333" height="333" rx="26.5" pathLength="100">
                <animate
                    attributeName="pathLength"
                    // 2000 divided by 20 to 1: in twenty steps to a twentieth of the line, and then to nothing.
                    values="100;105;111;117;125;133;142;153;166;181;200;222;250;285;333;400;500;666;1000;2000;100000"
                    dur=format!("{seconds}s")
                    fill="freeze"
                ></animate>
            </rect>
        </svg>
    }
}

/// Renders the overlay of each state. Its links and `redeem`, a form's hidden fields, also work without script.
#[component]
fn Notes(locale: Locale, profile: Option<Profile>, renew: String, redeem: AnyView) -> impl IntoView {
    let profile = profile.unwrap_or(Profile { display_name: String::new(), avatar_url: None });
    let name = profile.display_name.clone();
    let (abandon, not_me) = (renew.clone(), renew.clone());
    let new_code = || {
        let renew = renew.clone();
        view! { <a class="button" href=renew data-command="renew">{text!(locale, feed.new_code)}</a> }.into_any()
    };
    let note = |phase: Phase, icon, heading, hint, action: Option<AnyView>| {
        view! {
            <div class="note" data-note=phase.name()>
                <span class="badge" class:good=phase == Phase::Confirmed><IconImage icon/></span>
                <strong>{heading}</strong>
                <span class="hint">{hint}</span>
                {action}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="over">
            <p class="unseen" data-note="waiting">{text!(locale, feed.waiting)}</p>
            <div class="note" data-note="scanned">
                <Avatar profile=profile.clone()/>
                <strong class="name" dir="auto">{name.clone()}</strong>
                <span class="hint">{text!(locale, feed.scanned)}</span>
                <a class="quiet" href=abandon data-command="abandon">{text!(locale, feed.not_you)}</a>
            </div>
            <div class="note" data-note="asking">
                <Avatar profile/>
                <strong class="name" dir="auto">{name}</strong>
                <span class="hint">{text!(locale, feed.asking)}</span>
                <form class="choices" method="post" action=routes::REDEEM>
                    {redeem}
                    <button class="button" data-command="agree">{text!(locale, feed.agree)}</button>
                    <a class="button" href=not_me data-command="renew">{text!(locale, feed.not_me)}</a>
                </form>
            </div>
            {note(Phase::Confirmed, Icon::Check, text!(locale, feed.confirmed), "".into(), None)}
            {note(
                Phase::Cancelled,
                Icon::Cross,
                text!(locale, feed.cancelled),
                text!(locale, feed.cancelled_hint),
                Some(new_code()),
            )}
            {note(
                Phase::Resting,
                Icon::Clock,
                text!(locale, feed.resting),
                text!(locale, feed.resting_hint),
                Some(new_code()),
            )}
            {note(
                Phase::Offline,
                Icon::Offline,
                text!(locale, feed.offline),
                text!(locale, feed.offline_hint),
                None,
            )}
            {note(Phase::Busy, Icon::Clock, text!(locale, feed.busy), text!(locale, feed.busy_hint), None)}
        </div>
    }
}

/// Without script the last step needs a button, because a GET must not change state.
fn without_script(locale: Locale, ticket: &TicketView, next: Option<&str>) -> AnyView {
    match ticket.status {
        // The overlay has this button already, beside the one for "someone else".
        TicketStatus::Confirmed if ticket.confirm_person => ().into_any(),
        TicketStatus::Confirmed => view! {
            <form method="post" action=routes::REDEEM>
                {redeem(Some(ticket.id), next)}
                <button class="button">{text!(locale, pc.proceed)}</button>
            </form>
        }
        .into_any(),
        TicketStatus::Pending | TicketStatus::Scanned => {
            view! { <p class="hint">{text!(locale, pc.refresh_hint)}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// Renders the hidden fields of a form that redeems the ticket.
fn redeem(ticket: Option<TicketId>, next: Option<&str>) -> AnyView {
    view! {
        {ticket.map(|id| view! { <input type="hidden" name="id" value=id.to_string()/> })}
        {next.map(|next| view! { <input type="hidden" name="next" value=next.to_owned()/> })}
    }
    .into_any()
}
