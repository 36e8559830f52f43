//! The sessions that sign-ins begin.

use crate::security::secret;
use domain::account::{Began, Session, SessionKind};
use domain::ids::{AccountId, SecretHash, SessionId, TicketId};
use domain::time::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

/// What is known when a session begins.
pub(super) struct Start {
    /// Whose session.
    pub(super) account: AccountId,
    /// Name of the device, or of the browser.
    pub(super) name: String,
    /// Address of the client.
    pub(super) ip: IpAddr,
    /// When it begins.
    pub(super) at: Timestamp,
}

impl Start {
    /// Creates a PC's session that began by a code and lasts for `ttl`.
    pub(super) fn pc(self, id: SessionId, ttl: Duration) -> Session {
        let expires_at = Some(self.at + ttl);
        self.session(id, SessionKind::Pc, Began::Code, expires_at)
    }

    /// Creates a phone's session. It does not expire.
    pub(super) fn phone(self, id: SessionId) -> Session {
        self.session(id, SessionKind::Phone, Began::Password, None)
    }

    fn session(self, id: SessionId, kind: SessionKind, began: Began, expires_at: Option<Timestamp>) -> Session {
        let Self { account, name, ip, at } = self;
        Session {
            id,
            account,
            kind,
            device: None,
            device_secret: None,
            began,
            stepped_up_at: None,
            approvals_void_until: None,
            name,
            ip: ip.to_string(),
            created_at: at,
            last_seen_at: at,
            expires_at,
            revoked_at: None,
        }
    }
}

/// Returns the id of the session for a ticket: always the same, so that storing it is idempotent. It also depends on
/// the hash of the browser's secret, because anyone can read the ticket's id from the QR code.
pub(super) fn session_of(ticket: TicketId, browser: SecretHash) -> SessionId {
    secret::derive_id(b"qr-login session of ticket", ticket.into(), browser).into()
}
