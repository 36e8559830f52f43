//! Whether the stores respond, probed at most once a second regardless of the request rate.

use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a probe's result is reused.
const FRESH: Duration = Duration::from_secs(1);

/// Which stores responded.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The ticket store.
    pub tickets: bool,
    /// The database.
    pub database: bool,
}

/// The last probe's result. Locked during a probe, so that at most one runs and concurrent callers share its result.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Answered)>>);

impl Readiness {
    /// Returns the last result, or that of `ask` if the last one is too old.
    pub async fn or_ask(&self, ask: impl AsyncFnOnce() -> Answered) -> Answered {
        let mut last = self.0.lock().await;
        if let Some((at, stores)) = *last
            && at.elapsed() < FRESH
        {
            return stores;
        }
        let stores = ask().await;
        *last = Some((Instant::now(), stores));
        stores
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Barrier;

    #[tokio::test]
    async fn a_thousand_concurrent_requests_cause_one_probe() {
        let readiness = Readiness::default();
        let (asked, answer) = (AtomicU32::new(0), Barrier::new(2));
        let ask = async || {
            asked.fetch_add(1, Ordering::Relaxed);
            answer.wait().await;
            Answered { tickets: true, database: false }
        };
        let callers = join_all((0..1_000).map(|_| readiness.or_ask(ask)));
        let (heard, _) = tokio::join!(callers, answer.wait());
        assert!(heard.iter().all(|stores| stores.tickets && !stores.database));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_cancelled_probe_is_repeated_by_the_next_caller() {
        let readiness = Readiness::default();
        assert!(futures::FutureExt::now_or_never(readiness.or_ask(std::future::pending)).is_none());
        let stores = readiness.or_ask(async || Answered { tickets: true, database: true }).await;
        assert!(stores.tickets && stores.database);
    }
}
