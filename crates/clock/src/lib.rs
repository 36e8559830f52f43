//! The clock: the current time and timers, replaceable in tests.

use domain::time::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// A time source with timers. Passed to everything that depends on time, so that tests can control it. Cheap to clone.
///
/// The default is the wall clock, which the server uses. No setting selects another.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// The current time of a manual clock; `None` for the wall clock.
    manual: Option<watch::Receiver<Timestamp>>,
}

/// Advances a manual clock.
#[derive(Debug)]
pub struct ClockHand(watch::Sender<Timestamp>);

impl Clock {
    /// Creates a clock that starts at the current time and then only moves when its hand advances it. For tests.
    pub fn manual() -> (Self, ClockHand) {
        let (hand, time) = watch::channel(now());
        (Self { manual: Some(time) }, ClockHand(hand))
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.manual.as_ref().map_or_else(now, |time| *time.borrow())
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        let Some(time) = &self.manual else { return tokio::time::sleep(duration).await };
        let end = self.now() + duration;
        if time.clone().wait_for(|now| *now >= end).await.is_err() {
            // The hand was dropped, so the clock never moves again.
            std::future::pending().await
        }
    }
}

impl ClockHand {
    /// Moves the clock forward and wakes every timer that is due by then.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = *now + by);
    }
}

/// Returns the current wall clock time.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Formats `timestamp` as RFC 3339 UTC, to the second.
pub fn rfc3339(timestamp: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(timestamp.as_secs())
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
