//! What each side may see of a ticket: the bodies of the lifecycle endpoints.

use super::state::{Ticket, TicketState, TicketStatus};
use crate::account::{AccountView, Profile};
use crate::ids::{Secret, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A new QR code, for the PC that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The ticket.
    pub id: TicketId,
    /// Exactly what the QR encodes.
    pub url: String,
    /// The QR as an SVG document.
    pub svg: String,
    /// Always pending.
    pub status: TicketStatus,
    /// Seconds until the code ends.
    pub expires_in: u64,
    /// Seconds that a client which can only poll should leave between two checks.
    pub poll_interval: u64,
}

/// The ticket as its browser watches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// The ticket.
    pub id: TicketId,
    /// Where it stands.
    pub status: TicketStatus,
    /// Seconds until the code ends; zero once nothing can follow.
    pub expires_in: u64,
    /// Who scanned, from `scanned` on.
    pub account: Option<Profile>,
    /// Whether the page should ask "Continue as …?" before it redeems: the approval came faster than a person reads, or
    /// only other accounts have signed in on this browser before. Left out of the JSON when false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm_person: bool,
}

/// The PC that asks, for the phone that just scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// Proves at confirm or cancel that the same phone decides. Used once.
    pub confirm_token: Secret,
    /// Seconds until the code ends.
    pub expires_in: u64,
    /// Which PC asks.
    pub requester: RequesterView,
}

/// Which PC asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequesterView {
    /// Address the request came from.
    pub ip: String,
    /// Browser's name, or empty when unknown.
    pub browser: String,
    /// Operating system's name, or empty when unknown.
    pub os: String,
    /// When it asked, RFC 3339 UTC.
    pub requested_at: String,
}

/// The outcome of a change that returns nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// What has become of it.
    pub status: String,
}

impl StatusView {
    /// The outcome named `status`.
    pub fn new(status: &str) -> Self {
        Self { status: status.to_owned() }
    }
}

/// The PC's session, told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// An Ed25519 JWT.
    pub token: Secret,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// Seconds the token lives.
    pub expires_in: u64,
    /// Who is signed in.
    pub account: AccountView,
}

impl Ticket {
    /// The ticket as its browser may see it at `now`.
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

    /// Seconds until the code ends, rounded up so that a living ticket never says zero.
    pub fn expires_in(&self, now: Timestamp) -> u64 {
        u64::try_from(self.expires_at.saturating_duration_since(now).as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}
