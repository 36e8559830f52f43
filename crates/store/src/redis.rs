//! Tickets, their notifications and rate limits on Redis: for several nodes.
//!
//! All commands of a node share one connection and its subscription has a second one, however many PCs wait. Lost
//! connections are re-established.

mod limits;
mod tickets;

use super::StoreError;
use ::redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};
use ::redis::{Client, Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use std::fmt;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Response timeout. Redis may delay responses for up to two seconds while its disk is slow.
const RESPONSE: Duration = Duration::from_secs(4);
/// Connection timeout.
const CONNECT: Duration = Duration::from_secs(2);
/// Maximum number of attempts to send a command, each over a new connection.
const ATTEMPTS: u32 = 3;
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// Prefix of all our keys and channels.
const PREFIX: &str = "qr-login";

/// The engine. Returns `Unavailable` while Redis cannot be reached, and recovers on its own.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
}

impl fmt::Debug for Redis {
    /// Omits the address, which may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    /// Creates the engine for `client`. It connects lazily, so that a node can start without Redis.
    ///
    /// # Errors
    /// If the client cannot be set up for the address.
    pub fn new(client: Client) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(RESPONSE))
            .set_connection_timeout(Some(CONNECT))
            // `run` does the retries, because it knows when to give up.
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)
            .map_err(|error| StoreError::unavailable("prepare for Redis", error))?;
        Ok(Self { client, connection })
    }

    /// Runs a command. Retries on connection loss; `command` must be idempotent.
    async fn run<T: FromRedisValue>(&self, action: &'static str, command: &Cmd) -> Result<T, StoreError> {
        self.retry(action, |mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Runs a script atomically, by its hash, so that Redis neither receives nor parses its text each time. Retries
    /// like [`Self::run`].
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

    /// Runs a script that is not idempotent.
    async fn run_once<T: FromRedisValue>(
        &self,
        action: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let answer = script.invoke_async(&mut self.connection.clone()).await;
        answer.map_err(|error| StoreError::unavailable(action, error))
    }

    /// Opens a connection that is subscribed to `channel`.
    async fn subscribe(&self, channel: &str) -> RedisResult<PubSub> {
        let connecting = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(channel).await?;
            Ok(connection)
        };
        timeout(CONNECT + RESPONSE, connecting).await.unwrap_or_else(|_| Err(silent()))
    }
}

/// Returns whether a retry over a new connection may succeed. A response timeout is not retried.
fn was_lost(error: &RedisError) -> bool {
    !error.is_timeout() && (error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal())
}

fn silent() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
