//! What each party may see of a ticket: the response bodies of the lifecycle endpoints.

use super::app::AppView;
use super::device::UserCode;
use super::state::{Ticket, TicketState, TicketStatus};
use crate::account::{AccountView, Profile};
use crate::ids::{Secret, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A new QR code, for the PC that requested it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The ticket.
    pub id: TicketId,
    /// The URL encoded in the QR code.
    pub url: String,
    /// The QR code as an SVG document.
    pub svg: String,
    /// Always pending.
    pub status: TicketStatus,
    /// Seconds until the code expires.
    pub expires_in: u64,
    /// Recommended seconds between two checks for a client that can only poll.
    pub poll_interval: u64,
}

/// The ticket as seen by its browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// The ticket.
    pub id: TicketId,
    /// Its status.
    pub status: TicketStatus,
    /// Seconds until the code expires; zero in a final state.
    pub expires_in: u64,
    /// The person who scanned, from `scanned` on.
    pub account: Option<Profile>,
    /// Whether the page should ask "Continue as …?" before it redeems: the approval came faster than people can read,
    /// or only other accounts have signed in on this browser before. Omitted from the JSON if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm_person: bool,
}

/// The requesting PC, for the phone that just scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// Proves on confirm or cancel that the same phone decides. Single use.
    pub confirm_token: Secret,
    /// Seconds until the code expires.
    pub expires_in: u64,
    /// The requesting PC.
    pub requester: RequesterView,
}

/// The requesting PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequesterView {
    /// The address the request came from.
    pub ip: String,
    /// Name of the browser, or empty if unknown.
    pub browser: String,
    /// Name of the operating system, or empty if unknown.
    pub os: String,
    /// When it made the request, RFC 3339 UTC.
    pub requested_at: String,
    /// The app that the sign-in is for, if it is for one. Omitted from the JSON if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppView>,
    /// The code that the device shows, if the sign-in is for one: people have to compare it (RFC 8628, section 3.3.1).
    /// Omitted from the JSON if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_code: Option<UserCode>,
}

/// The result of a change that returns nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// What was done.
    pub status: String,
}

impl StatusView {
    /// Creates the result `status`.
    pub fn new(status: &str) -> Self {
        Self { status: status.to_owned() }
    }
}

/// The PC's session, returned once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// An Ed25519 JWT.
    pub token: Secret,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// Seconds until the token expires.
    pub expires_in: u64,
    /// The account that is signed in.
    pub account: AccountView,
}

impl Ticket {
    /// Returns the ticket as its browser may see it at `now`.
    pub fn view(&self, now: Timestamp) -> TicketView {
        let status = self.status_at(now);
        TicketView {
            id: self.id,
            status,
            expires_in: if status.is_final() { 0 } else { self.expires_in(now) },
            account: self.state.phone().map(|phone| phone.profile.clone()),
            confirm_person: status == TicketStatus::Confirmed
                && matches!(self.state, TicketState::Confirmed { confirm_person: true, .. }),
        }
    }

    /// Returns the seconds until the code expires, rounded up so that a live ticket never has zero.
    pub fn expires_in(&self, now: Timestamp) -> u64 {
        u64::try_from(self.expires_at.saturating_duration_since(now).as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}
