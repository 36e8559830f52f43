//! The clock.

use domain::time::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// The time, and waiting for it. Handed to whatever depends on time, so that tests control it. Cheap to clone.
///
/// The server runs by the wall clock, which is the default. No setting selects another.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// What a manual clock shows; none for the wall clock.
    manual: Option<watch::Receiver<Timestamp>>,
}

/// Moves a manual clock.
#[derive(Debug)]
pub struct ClockHand(watch::Sender<Timestamp>);

impl Clock {
    /// A clock that stands at the present time until its hand moves it. For tests.
    pub fn manual() -> (Self, ClockHand) {
        let (hand, time) = watch::channel(now());
        (Self { manual: Some(time) }, ClockHand(hand))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.manual.as_ref().map_or_else(now, |time| *time.borrow())
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        let Some(time) = &self.manual else { return tokio::time::sleep(duration).await };
        let end = self.now() + duration;
        if time.clone().wait_for(|now| *now >= end).await.is_err() {
            // Without a hand the clock never moves again.
            std::future::pending().await
        }
    }
}

impl ClockHand {
    /// Moves the clock forward. Everything that waits for a time up to then is woken.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = *now + by);
    }
}

/// The wall clock's time now.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// `timestamp` as RFC 3339 UTC, to the second.
pub fn rfc3339(timestamp: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(timestamp.as_secs())
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
