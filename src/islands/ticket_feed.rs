//! The PC's live code: follows the ticket, renews it, redeems it.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

mod driver;
mod socket;

use super::page;
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::ticket::{Profile, TicketStatus, TicketView};
use driver::{Driver, Wish};
use futures::channel::mpsc;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

/// The words of every state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedTexts {
    /// Nobody has scanned.
    pub waiting: String,
    /// Under the name of who scanned.
    pub scanned: String,
    /// The same, for a screen reader.
    pub scanned_aria: String,
    /// Gives the code up for a new one.
    pub not_you: String,
    /// Approved.
    pub confirmed: String,
    /// Declined, and what that means.
    pub cancelled: (String, String),
    /// Expired too often to renew by itself, and what to do.
    pub resting: (String, String),
    /// For a screen reader, when a code was renewed.
    pub renewed: String,
    /// Asks for a new code.
    pub new_code: String,
    /// The server cannot be reached, and what happens then.
    pub offline: (String, String),
    /// Too many codes, and what happens then.
    pub busy: (String, String),
}

/// What the tile shows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Scanned(Profile),
    Confirmed,
    Cancelled,
    Resting,
    Offline,
    Busy,
}

impl Phase {
    fn of(view: &TicketView) -> Self {
        match (view.status, &view.account) {
            (TicketStatus::Scanned, Some(profile)) => Self::Scanned(profile.clone()),
            (TicketStatus::Pending | TicketStatus::Scanned, _) => Self::Waiting,
            (TicketStatus::Confirmed | TicketStatus::Redeemed, _) => Self::Confirmed,
            (TicketStatus::Cancelled, _) => Self::Cancelled,
            (TicketStatus::Expired, _) => Self::Resting,
        }
    }

    /// For style sheets and tests.
    const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scanned(_) => "scanned",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Resting => "resting",
            Self::Offline => "offline",
            Self::Busy => "busy",
        }
    }
}

/// The code as it stands in the page (the first child), what lies over it, and the rest of the panel. Without a ticket
/// the page was refused one and the island asks again.
#[island]
pub fn TicketFeed(ticket: Option<TicketView>, next: String, texts: FeedTexts, children: Children) -> impl IntoView {
    let phase = RwSignal::new(ticket.as_ref().map_or(Phase::Busy, Phase::of));
    // A renewed code with the seconds it lives; the first one is in the page.
    let renewed = RwSignal::new(None::<(String, u64)>);
    let awake = RwSignal::new(false);
    let first_life = ticket.as_ref().map_or(0, |ticket| ticket.expires_in);
    let (wishes, inbox) = mpsc::unbounded();
    let inbox = StoredValue::new_local(Some(inbox));
    let wake = wishes.clone();
    Effect::new(move |_| {
        let wake = wake.clone();
        page::on_wake(move || drop(wake.unbounded_send(Wish::Look)));
        if let Some(inbox) = inbox.try_update_value(Option::take).flatten() {
            spawn_local(Driver::new(ticket.clone(), next.clone(), phase, renewed, inbox).run());
            awake.set(true);
        }
    });
    let wish = StoredValue::new_local(move |wish: Wish| drop(wishes.unbounded_send(wish)));
    let on_click = move |of: Wish| {
        move |event: MouseEvent| {
            event.prevent_default();
            wish.with_value(|send| send(of));
        }
    };
    let announced = texts.clone();
    let announcement = move || match phase.get() {
        Phase::Waiting if renewed.with(Option::is_some) => announced.renewed.clone(),
        Phase::Waiting => announced.waiting.clone(),
        Phase::Scanned(profile) => format!("{} — {}", profile.display_name, announced.scanned_aria),
        Phase::Confirmed => announced.confirmed.clone(),
        Phase::Cancelled => announced.cancelled.0.clone(),
        Phase::Resting => announced.resting.0.clone(),
        Phase::Offline => announced.offline.0.clone(),
        Phase::Busy => announced.busy.0.clone(),
    };
    view! {
        <div
            class="panel"
            data-phase=move || phase.with(Phase::name)
            data-awake=move || awake.get().then_some("")
            class:renewed=move || renewed.with(Option::is_some)
        >
            {children()}
            {move || renewed.get().map(|(svg, _)| view! { <div class="code fresh" inner_html=svg></div> })}
            {move || view! { <TimeLeft seconds=renewed.with(|fresh| fresh.as_ref().map_or(first_life, |fresh| fresh.1))/> }}
            <div class="over">
                {move || note(phase.get(), &texts, on_click(Wish::Renew), on_click(Wish::Abandon))}
            </div>
            <p class="unseen" role="status">{announcement}</p>
        </div>
    }
}

/// A thin line around the tile that shortens as the code's time runs out. The browser animates it without script.
#[component]
fn TimeLeft(seconds: u64) -> impl IntoView {
    view! {
        <svg class="time-left" viewBox="0 0 272 272" aria-hidden="true">
            <rect x="2" y="2" width="268" height="268" rx="18" pathLength="100">
                <animate attributeName="stroke-dashoffset" from="0" to="100" dur=format!("{}s", seconds.max(1)) fill="freeze"></animate>
            </rect>
        </svg>
    }
}

/// What lies over the code. The links and the form work without script, too.
fn note(
    phase: Phase,
    texts: &FeedTexts,
    renew: impl Fn(MouseEvent) + 'static,
    abandon: impl Fn(MouseEvent) + 'static,
) -> AnyView {
    let plain = |icon, (heading, hint): &(String, String)| {
        view! {
            <span class="badge"><IconImage icon/></span>
            <strong>{heading.clone()}</strong>
            <span class="hint">{hint.clone()}</span>
        }
    };
    let with_button = move |icon, words: &(String, String)| {
        view! {
            {plain(icon, words)}
            <a class="button" href="/" on:click=renew>{texts.new_code.clone()}</a>
        }
        .into_any()
    };
    match phase {
        Phase::Waiting => ().into_any(),
        Phase::Scanned(profile) => {
            let name = profile.display_name.clone();
            view! {
                <Avatar profile/>
                <strong class="name">{name}</strong>
                <span class="hint">{texts.scanned.clone()}</span>
                <a class="quiet" href="/" on:click=abandon>{texts.not_you.clone()}</a>
            }
            .into_any()
        }
        Phase::Confirmed => view! {
            <span class="badge good"><IconImage icon=Icon::Check/></span>
            <strong>{texts.confirmed.clone()}</strong>
        }
        .into_any(),
        Phase::Cancelled => with_button(Icon::Cross, &texts.cancelled),
        Phase::Resting => with_button(Icon::Clock, &texts.resting),
        Phase::Offline => plain(Icon::Offline, &texts.offline).into_any(),
        Phase::Busy => plain(Icon::Clock, &texts.busy).into_any(),
    }
}
