//! Connections: what an account may do at a service that this server is a client of (RFC 8628, the client's side).
//!
//! One row is first an attempt, which waits for the person to approve it at the service, and then the connection.

use crate::account::UnknownName;
use crate::client::logout_uri;
use crate::ids::{AccountId, ConnectionId, SecretHash};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

/// Interval between polls unless the service says otherwise (RFC 8628, section 3.2).
const INTERVAL: u64 = 5;
/// Longest interval, in seconds: a service that says more would never be asked again.
const LONGEST_INTERVAL: u64 = 60;
/// Shortest and longest life of an attempt, in seconds, whatever the service says.
const LIFE: (u64, u64) = (30, 1800);
/// How much later to poll after `slow_down` (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// How long an attempt that failed is kept, so that its page can say why.
pub const KEPT: Duration = Duration::from_secs(3600);
/// Maximum number of an account's rows, attempts included.
pub const MOST: usize = 20;
/// Longest user code, in characters.
const LONGEST_CODE: usize = 64;
/// Longest URL in a QR code, in bytes: a longer one is hard to scan.
const LONGEST_QR: usize = 500;

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// The person has not approved it yet.
    Pending,
    /// It can be used.
    Connected,
    /// The person declined.
    Declined,
    /// The person did not answer in time.
    Expired,
    /// The service refused, or answered what this server does not understand.
    Failed,
    /// It was connected, and the service does not accept it any more.
    Lost,
}

impl ConnectionState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Connected, Self::Declined, Self::Expired, Self::Failed, Self::Lost];

    /// Returns the name in a store and in a response.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Connected => "connected",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }

    /// Returns whether it is an attempt that came to nothing.
    pub const fn came_to_nothing(self) -> bool {
        matches!(self, Self::Declined | Self::Expired | Self::Failed)
    }
}

impl FromStr for ConnectionState {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or(UnknownName("state of a connection"))
    }
}

/// What the person needs to approve an attempt at the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The code to type there, or to compare.
    pub user_code: String,
    /// Where to type it: http or https.
    pub verification_uri: String,
    /// The same with the code in it, if the service has that.
    pub complete: Option<String>,
}

impl Prompt {
    /// Checks what a service says. An address that is no web address is refused: the page links to it. A complete one that
    /// is none, is at another host than the one that the page shows, or does not fit into a code, is left out.
    pub fn checked(user_code: &str, verification_uri: &str, complete: Option<&str>) -> Option<Self> {
        let is_code = |c: char| c.is_ascii_graphic() || c == ' ';
        if !(1..=LONGEST_CODE).contains(&user_code.len()) || !user_code.chars().all(is_code) {
            return None;
        }
        let is_web = |uri: &&str| uri.len() <= LONGEST_QR && logout_uri(uri).is_ok();
        Some(Self {
            user_code: user_code.to_owned(),
            verification_uri: Some(verification_uri).filter(is_web)?.to_owned(),
            complete: complete.filter(is_web).filter(|it| origin(it) == origin(verification_uri)).map(str::to_owned),
        })
    }

    /// Returns what the QR code encodes.
    pub fn address(&self) -> &str {
        self.complete.as_deref().unwrap_or(&self.verification_uri)
    }
}

/// Returns scheme, host and port of a web address.
fn origin(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    uri.get(..scheme.len() + 3 + host.len())
}

/// Returns the pause between polls that a service asks for, within bounds.
pub fn interval(seconds: Option<f64>) -> Duration {
    let seconds = whole(seconds).unwrap_or(INTERVAL);
    Duration::from_secs(seconds.clamp(1, LONGEST_INTERVAL))
}

/// Returns how long an attempt lives, within bounds; `None` if the service says nothing sensible.
pub fn life(seconds: Option<f64>) -> Option<Duration> {
    whole(seconds).filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.clamp(LIFE.0, LIFE.1)))
}

/// Returns a number of seconds that is not negative; what is beyond the range is cut off.
fn whole(seconds: Option<f64>) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
    seconds.filter(|seconds| *seconds >= 0.0).map(|seconds| seconds as u64)
}

/// A connection, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub account: AccountId,
    /// The id of the service in `clients.toml`.
    pub upstream: String,
    /// Grows by one with each change; a change names the version that it is based on.
    pub version: i64,
    /// Its state.
    pub state: ConnectionState,
    /// What the page shows while it is pending.
    pub prompt: Option<Prompt>,
    /// Who the person is at the service, for people; never to recognise anybody by.
    pub label: Option<String>,
    /// The device code or the tokens, encrypted.
    pub sealed: Option<String>,
    /// While it is pending, when to poll. Else until when one request alone may refresh the tokens.
    pub due_at: Option<Timestamp>,
    /// Pause between two polls.
    pub interval: Duration,
    /// Hash of the key that scripts get tokens by.
    pub script_key: Option<SecretHash>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When an attempt ends, or one that failed is forgotten. A connection does not expire.
    pub expires_at: Option<Timestamp>,
    /// When a script last got a token.
    pub used_at: Option<Timestamp>,
}

impl Connection {
    /// Returns the next version, to be changed further.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// Returns it with a claim on it until `until`: only the node that stores this may poll or refresh.
    #[must_use]
    pub fn claimed(&self, until: Timestamp) -> Self {
        Self { due_at: Some(until), ..self.next() }
    }

    /// Returns it after a poll that the service answered by "not yet".
    #[must_use]
    pub fn waiting(&self, now: Timestamp) -> Self {
        Self { due_at: Some(now + self.interval), ..self.next() }
    }

    /// The same after `slow_down`; `asked` is the interval that the service now names, if any.
    #[must_use]
    pub fn slower(&self, asked: Option<Duration>, now: Timestamp) -> Self {
        let slower = (self.interval + SLOWER).max(asked.unwrap_or_default());
        Self { interval: slower.min(Duration::from_secs(LONGEST_INTERVAL)), ..self.clone() }.waiting(now)
    }

    /// The same after a poll that the service did not answer (RFC 8628, section 3.5: back off exponentially).
    #[must_use]
    pub fn backed_off(&self, now: Timestamp) -> Self {
        let longer = (self.interval * 2).min(Duration::from_secs(LONGEST_INTERVAL));
        Self { interval: longer, ..self.clone() }.waiting(now)
    }

    /// Returns an attempt that has ended without a connection, and keeps nothing secret.
    #[must_use]
    pub fn ended(&self, state: ConnectionState, now: Timestamp) -> Self {
        let expires_at = Some(now + KEPT);
        Self { state, prompt: None, sealed: None, due_at: None, expires_at, ..self.next() }
    }

    /// Returns a connection with new tokens.
    #[must_use]
    pub fn connected(&self, sealed: String) -> Self {
        let sealed = Some(sealed);
        Self { state: ConnectionState::Connected, prompt: None, sealed, due_at: None, expires_at: None, ..self.next() }
    }

    /// Returns one that the service does not accept any more.
    #[must_use]
    pub fn lost(&self) -> Self {
        Self { state: ConnectionState::Lost, sealed: None, due_at: None, ..self.next() }
    }

    /// Returns whether a node refreshes its tokens now.
    pub fn is_claimed_at(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
