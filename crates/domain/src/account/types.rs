//! What is known of a person, a phone and a session, and what of it a client sees.

use crate::ids::{AccountId, DeviceId, Secret, SecretHash, SessionId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A person who can sign in. The password's hash is not here: only the store and the verifier ever hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// What the person types to sign in; unique.
    pub username: String,
    /// Name to show.
    pub display_name: String,
    /// Picture to show.
    pub avatar_url: Option<String>,
    /// A disabled account signs in nowhere, and its sessions are refused.
    pub disabled: bool,
}

impl Account {
    /// What others may see.
    pub fn profile(&self) -> Profile {
        Profile { display_name: self.display_name.clone(), avatar_url: self.avatar_url.clone() }
    }

    /// What the person may see.
    pub fn view(&self) -> AccountView {
        AccountView {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }
}

/// What others may see of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name to show.
    pub display_name: String,
    /// Picture to show; without one a monogram is drawn.
    pub avatar_url: Option<String>,
}

/// One's own account on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The account.
    pub id: AccountId,
    /// What the person types to sign in.
    pub username: String,
    /// Name to show.
    pub display_name: String,
    /// Picture to show.
    pub avatar_url: Option<String>,
}

/// A phone that an account has signed in on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Unique within the account.
    pub id: DeviceId,
    /// Whose it is.
    pub account: AccountId,
    /// Name for people, such as `Safari on iOS`.
    pub name: String,
    /// What the app says it is, such as `phone`.
    pub kind: String,
}

/// Which side of the login a session belongs to. Only a phone approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// Bound to a device; lives until it is revoked.
    Phone,
    /// Lives for a set time.
    Pc,
}

impl SessionKind {
    /// The name on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Pc => "pc",
        }
    }
}

impl FromStr for SessionKind {
    type Err = UnknownName;

    /// Reads what [`SessionKind::as_str`] writes. Anything else is an error, so that a row of a later version, or a
    /// damaged one, is never taken for the kind with more rights.
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
    /// By a code that a phone approved.
    Code,
}

impl Began {
    /// The name on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

impl FromStr for Began {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "password" => Ok(Self::Password),
            "code" => Ok(Self::Code),
            _ => Err(UnknownName("beginning of a session")),
        }
    }
}

/// A stored name that this version does not know; says of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(&'static str);

/// One signed-in phone or PC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Which side.
    pub kind: SessionKind,
    /// The phone it is bound to; a PC has none.
    pub device: Option<DeviceId>,
    /// Hash of the secret that the phone's browser presents with the token. None for PCs, and for sessions that began
    /// before there was one.
    pub device_secret: Option<SecretHash>,
    /// How it began.
    pub began: Began,
    /// When the password was last given in a session that began by a code.
    pub stepped_up_at: Option<Timestamp>,
    /// Name for people.
    pub name: String,
    /// Address it was last seen from.
    pub ip: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

impl Session {
    /// Whether it has neither ended nor been ended at `now`.
    pub fn lives_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Input of a sign-in.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// As typed.
    pub username: String,
    /// The device that the app was given earlier.
    pub device_id: Option<DeviceId>,
    /// Name for people.
    pub device_name: String,
    /// `pc` asks for a PC session; anything else is a phone.
    pub device_kind: String,
    /// Whether a browser's page asks. Its session is bound to the secret in its cookie, an app's to the device id.
    pub is_browser: bool,
}

/// Output of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// An Ed25519 JWT, bound to the device.
    pub token: Secret,
    /// The device, to be sent again as `X-Device-Id`; a PC has none.
    pub device_id: Option<DeviceId>,
    /// Who is signed in.
    pub account: AccountView,
}

/// Who the caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The account, its fields beside `session`.
    #[serde(flatten)]
    pub account: AccountView,
    /// The session that the caller used.
    pub session: SessionSummary,
}

/// The caller's own session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// The session.
    pub id: SessionId,
    /// Which side.
    pub kind: SessionKind,
    /// The phone it is bound to.
    pub device_id: Option<DeviceId>,
    /// How it began.
    pub began: Began,
    /// Name for people.
    pub name: String,
}

/// One row of the list of signed-in phones and PCs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// Which side.
    pub kind: SessionKind,
    /// How it began.
    pub began: Began,
    /// Name for people.
    pub name: String,
    /// Address it was last seen from.
    pub ip: String,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub last_seen_at: String,
    /// Whether the caller uses it now.
    pub current: bool,
}

/// One account that has signed in on this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownAccount {
    /// Which.
    pub account: AccountId,
    /// Tells this browser from others of the same account.
    pub nonce: u64,
}

impl KnownAccount {
    /// By the session that began on this device. One session gives one nonce, however often its answer is repeated, so
    /// that it cannot be turned into many devices with limits of their own.
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
}
