//! Waiting for what must come, without an opinion on how fast.

use std::time::{Duration, Instant};

/// Longer than anything takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at what cannot be listened to.
const LOOK: Duration = Duration::from_millis(50);

/// Fails where `what` takes for ever.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: it took too long"),
    }
}

/// Tries again until there is a value.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        loop {
            if let Some(value) = attempt().await {
                return value;
            }
            tokio::time::sleep(LOOK).await;
        }
    })
    .await
}

/// The same, where no other task has anything to do meanwhile.
pub fn until_blocking<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: it took too long");
        std::thread::sleep(LOOK);
    }
}
