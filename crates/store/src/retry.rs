//! Backoff between attempts to subscribe to an engine that is down.

use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SHORTEST: Duration = Duration::from_millis(100);
/// Also the maximum delay until a node notices that the engine is back.
const LONGEST: Duration = Duration::from_secs(1);

/// Grows with each attempt, and resets after one that lasted.
#[derive(Debug)]
pub(super) struct Retries {
    pause: Duration,
    began: Instant,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self { pause: SHORTEST, began: Instant::now() }
    }

    /// Waits after a failure. Logs the first of a streak at `warn`, the rest at `debug`.
    pub(super) async fn wait(&mut self, following: &str, error: &(dyn Display + Sync)) {
        if self.began.elapsed() > 2 * LONGEST {
            self.pause = SHORTEST;
        }
        if self.pause == SHORTEST {
            tracing::warn!(%error, following, "lost touch with the other nodes; trying again");
        } else {
            tracing::debug!(%error, following, "still out of touch with the other nodes");
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        self.began = Instant::now();
    }
}
