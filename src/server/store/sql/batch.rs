//! One query for all that is asked at about the same time.
//!
//! A row costs a database little. What costs is each query: SQLite's thread has to wake up, PostgreSQL is a round trip away.

use super::{Asked, failed, in_time};
use crate::server::store::StoreError;
use sqlx::{Database, Pool};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

/// How much one query asks for at the most. Each number up to this is a statement of its own, which connections keep.
const LARGEST: usize = 16;

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

    /// The answers to `questions`, of which there is at least one, in their order. What is wrong with one is no other's
    /// concern.
    fn run(
        questions: &[Self::Question],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> impl Future<Output = Result<Answers<Self>, sqlx::Error>> + Send;
}

/// To each question what became of it.
pub(in crate::server::store) type Answers<B> = Vec<Result<<B as Bulk>::Answer, sqlx::Error>>;

type Caller<B> = oneshot::Sender<Result<<B as Bulk>::Answer, StoreError>>;

/// Collects what callers ask while the query before is under way. Alone, a caller waits for nobody.
pub(in crate::server::store) struct Batch<B: Bulk> {
    queue: mpsc::UnboundedSender<(B::Question, Caller<B>)>,
}

impl<B: Bulk> Batch<B> {
    /// Asks over connections of `pool`, one query at a time.
    pub(in crate::server::store) fn new(pool: &Pool<B::Engine>) -> Self {
        let (queue, asked) = mpsc::unbounded_channel();
        tokio::spawn(answer::<B>(pool.clone(), asked));
        Self { queue }
    }

    /// The answer to `question`, which was asked of the database after this was called.
    ///
    /// # Errors
    /// `Unavailable`, when the database is or does not answer in time. Then all who asked together get the same error.
    pub(in crate::server::store) async fn ask(&self, question: B::Question) -> Result<B::Answer, StoreError> {
        let (caller, answer) = oneshot::channel();
        // Either fails only while the process ends.
        let stopped = || StoreError::unavailable(B::ACTION, "the server is stopping");
        self.queue.send((question, caller)).map_err(|_| stopped())?;
        in_time(B::ACTION, answer).await?.map_err(|_| stopped())?
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

/// Answers until nobody can ask any more.
async fn answer<B: Bulk>(pool: Pool<B::Engine>, mut queue: mpsc::UnboundedReceiver<(B::Question, Caller<B>)>) {
    let mut asked = Vec::with_capacity(LARGEST);
    while queue.recv_many(&mut asked, LARGEST).await > 0 {
        // Whoever is about to ask in this moment comes along.
        yield_now().await;
        while asked.len() < LARGEST
            && let Ok(more) = queue.try_recv()
        {
            asked.push(more);
        }
        // After an outage most of those who asked are gone.
        asked.retain(|(_, caller)| !caller.is_closed());
        let (questions, callers): (Vec<_>, Vec<_>) = asked.drain(..).unzip();
        if questions.is_empty() {
            continue;
        }
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
}
