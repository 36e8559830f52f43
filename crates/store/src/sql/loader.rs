//! Batches loads: one query for all keys that are requested at about the same time.
//!
//! A row costs a database little, a query a lot: SQLite's thread has to wake up, PostgreSQL is a round trip away.

use super::{Asked, failed, in_time};
use crate::StoreError;
use sqlx::{Database, Pool};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;

/// Maximum number of keys per query. Each number up to this is a separate statement, which connections cache.
const LARGEST: usize = 16;
/// How long a query may delay the next one. One that takes longer hangs, and the next one might not.
const PATIENCE: Duration = Duration::from_millis(200);

/// A query that loads several keys at once.
pub(crate) trait Loader: Send + 'static {
    /// The engine it is written for.
    type Engine: Database;
    /// What a caller passes in.
    type Key: Send + Sync + 'static;
    /// What the caller gets.
    type Value: Send + 'static;
    /// What is attempted, for errors.
    const ACTION: &'static str;

    /// Loads the values of `keys`, which are not empty, in the same order. One key's error must not fail the rest.
    fn load_all(
        keys: &[Self::Key],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> impl Future<Output = Result<Values<Self>, sqlx::Error>> + Send;
}

/// The result for each key.
pub(crate) type Values<L> = Vec<Result<<L as Loader>::Value, sqlx::Error>>;

type Caller<L> = oneshot::Sender<Result<<L as Loader>::Value, StoreError>>;

type Waiting<L> = (<L as Loader>::Key, Caller<L>);

/// Collects keys while the previous query runs. A single caller does not wait.
pub(crate) struct Batch<L: Loader> {
    queue: mpsc::UnboundedSender<Waiting<L>>,
}

impl<L: Loader> Batch<L> {
    /// Creates a batch that uses connections of `pool`.
    pub(crate) fn new(pool: &Pool<L::Engine>) -> Self {
        let (queue, keys) = mpsc::unbounded_channel();
        tokio::spawn(collect::<L>(pool.clone(), keys));
        Self { queue }
    }

    /// Returns the value of `key`, queried after this was called.
    ///
    /// # Errors
    /// `Unavailable`, if the database is or does not respond in time. Then the whole batch gets the same error.
    pub(crate) async fn load(&self, key: L::Key) -> Result<L::Value, StoreError> {
        let (caller, value) = oneshot::channel();
        // The server is shutting down, or the query panicked.
        let dropped = || StoreError::unavailable(L::ACTION, "the question was dropped");
        self.queue.send((key, caller)).map_err(|_| dropped())?;
        in_time(L::ACTION, value).await?.map_err(|_| dropped())?
    }
}

impl<L: Loader> Clone for Batch<L> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<L: Loader> std::fmt::Debug for Batch<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Batch").field(&L::ACTION).finish()
    }
}

/// Runs until every [`Batch`] is dropped.
async fn collect<L: Loader>(pool: Pool<L::Engine>, mut queue: mpsc::UnboundedReceiver<Waiting<L>>) {
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, LARGEST).await > 0 {
        // Let tasks that are ready to load join this query.
        yield_now().await;
        while waiting.len() < LARGEST
            && let Ok(more) = queue.try_recv()
        {
            waiting.push(more);
        }
        // After an outage most callers are gone.
        waiting.retain(|(_, caller)| !caller.is_closed());
        if waiting.is_empty() {
            continue;
        }
        // A separate task, so that a query that hangs or panics does not stop the loop.
        let query = tokio::spawn(load::<L>(pool.clone(), std::mem::take(&mut waiting)));
        let _ = timeout(PATIENCE, query).await;
    }
}

/// Runs the query once, and sends each caller its value.
async fn load<L: Loader>(pool: Pool<L::Engine>, waiting: Vec<Waiting<L>>) {
    let (keys, callers): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
    let query = async { L::load_all(&keys, &mut *pool.acquire().await?).await };
    match query.or_fail(L::ACTION).await {
        Ok(values) => {
            for (caller, value) in callers.into_iter().zip(values) {
                let _ = caller.send(value.map_err(failed(L::ACTION)));
            }
        }
        Err(error) => {
            for caller in callers {
                let _ = caller.send(Err(error.clone()));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use futures::future::join_all;
    use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};

    /// Returns for each number the number itself and the size of its batch. Fails, panics and hangs on demand.
    struct Echo;
    const FAIL: i64 = -1;
    const PANIC: i64 = -2;
    const HANG: i64 = -3;

    impl Loader for Echo {
        type Engine = Sqlite;
        type Key = i64;
        type Value = (i64, usize);
        const ACTION: &'static str = "echo";

        async fn load_all(numbers: &[i64], connection: &mut SqliteConnection) -> Result<Values<Self>, sqlx::Error> {
            assert!(!numbers.contains(&PANIC), "panics on demand");
            if numbers.contains(&HANG) {
                std::future::pending::<()>().await;
            }
            if numbers.contains(&FAIL) {
                return Err(sqlx::Error::WorkerCrashed);
            }
            sqlx::query("SELECT 1").execute(connection).await?;
            Ok(numbers.iter().map(|number| Ok((*number, numbers.len()))).collect())
        }
    }

    async fn batch() -> Batch<Echo> {
        Batch::new(&SqlitePool::connect("sqlite::memory:").await.unwrap())
    }

    #[tokio::test]
    async fn keys_of_one_moment_are_loaded_together() {
        let batch = batch().await;
        assert_eq!(batch.load(7).await.unwrap(), (7, 1));
        let values = join_all((0..40).map(|number| batch.load(number))).await;
        let values: Vec<_> = values.into_iter().map(Result::unwrap).collect();
        assert!(values.iter().map(|(number, _)| *number).eq(0..40));
        assert_eq!(values.iter().map(|(_, together)| *together).max(), Some(LARGEST));
    }

    #[tokio::test]
    async fn whatever_befalls_one_query_the_next_runs() {
        let batch = batch().await;
        for trouble in [FAIL, PANIC] {
            let (one, other) = tokio::join!(batch.load(trouble), batch.load(1));
            assert!(matches!((one, other), (Err(StoreError::Unavailable { .. }), Err(_))), "{trouble}");
            assert_eq!(batch.load(2).await.unwrap(), (2, 1));
        }
    }

    #[tokio::test]
    async fn a_query_that_hangs_keeps_nobody_who_comes_after() {
        let batch = Batch::<Echo>::new(&SqlitePool::connect("sqlite::memory:").await.unwrap());
        let mut hanging = Box::pin(batch.load(HANG));
        assert!(futures::poll!(&mut hanging).is_pending());
        yield_now().await;
        yield_now().await;
        assert_eq!(batch.load(1).await.unwrap(), (1, 1));
        assert!(futures::poll!(&mut hanging).is_pending());
    }
}
