//! The PC's live code: follows the ticket, renews it, redeems it.

mod driver;
mod socket;
mod stage;

use super::page;
use crate::error::ErrorCode;
use crate::wire;
use domain::ticket::{TicketStatus, TicketView};
use driver::{Addresses, Command, Driver};
use futures::channel::mpsc;
use leptos::prelude::*;
use stage::Stage;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// What the tile shows: the value of `data-phase`, and the name of the note over the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not scanned yet.
    Waiting,
    /// A phone has; its owner is shown.
    Scanned,
    /// Approved, but faster than a person reads, or by an account that is new here: the person at the PC says whether to go on as them.
    Asking,
    /// Approved.
    Confirmed,
    /// Declined or given up.
    Cancelled,
    /// Expired too often to renew by itself.
    Resting,
    /// The server cannot be reached.
    Offline,
    /// Too many codes.
    Busy,
}

impl Phase {
    /// What the tile shows of a ticket.
    pub const fn of(ticket: &TicketView) -> Self {
        match ticket.status {
            TicketStatus::Pending => Self::Waiting,
            TicketStatus::Scanned => Self::Scanned,
            TicketStatus::Confirmed if ticket.confirm_person => Self::Asking,
            TicketStatus::Confirmed | TicketStatus::Redeemed => Self::Confirmed,
            TicketStatus::Cancelled => Self::Cancelled,
            TicketStatus::Expired => Self::Resting,
        }
    }

    /// What the tile shows when the server gave no ticket.
    pub const fn without_ticket(error: ErrorCode) -> Self {
        match error {
            ErrorCode::RateLimited => Self::Busy,
            _ => Self::Offline,
        }
    }

    /// For markup, style sheets and tests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scanned => "scanned",
            Self::Asking => "asking",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Resting => "resting",
            Self::Offline => "offline",
            Self::Busy => "busy",
        }
    }
}

/// The code and the notes over it: `.panel`, rendered by the server. Its `data-ticket` is the ticket as `check` answers
/// it, or empty when the page was refused one; `data-here` is this page with a new code, `data-next` the page to go to
/// once signed in, `data-stop` the end of a sentence in the page's language.
#[island]
pub fn TicketFeed() -> impl IntoView {
    page::on_hydration(|| {
        let Some(panel) = page::find_in_page(".panel") else { return };
        let (commands, inbox) = mpsc::unbounded();
        let send = move |command: Command| drop(commands.unbounded_send(command));
        let look = send.clone();
        page::on(&document(), "visibilitychange", move |_| look(Command::Look));
        let look = send.clone();
        page::on(&window(), "online", move |_| look(Command::Look));
        page::on(&panel, "click", move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let Some(button) = target.and_then(|target| target.closest("[data-command]").ok().flatten()) {
                event.prevent_default();
                send(match page::attribute(&button, "data-command").as_str() {
                    "abandon" => Command::Abandon,
                    "agree" => Command::Agree,
                    _ => Command::Renew,
                });
            }
        });
        let ticket = wire::parse(&page::attribute(&panel, "data-ticket"));
        let address = |name| page::attribute(&panel, name);
        let addresses = Addresses { here: address("data-here"), next: address("data-next") };
        spawn_local(Driver::new(ticket, addresses, Stage::new(panel), inbox).run());
    });
}
