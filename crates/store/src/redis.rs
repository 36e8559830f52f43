//! Tickets, their notifications and rate limits on Redis: for several nodes.
//!
//! One connection carries every command of a node and one more its subscription, however many PCs wait. Each is made
//! again when it is lost.

mod limits;
mod tickets;

use super::StoreError;
use ::redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};
use ::redis::{Client, Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use std::fmt;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long to wait for an answer. Redis holds its answers back for up to two seconds while its disk is slow.
const RESPONSE: Duration = Duration::from_secs(4);
/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// How often a command is sent anew over a new connection.
const ATTEMPTS: u32 = 3;
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// What all our keys and channels begin with.
const PREFIX: &str = "qr-login";

/// The engine. Unreachable, it answers `Unavailable`; reachable again, it goes on.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
}

impl fmt::Debug for Redis {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    /// The engine behind `client`. It connects when it is first needed, so that a node starts without it.
    ///
    /// # Errors
    /// When the address cannot be prepared for.
    pub fn new(client: Client) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(RESPONSE))
            .set_connection_timeout(Some(CONNECT))
            // Trying again is up to `run`, which knows when to give up.
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)
            .map_err(|error| StoreError::unavailable("prepare for Redis", error))?;
        Ok(Self { client, connection })
    }

    /// Runs a command. Retries on connection loss; `command` must be idempotent.
    async fn run<T: FromRedisValue>(&self, action: &'static str, command: &Cmd) -> Result<T, StoreError> {
        self.retry(action, |mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Runs a script in one step, by its hash, so that Redis neither receives nor reads its text each time. Retries as
    /// [`Self::run`] does.
    async fn run_script<T: FromRedisValue>(
        &self,
        action: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        self.retry(action, |mut connection| async move { script.invoke_async(&mut connection).await }).await
    }

    async fn retry<T, F: Future<Output = RedisResult<T>>>(
        &self,
        action: &'static str,
        send: impl Fn(ConnectionManager) -> F,
    ) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            match send(self.connection.clone()).await {
                Ok(value) => return Ok(value),
                Err(error) if attempt < ATTEMPTS && was_lost(&error) => {
                    attempt += 1;
                    sleep(PAUSE).await;
                }
                Err(error) => return Err(StoreError::unavailable(action, error)),
            }
        }
    }

    /// Runs a script that must not be run twice.
    async fn run_once<T: FromRedisValue>(
        &self,
        action: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let answer = script.invoke_async(&mut self.connection.clone()).await;
        answer.map_err(|error| StoreError::unavailable(action, error))
    }

    /// A connection that listens to `channel`.
    async fn subscribe(&self, channel: &str) -> RedisResult<PubSub> {
        let connecting = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(channel).await?;
            Ok(connection)
        };
        timeout(CONNECT + RESPONSE, connecting).await.unwrap_or_else(|_| Err(silent()))
    }
}

/// Whether another attempt may find a connection that works. One that was too slow is not asked again.
fn was_lost(error: &RedisError) -> bool {
    !error.is_timeout() && (error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal())
}

fn silent() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
