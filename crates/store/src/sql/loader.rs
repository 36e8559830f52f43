//! One query for all keys that are loaded at about the same time.
//!
//! A row costs a database little. What costs is each query: SQLite's thread has to wake up, PostgreSQL is a round trip away.

use super::{Asked, failed, in_time};
use crate::StoreError;
use sqlx::{Database, Pool};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;

/// How much one query asks for at the most. Each number up to this is a statement of its own, which connections keep.
const LARGEST: usize = 16;
/// How long a query keeps the next one waiting. One that takes longer hangs, perhaps alone.
const PATIENCE: Duration = Duration::from_millis(200);

/// A query that takes several keys at once.
pub(crate) trait Loader: Send + 'static {
    /// The engine that it is written for.
    type Engine: Database;
    /// What one caller hands in.
    type Key: Send + Sync + 'static;
    /// What that caller gets.
    type Value: Send + 'static;
    /// What is tried, for errors.
    const ACTION: &'static str;

    /// The values of `keys`, of which there is at least one, in their order. One key's error must not fail the rest.
    fn load_all(
        keys: &[Self::Key],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> impl Future<Output = Result<Values<Self>, sqlx::Error>> + Send;
}

/// What became of each key.
pub(crate) type Values<L> = Vec<Result<<L as Loader>::Value, sqlx::Error>>;

type Caller<L> = oneshot::Sender<Result<<L as Loader>::Value, StoreError>>;

type Waiting<L> = (<L as Loader>::Key, Caller<L>);

/// Collects keys while the previous query runs. A single caller does not wait.
pub(crate) struct Batch<L: Loader> {
    queue: mpsc::UnboundedSender<Waiting<L>>,
}

impl<L: Loader> Batch<L> {
    /// Loads over connections of `pool`.
    pub(crate) fn new(pool: &Pool<L::Engine>) -> Self {
        let (queue, keys) = mpsc::unbounded_channel();
        tokio::spawn(collect::<L>(pool.clone(), keys));
        Self { queue }
    }

    /// The value of `key`, which the database was asked for after this was called.
    ///
    /// # Errors
    /// `Unavailable`, when the database is or does not answer in time. Then the whole batch gets the same error.
    pub(crate) async fn load(&self, key: L::Key) -> Result<L::Value, StoreError> {
        let (caller, value) = oneshot::channel();
        // The server is stopping, or the query panicked.
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
        // Lets tasks that are ready to load join this query.
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
        // A task of its own, so that a query that hangs or panics does not stop the loop.
        let query = tokio::spawn(load::<L>(pool.clone(), std::mem::take(&mut waiting)));
        let _ = timeout(PATIENCE, query).await;
    }
}

/// Runs the query once, and hands each caller its value.
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

    /// Loads for each number itself and how many were loaded together. Fails, panics and hangs where it is told to.
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
            assert!(!numbers.contains(&PANIC), "as it was told");
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
