//! A pool of keep-alive connections, as browsers have.

use super::{Answer, Line, connect};
use anyhow::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A pool that grows to the number of concurrent requests.
#[derive(Clone, Debug)]
pub struct Lines {
    server: SocketAddr,
    source: Option<Ipv4Addr>,
    idle: Arc<Mutex<Vec<Line>>>,
}

impl Lines {
    pub fn to(server: SocketAddr) -> Self {
        Self { server, source: None, idle: Arc::default() }
    }

    /// Creates a pool with a separate source address and one open connection.
    pub async fn open(server: SocketAddr, source: Option<Ipv4Addr>) -> Result<Self> {
        let first = Line::over(connect(server, source).await?);
        Ok(Self { server, source, idle: Arc::new(Mutex::new(vec![first])) })
    }

    /// Sends a request over an idle connection, or over a new one.
    pub async fn ask<T>(&self, request: &str, read: impl FnOnce(Answer<'_>) -> Result<T>) -> Result<T> {
        let kept = self.idle().pop();
        let line = match kept {
            Some(mut line) => match line.exchange(request).await {
                Ok(()) => line,
                // Servers close idle connections, and may do so at this very moment.
                Err(_) => self.ask_anew(request).await?,
            },
            None => self.ask_anew(request).await?,
        };
        let value = read(line.answer()?)?;
        self.idle().push(line);
        Ok(value)
    }

    async fn ask_anew(&self, request: &str) -> Result<Line> {
        let mut line = Line::over(connect(self.server, self.source).await?);
        line.exchange(request).await?;
        Ok(line)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Line>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
