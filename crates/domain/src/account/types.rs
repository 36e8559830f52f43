//! Devices and sessions, and the views of them that clients get.

use super::person::AccountView;
use crate::ids::{AccountId, DeviceId, Secret, SecretHash, SessionId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A phone that an account has signed in on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Unique within the account.
    pub id: DeviceId,
    /// The account it belongs to.
    pub account: AccountId,
    /// Display name, such as `Safari on iOS`.
    pub name: String,
    /// The kind reported by the app, such as `phone`.
    pub kind: String,
}

/// Which side of the login a session belongs to. Only a phone can approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// Bound to a device; lives until revoked.
    Phone,
    /// Expires after a fixed time.
    Pc,
}

impl SessionKind {
    /// Returns the name used on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Pc => "pc",
        }
    }
}

impl FromStr for SessionKind {
    type Err = UnknownName;

    /// Parses what [`SessionKind::as_str`] returns. Anything else is an error, so that a row written by a later
    /// version, or a corrupt one, is never taken for the kind with more rights.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "phone" => Ok(Self::Phone),
            "pc" => Ok(Self::Pc),
            _ => Err(UnknownName("kind of session")),
        }
    }
}

/// How a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Began {
    /// By the account's password.
    Password,
    /// By a QR code that a phone approved.
    Code,
    /// By an assertion of the app's own backend, which vouches for its user (RFC 7523).
    Assertion,
}

impl Began {
    /// Returns the name used on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Assertion => "assertion",
        }
    }
}

impl FromStr for Began {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "password" => Ok(Self::Password),
            "code" => Ok(Self::Code),
            "assertion" => Ok(Self::Assertion),
            _ => Err(UnknownName("beginning of a session")),
        }
    }
}

/// A stored name that this version does not know; contains what it is a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(pub(crate) &'static str);

/// A signed-in phone or PC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The side of the login.
    pub kind: SessionKind,
    /// The phone it is bound to; a PC has none.
    pub device: Option<DeviceId>,
    /// Hash of the secret that the phone's browser sends with the token. `None` for PCs, and for sessions older than
    /// this field.
    pub device_secret: Option<SecretHash>,
    /// How it began.
    pub began: Began,
    /// When the password was last verified in a session that began by a code.
    pub stepped_up_at: Option<Timestamp>,
    /// Approvals that this phone gave until then are void: the person has secured the account since.
    pub approvals_void_until: Option<Timestamp>,
    /// Display name.
    pub name: String,
    /// The address it was last used from.
    pub ip: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, with a resolution of a minute.
    pub last_seen_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Session {
    /// Returns whether it is neither expired nor revoked at `now`.
    pub fn lives_at(&self, now: Timestamp) -> bool {
        lives_at(self.expires_at, self.revoked_at, now)
    }
}

/// Returns whether a session that has this end is neither expired nor revoked at `now`.
pub fn lives_at(expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>, now: Timestamp) -> bool {
    revoked_at.is_none() && expires_at.is_none_or(|end| now < end)
}

/// Input of a sign-in.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The username as entered.
    pub username: String,
    /// The device id that the app was given earlier.
    pub device_id: Option<DeviceId>,
    /// Display name of the device.
    pub device_name: String,
    /// `pc` requests a PC session; anything else is a phone.
    pub device_kind: String,
    /// Whether a page in a browser makes the request. Its session is bound to the secret in its cookie, an app's to the
    /// device id.
    pub is_browser: bool,
}

/// Result of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// An Ed25519 JWT, bound to the device.
    pub token: Secret,
    /// The device id, to be sent as `X-Device-Id` from now on; a PC has none.
    pub device_id: Option<DeviceId>,
    /// The account that is signed in.
    pub account: AccountView,
}

/// The caller's own session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// The session.
    pub id: SessionId,
    /// The side of the login.
    pub kind: SessionKind,
    /// The phone it is bound to.
    pub device_id: Option<DeviceId>,
    /// How it began.
    pub began: Began,
    /// Display name.
    pub name: String,
}

/// One row in the list of signed-in phones and PCs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// The side of the login.
    pub kind: SessionKind,
    /// How it began.
    pub began: Began,
    /// Display name.
    pub name: String,
    /// The address it was last used from.
    pub ip: String,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub last_seen_at: String,
    /// Whether it is the caller's own session.
    pub current: bool,
}

/// An account that has signed in on this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownAccount {
    /// The account.
    pub account: AccountId,
    /// Distinguishes this browser from others of the same account.
    pub nonce: u64,
}

impl KnownAccount {
    /// Derives the nonce from the session that began on this device. A session always yields the same nonce, however
    /// often its response is repeated, so that it cannot be turned into many devices with separate limits.
    pub fn by_session(account: AccountId, session: SessionId) -> Self {
        Self { account, nonce: uuid::Uuid::from(session).as_u64_pair().1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_back_as_it_was_written_and_nothing_else_is_one() {
        for kind in [SessionKind::Phone, SessionKind::Pc] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for text in ["", "PC", "pc ", "tablet", "admin"] {
            assert_eq!(text.parse::<SessionKind>(), Err(UnknownName("kind of session")), "{text}");
        }
    }

    #[test]
    fn a_beginning_is_read_back_as_it_was_written_and_nothing_else_is_one() {
        for (began, name) in [(Began::Password, "password"), (Began::Code, "code")] {
            assert_eq!((began.as_str(), name.parse()), (name, Ok(began)));
        }
        for text in ["", "Code", "code ", "key"] {
            assert_eq!(text.parse::<Began>(), Err(UnknownName("beginning of a session")), "{text}");
        }
    }

    #[test]
    fn a_session_lives_until_it_is_revoked_or_its_end_has_come() {
        let at = Timestamp::from_millis;
        let lives = |revoked: Option<i64>, end: Option<i64>| {
            let session = Session {
                id: uuid::Uuid::nil().into(),
                account: uuid::Uuid::nil().into(),
                kind: SessionKind::Pc,
                device: None,
                device_secret: None,
                began: Began::Code,
                stepped_up_at: None,
                approvals_void_until: None,
                name: String::new(),
                ip: String::new(),
                created_at: at(0),
                last_seen_at: at(0),
                expires_at: end.map(at),
                revoked_at: revoked.map(at),
            };
            session.lives_at(at(100))
        };
        assert!(lives(None, None) && lives(None, Some(101)));
        assert!(!lives(None, Some(100)) && !lives(None, Some(99)));
        assert!(!lives(Some(1), None) && !lives(Some(1), Some(101)));
    }
}
