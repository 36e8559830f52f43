//! Pauses between attempts to follow an engine that is away.

use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SHORTEST: Duration = Duration::from_millis(100);
/// Also how late, at the most, a node hears that the engine is back.
const LONGEST: Duration = Duration::from_secs(1);

/// Grows from attempt to attempt, and begins anew after one that lasted.
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
