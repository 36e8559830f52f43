//! A notice to an app that a session ended (OpenID Connect Back-Channel Logout 1.0): when it is sent again, and for how
//! long.

use crate::client::ClientId;
use crate::ids::{AccountId, SessionId};
use crate::time::Timestamp;
use std::time::Duration;

/// How long a logout token is valid. The specification recommends two minutes at the most (section 2.4).
pub const LOGOUT_TOKEN_TTL: Duration = Duration::from_secs(120);
/// How long an attempt belongs to the node that makes it: longer than its timeout. After that another node tries.
pub const ATTEMPT: Duration = Duration::from_secs(20);
/// Pause after the first attempt; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1800);
/// Maximum number of attempts: they take about eight hours.
const MOST_ATTEMPTS: u32 = 25;

/// What one app is told about one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The session: `sid`.
    pub session: SessionId,
    /// The app.
    pub client: ClientId,
    /// The person: `sub`.
    pub account: AccountId,
    /// When it is to be sent: when the session ends, or after a failure. While an attempt is made, when that ends at the
    /// latest.
    pub due_at: Timestamp,
    /// How many attempts were begun.
    pub attempts: u32,
}

/// What an attempt has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The app accepted it.
    Accepted,
    /// The app did not respond, or says that it cannot now.
    Failed,
    /// The app will never accept it.
    Refused,
}

impl Delivery {
    /// Reads an HTTP status (section 2.8). A redirect is a refusal: only the configured URL is told.
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Accepted,
            408 | 425 | 429 | 500..=599 => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl LogoutNotice {
    /// Returns the notice as it is during the next attempt, if that begins at `now`.
    #[must_use]
    pub fn attempted(&self, now: Timestamp) -> Self {
        Self { due_at: now + ATTEMPT, attempts: self.attempts.saturating_add(1), ..self.clone() }
    }

    /// Returns when to try again after an attempt that failed at `now`; `None` if that was the last one.
    pub fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        if self.attempts >= MOST_ATTEMPTS {
            return None;
        }
        // No more than 2^16 pauses, which is far beyond the longest.
        let doublings = self.attempts.saturating_sub(1).min(16);
        Some(now + FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn notice() -> LogoutNotice {
        let id = "00000000-0000-4000-8000-000000000001";
        LogoutNotice {
            session: id.parse().unwrap(),
            client: "app".parse().unwrap(),
            account: id.parse().unwrap(),
            due_at: Timestamp::from_millis(1_000_000),
            attempts: 0,
        }
    }

    #[test]
    fn an_attempt_belongs_to_one_node_for_longer_than_it_takes() {
        let begun = notice().attempted(Timestamp::from_millis(1_005_000));
        assert_eq!((begun.attempts, begun.due_at), (1, Timestamp::from_millis(1_025_000)));
        assert_eq!(LogoutNotice { attempts: 0, due_at: notice().due_at, ..begun }, notice());
    }

    #[test]
    fn pauses_double_up_to_half_an_hour_and_end_after_some_hours() {
        let (mut now, mut pauses, mut one) = (Timestamp::from_millis(0), Vec::new(), notice());
        loop {
            one = one.attempted(now);
            let Some(next) = one.next_attempt(now) else { break };
            pauses.push(next.saturating_duration_since(now).as_secs());
            now = next;
        }
        assert_eq!(pauses[..10], [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800]);
        assert_eq!(pauses.last(), Some(&1800));
        assert!((6 * 3600..12 * 3600).contains(&now.as_secs()), "{now:?}");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, expected) in [
            (200, Delivery::Accepted),
            (204, Delivery::Accepted),
            (299, Delivery::Accepted),
            (199, Delivery::Refused),
            (302, Delivery::Refused),
            (307, Delivery::Refused),
            (400, Delivery::Refused),
            (404, Delivery::Refused),
            (408, Delivery::Failed),
            (425, Delivery::Failed),
            (429, Delivery::Failed),
            (500, Delivery::Failed),
            (503, Delivery::Failed),
            (599, Delivery::Failed),
            (600, Delivery::Refused),
        ] {
            assert_eq!(Delivery::of_status(status), expected, "{status}");
        }
    }
}
