//! The PC's live QR code: follows the ticket, renews it and redeems it.

mod driver;
mod socket;
mod stage;

use super::page;
use crate::error::ErrorCode;
use crate::routes;
use crate::wire;
use domain::ticket::{TicketStatus, TicketView};
use driver::{Command, Driver};
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
    /// Scanned; the owner of the phone is shown.
    Scanned,
    /// Approved, but faster than a person can read, or by an account that is new to this browser: the user at the PC
    /// confirms whether to continue as that account.
    Asking,
    /// Approved.
    Confirmed,
    /// Declined or given up.
    Cancelled,
    /// Expired too often to renew automatically.
    Resting,
    /// The server cannot be reached.
    Offline,
    /// Rate limited: too many codes.
    Busy,
}

impl Phase {
    /// Returns the phase for a ticket.
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

    /// Returns the phase for a failure to get a ticket.
    pub const fn without_ticket(error: ErrorCode) -> Self {
        match error {
            ErrorCode::RateLimited => Self::Busy,
            _ => Self::Offline,
        }
    }

    /// Returns the name used by markup, style sheet and tests.
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

/// The pages to navigate to.
struct Addresses {
    /// This page with a new code.
    here: String,
    /// The page that was requested, once signed in.
    next: String,
}

impl Addresses {
    /// Returns the URL of this page with that code.
    fn of_ticket(&self, ticket: &TicketView) -> String {
        let mark = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{mark}ticket={}", self.here, ticket.id)
    }

    /// Returns the authorization request that the sign-in answers.
    fn interaction(&self) -> Option<String> {
        Some(self.next.strip_prefix(routes::CONTINUE)?.strip_prefix("?i=")?.to_owned())
    }
}

/// The code and the notes over it: `.panel`, rendered by the server. `data-ticket` is the ticket as returned by
/// `check`, or empty if the page was refused one; `data-here` is the URL of this page with a new code, `data-next` the
/// page to go to once signed in, `data-stop` the full stop in the page's language.
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
