//! What a ticket is.
//!
//! ```text
//!            scan             confirm             redeem
//!  pending ───────▶ scanned ──────────▶ confirmed ───────▶ redeemed
//!     │               │                    │
//!     ├── abandon ────┼── cancel, abandon ─┼──────────────▶ cancelled
//!     └── time ───────┴── time ────────────┴── time ──────▶ expired
//!                                        (confirmed never becomes cancelled)
//! ```

use crate::account::Profile;
use crate::ids::{AccountId, DeviceId, SecretHash, SessionId, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One QR code and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What the QR encodes.
    pub id: TicketId,
    /// Grows by one with every change; a store swaps a ticket only if it still has the version that was read.
    pub version: u32,
    /// Hash of the secret of the browser that asked. Needed to watch and to redeem.
    pub browser: SecretHash,
    /// Which PC asks, for the person to judge.
    pub requester: Requester,
    /// Accounts that have signed in on this browser before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_accounts: Vec<AccountId>,
    /// When the code was made.
    pub created_at: Timestamp,
    /// When the code ends, whatever has happened by then, short of a redeem.
    pub expires_at: Timestamp,
    /// Where in its life the ticket stands.
    pub state: TicketState,
}

/// The PC that asks, as shown on the phone (RFC 10027, section 6.1.14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// Address the request came from.
    pub ip: String,
    /// Browser's name, or empty when its user agent says nothing.
    pub browser: String,
    /// Operating system's name, or empty.
    pub os: String,
}

/// The phone that scanned, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// Whose phone.
    pub account: AccountId,
    /// Which of the account's phones.
    pub device: DeviceId,
    /// The phone's session; an approval counts only while it lives. None in tickets stored by versions before this field.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// What the PC shows of the person.
    pub profile: Profile,
}

impl Phone {
    /// Whether both are the same phone of the same account.
    pub fn is(&self, account: AccountId, device: &DeviceId) -> bool {
        self.account == account && self.device == *device
    }
}

/// Where a ticket stands, with exactly the data that exists there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum TicketState {
    /// Not scanned yet.
    Pending,
    /// A phone owns it; only that phone, with this token, decides.
    Scanned {
        /// The owner.
        phone: Phone,
        /// Hash of the one valid confirm token.
        confirm: SecretHash,
        /// When it scanned last.
        #[serde(default)]
        at: Timestamp,
    },
    /// Approved; the browser has not collected it yet.
    Confirmed {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that approved, so that a repeated approval is recognized.
        #[serde(default)]
        confirm: Option<SecretHash>,
        /// Whether the PC should ask "Continue as …?" before it redeems.
        #[serde(default)]
        confirm_person: bool,
    },
    /// The browser has its session. Final.
    Redeemed {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that approved.
        #[serde(default)]
        confirm: Option<SecretHash>,
        /// When it was redeemed. The session's times derive from it, so a repeated redeem yields the same token.
        #[serde(default)]
        at: Timestamp,
    },
    /// Declined on the phone or given up at the PC. Final.
    Cancelled {
        /// Who ended it.
        by: Cancellation,
    },
    /// Its time is over. Final.
    Expired {
        /// The owner, if it had one.
        phone: Option<Phone>,
    },
}

/// Who cancelled a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "lowercase")]
pub enum Cancellation {
    /// The person declined on the phone that owned the ticket.
    Phone {
        /// The owner.
        phone: Phone,
        /// Hash of the confirm token that declined, so that a repeated decision is recognized.
        #[serde(default)]
        confirm: Option<SecretHash>,
    },
    /// The person at the PC gave up.
    Browser {
        /// The owner, if a phone had scanned by then.
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
    /// Whether nothing can follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Redeemed | Self::Cancelled | Self::Expired)
    }

    /// The name on the wire.
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
    /// The state's name.
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

    /// The phone that owns the ticket, once there is one.
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
    /// The status at `now`: a ticket whose time is over is expired, whether or not a store has noticed.
    pub fn status_at(&self, now: Timestamp) -> TicketStatus {
        if self.is_overdue(now) { TicketStatus::Expired } else { self.state.status() }
    }

    /// Whether the time is over and the state does not say so yet.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        !self.state.status().is_final() && now >= self.expires_at
    }
    /// Whether other accounts have signed in on this browser before, and this one has not.
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
