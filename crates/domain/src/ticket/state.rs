//! The states of a ticket.
//!
//! ```text
//!            scan             confirm             redeem
//!  pending ───────▶ scanned ──────────▶ confirmed ───────▶ redeemed
//!     │               │                    │
//!     ├── abandon ────┼── cancel, abandon ─┼──────────────▶ cancelled
//!     └── time ───────┴── time ────────────┴── time ──────▶ expired
//!                                        (confirmed never becomes cancelled)
//! ```

use super::app::{AppView, RequestingApp};
use super::device::DeviceRequest;
use crate::account::Profile;
use crate::ids::{AccountId, DeviceId, SecretHash, SessionId, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A QR code and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The id encoded in the QR code.
    pub id: TicketId,
    /// Incremented by every change; a store replaces a ticket only if its version is still the one that was read.
    pub version: u32,
    /// Hash of the secret of the requesting browser. Required to watch and to redeem.
    pub browser: SecretHash,
    /// The requesting PC, for the user to recognise.
    pub requester: Requester,
    /// Accounts that have signed in on this browser before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_accounts: Vec<AccountId>,
    /// The app that asks, if the sign-in is for one: the approval then is also the consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<RequestingApp>,
    /// The device that asks, if the ticket is for one: then no browser ever gets a session of it, but the device gets
    /// tokens. Boxed, because most tickets have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Box<DeviceRequest>>,
    /// When the code was issued.
    pub created_at: Timestamp,
    /// When the code expires, in any state but a final one.
    pub expires_at: Timestamp,
    /// The current state.
    pub state: TicketState,
}

/// The requesting PC, as shown on the phone (RFC 10027, section 6.1.14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The address the request came from.
    pub ip: String,
    /// Name of the browser, or empty if the user agent does not reveal it.
    pub browser: String,
    /// Name of the operating system, or empty.
    pub os: String,
}

/// The phone that scanned, and its account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The account of the phone.
    pub account: AccountId,
    /// The account's device.
    pub device: DeviceId,
    /// The phone's session; an approval counts only while it lives. `None` in tickets stored by versions before this
    /// field.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The profile that the PC shows.
    pub profile: Profile,
}

impl Phone {
    /// Returns whether this is that phone of that account.
    pub fn is(&self, account: AccountId, device: &DeviceId) -> bool {
        self.account == account && self.device == *device
    }
}

/// The state of a ticket, with the data that exists in that state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum TicketState {
    /// Not scanned yet.
    Pending,
    /// A phone owns it; only that phone, with the confirm token, can decide.
    Scanned {
        /// The owner.
        phone: Phone,
        /// Hash of the currently valid confirm token.
        confirm: SecretHash,
        /// When it was last scanned.
        #[serde(default)]
        at: Timestamp,
    },
    /// Approved, but not redeemed by the browser yet.
    Confirmed {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that approved, used to recognise a repeated approval.
        #[serde(default)]
        confirm: Option<SecretHash>,
        /// Whether the PC should ask "Continue as …?" before it redeems.
        #[serde(default)]
        confirm_person: bool,
        /// When it was approved.
        #[serde(default)]
        at: Timestamp,
    },
    /// The browser has received its session. Final.
    Redeemed {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that approved.
        #[serde(default)]
        confirm: Option<SecretHash>,
        /// When it was redeemed. The session's timestamps derive from it, so that a repeated redeem yields the same
        /// token.
        #[serde(default)]
        at: Timestamp,
    },
    /// Declined on the phone or abandoned at the PC. Final.
    Cancelled {
        /// Who cancelled it.
        by: Cancellation,
    },
    /// Its time is up. Final.
    Expired {
        /// The owner, if it had one.
        phone: Option<Phone>,
    },
}

/// Who cancelled a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "lowercase")]
pub enum Cancellation {
    /// The user declined on the phone that owned the ticket.
    Phone {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that declined, used to recognise a repeated decision.
        #[serde(default)]
        confirm: Option<SecretHash>,
    },
    /// The user at the PC abandoned it.
    Browser {
        /// The owner, if a phone had scanned it by then.
        phone: Option<Phone>,
    },
}

/// The name of a [`TicketState`], as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketStatus {
    /// 未扫描
    Pending,
    /// 已扫描待确认
    Scanned,
    /// 已确认
    Confirmed,
    /// 已登录
    Redeemed,
    /// 已取消
    Cancelled,
    /// 已失效
    Expired,
}

impl TicketStatus {
    /// Returns whether no transition can follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Redeemed | Self::Cancelled | Self::Expired)
    }

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scanned => "scanned",
            Self::Confirmed => "confirmed",
            Self::Redeemed => "redeemed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

impl TicketState {
    /// Returns the name of the state.
    pub const fn status(&self) -> TicketStatus {
        match self {
            Self::Pending => TicketStatus::Pending,
            Self::Scanned { .. } => TicketStatus::Scanned,
            Self::Confirmed { .. } => TicketStatus::Confirmed,
            Self::Redeemed { .. } => TicketStatus::Redeemed,
            Self::Cancelled { .. } => TicketStatus::Cancelled,
            Self::Expired { .. } => TicketStatus::Expired,
        }
    }

    /// Returns the phone that owns the ticket, if there is one.
    pub const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Pending => None,
            Self::Scanned { phone, .. }
            | Self::Confirmed { phone, .. }
            | Self::Redeemed { phone, .. }
            | Self::Cancelled { by: Cancellation::Phone { phone, .. } } => Some(phone),
            Self::Cancelled { by: Cancellation::Browser { phone } } | Self::Expired { phone } => phone.as_ref(),
        }
    }
}

impl Ticket {
    /// Returns the status at `now`: an overdue ticket counts as expired, even if the store has not updated it yet.
    pub fn status_at(&self, now: Timestamp) -> TicketStatus {
        if self.is_overdue(now) { TicketStatus::Expired } else { self.state.status() }
    }

    /// Returns whether the ticket should have expired but is not marked as expired yet.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        !self.state.status().is_final() && now >= self.expires_at
    }

    /// Returns the app or the device that the sign-in is for, as clients of the API see it.
    pub fn app_view(&self) -> Option<AppView> {
        self.app.as_ref().map(RequestingApp::view).or_else(|| Some(self.device.as_ref()?.view()))
    }

    /// Returns whether other accounts have signed in on this browser before, but not this one.
    pub fn is_new_person(&self, account: AccountId) -> bool {
        !self.known_accounts.is_empty() && !self.known_accounts.contains(&account)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name_in_text_and_in_json() {
        use TicketStatus::{Cancelled, Confirmed, Expired, Pending, Redeemed, Scanned};
        for (status, name, is_final) in [
            (Pending, "pending", false),
            (Scanned, "scanned", false),
            (Confirmed, "confirmed", false),
            (Redeemed, "redeemed", true),
            (Cancelled, "cancelled", true),
            (Expired, "expired", true),
        ] {
            assert_eq!(status.as_str(), name);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{name}\""));
            assert_eq!(status.is_final(), is_final, "{name}");
        }
    }
}
