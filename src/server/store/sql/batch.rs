//! One query for all that is asked at about the same time.
//!
//! A row costs a database little. What costs is each query: SQLite's thread has to wake up, PostgreSQL is a round trip away.

use super::{Asked, failed, in_time};
use crate::server::store::StoreError;
use sqlx::{Database, Pool};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;

/// How much one query asks for at the most. Each number up to this is a statement of its own, which connections keep.
const LARGEST: usize = 16;
/// How long a query keeps the next one waiting. One that takes longer hangs, perhaps alone.
const PATIENCE: Duration = Duration::from_millis(200);

/// A query that can ask for several things at once.
pub(in crate::server::store) trait Bulk: Send + 'static {
    /// The engine that it is written for.
    type Engine: Database;
    /// What one caller asks.
    type Question: Send + Sync + 'static;
    /// What that caller is answered.
    type Answer: Send + 'static;
    /// What is tried, for errors.
    const ACTION: &'static str;

    /// The answers to `questions`, of which there is at least one, in their order. An error of one does not fail the
    /// others.
    fn run(
        questions: &[Self::Question],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> impl Future<Output = Result<Answers<Self>, sqlx::Error>> + Send;
}

/// To each question what became of it.
pub(in crate::server::store) type Answers<B> = Vec<Result<<B as Bulk>::Answer, sqlx::Error>>;

type Caller<B> = oneshot::Sender<Result<<B as Bulk>::Answer, StoreError>>;

type Asking<B> = (<B as Bulk>::Question, Caller<B>);

/// Collects questions while the previous query runs. A single caller does not wait.
pub(in crate::server::store) struct Batch<B: Bulk> {
    queue: mpsc::UnboundedSender<Asking<B>>,
}

impl<B: Bulk> Batch<B> {
    /// Asks over connections of `pool`.
    pub(in crate::server::store) fn new(pool: &Pool<B::Engine>) -> Self {
        let (queue, asked) = mpsc::unbounded_channel();
        tokio::spawn(collect::<B>(pool.clone(), asked));
        Self { queue }
    }

    /// The answer to `question`, which was asked of the database after this was called.
    ///
    /// # Errors
    /// `Unavailable`, when the database is or does not answer in time. Then all who asked together get the same error.
    pub(in crate::server::store) async fn ask(&self, question: B::Question) -> Result<B::Answer, StoreError> {
        let (caller, answer) = oneshot::channel();
        // The server is stopping, or the query panicked.
        let dropped = || StoreError::unavailable(B::ACTION, "the question was dropped");
        self.queue.send((question, caller)).map_err(|_| dropped())?;
        in_time(B::ACTION, answer).await?.map_err(|_| dropped())?
    }
}

impl<B: Bulk> Clone for Batch<B> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<B: Bulk> std::fmt::Debug for Batch<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Batch").field(&B::ACTION).finish()
    }
}

/// Runs until every [`Batch`] is dropped.
async fn collect<B: Bulk>(pool: Pool<B::Engine>, mut queue: mpsc::UnboundedReceiver<Asking<B>>) {
    let mut asked = Vec::new();
    while queue.recv_many(&mut asked, LARGEST).await > 0 {
        // Lets tasks that are ready to ask join this query.
        yield_now().await;
        while asked.len() < LARGEST
            && let Ok(more) = queue.try_recv()
        {
            asked.push(more);
        }
        // After an outage most callers are gone.
        asked.retain(|(_, caller)| !caller.is_closed());
        if asked.is_empty() {
            continue;
        }
        // A task of its own, so that a query that hangs or panics does not stop the loop.
        let query = tokio::spawn(answer::<B>(pool.clone(), std::mem::take(&mut asked)));
        let _ = timeout(PATIENCE, query).await;
    }
}

/// Asks once, and answers all.
async fn answer<B: Bulk>(pool: Pool<B::Engine>, asked: Vec<Asking<B>>) {
    let (questions, callers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let query = async { B::run(&questions, &mut *pool.acquire().await?).await };
    match query.or_fail(B::ACTION).await {
        Ok(answers) => {
            for (caller, answer) in callers.into_iter().zip(answers) {
                let _ = caller.send(answer.map_err(failed(B::ACTION)));
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

    /// Answers each number with itself and with how many were asked together. Fails, panics and hangs where it is told to.
    struct Echo;
    const FAIL: i64 = -1;
    const PANIC: i64 = -2;
    const HANG: i64 = -3;

    impl Bulk for Echo {
        type Engine = Sqlite;
        type Question = i64;
        type Answer = (i64, usize);
        const ACTION: &'static str = "echo";

        async fn run(numbers: &[i64], connection: &mut SqliteConnection) -> Result<Answers<Self>, sqlx::Error> {
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
    async fn those_who_ask_at_once_are_asked_for_together() {
        let batch = batch().await;
        assert_eq!(batch.ask(7).await.unwrap(), (7, 1));
        let answers = join_all((0..40).map(|number| batch.ask(number))).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().map(|(number, _)| *number).eq(0..40));
        assert_eq!(answers.iter().map(|(_, together)| *together).max(), Some(LARGEST));
    }

    #[tokio::test]
    async fn whatever_befalls_one_query_the_next_is_asked() {
        let batch = batch().await;
        for trouble in [FAIL, PANIC] {
            let (one, other) = tokio::join!(batch.ask(trouble), batch.ask(1));
            assert!(matches!((one, other), (Err(StoreError::Unavailable { .. }), Err(_))), "{trouble}");
            assert_eq!(batch.ask(2).await.unwrap(), (2, 1));
        }
    }

    #[tokio::test]
    async fn a_query_that_hangs_keeps_nobody_who_comes_after() {
        let batch = Batch::<Echo>::new(&SqlitePool::connect("sqlite::memory:").await.unwrap());
        let mut hanging = Box::pin(batch.ask(HANG));
        assert!(futures::poll!(&mut hanging).is_pending());
        yield_now().await;
        yield_now().await;
        assert_eq!(batch.ask(1).await.unwrap(), (1, 1));
        assert!(futures::poll!(&mut hanging).is_pending());
    }
}
