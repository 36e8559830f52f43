//! Attacking connections. Each sends as little as possible, and reconnects when the server closes it.

use crate::deployment::Deployment;
use crate::line::{Line, connect};
use anyhow::{Context, Result};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Delay before a closed connection is reopened.
const PAUSE: Duration = Duration::from_millis(100);
/// Delay from a sign-in request to the disconnect: by then the server has read it.
const HASH_BEGUN: Duration = Duration::from_millis(3);
/// Number of connections that request hashes: six hundred a second, of which a core can compute forty.
const HASHING: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// The baseline.
    None,
    UnfinishedHeads,
    Silence,
    UnsentBodies,
    Hashes,
    OneTicket,
}

impl Flood {
    pub const ALL: [Self; 6] =
        [Self::None, Self::UnfinishedHeads, Self::Silence, Self::UnsentBodies, Self::Hashes, Self::OneTicket];
}

impl fmt::Display for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::UnfinishedHeads => "heads that never end",
            Self::Silence => "silent connections",
            Self::UnsentBodies => "bodies that never come",
            Self::Hashes => "hash and hang up",
            Self::OneTicket => "WebSockets on one ticket",
        })
    }
}

/// Runs until dropped.
#[derive(Debug)]
pub struct Attackers {
    _tasks: JoinSet<()>,
}

impl Attackers {
    /// Returns once each of `count` connections has been opened.
    pub async fn gather(deployment: &Deployment, flood: Flood, count: usize) -> Result<Self> {
        let mut tasks = JoinSet::new();
        let tried = Arc::new(Semaphore::new(0));
        let request: Arc<str> = request(deployment, flood).await?.into();
        for _ in 0..count {
            tasks.spawn(attack(deployment.pc, flood, Arc::clone(&request), Arc::clone(&tried)));
        }
        let _ = tried.acquire_many(u32::try_from(count)?).await.context("opening the attacking connections")?;
        Ok(Self { _tasks: tasks })
    }
}

/// Returns the number of attacking connections, at most `many`.
pub fn size(flood: Flood, many: usize) -> usize {
    match flood {
        Flood::None => 0,
        Flood::Hashes => HASHING,
        _ => many,
    }
}

/// Returns what each connection sends.
async fn request(deployment: &Deployment, flood: Flood) -> Result<String> {
    let dialect = deployment.dialect;
    Ok(match flood {
        Flood::None | Flood::Silence => String::new(),
        Flood::UnfinishedHeads => dialect.page("").trim_end().to_owned(),
        Flood::UnsentBodies => {
            let whole = dialect.sign_in("unknown", "wrong", "attacker");
            whole.trim_end_matches(|letter| letter != '\n').to_owned()
        }
        Flood::Hashes => dialect.sign_in("unknown", "wrong", "attacker"),
        Flood::OneTicket => {
            let mut line = Line::open(deployment.pc).await?;
            let ticket = dialect.issued(line.ask(&dialect.generate()).await?)?;
            dialect.watch(&ticket)
        }
    })
}

async fn attack(server: SocketAddr, flood: Flood, request: Arc<str>, tried: Arc<Semaphore>) {
    let mut is_new = true;
    loop {
        // Errors are expected: refused connections are retried.
        let held = async {
            let mut stream = connect(server, None).await?;
            stream.write_all(request.as_bytes()).await?;
            if std::mem::take(&mut is_new) {
                tried.add_permits(1);
            }
            let mut nowhere = sink();
            let ended = copy(&mut stream, &mut nowhere);
            if flood == Flood::Hashes {
                let _ = timeout(HASH_BEGUN, ended).await;
            } else {
                ended.await?;
            }
            anyhow::Ok(())
        };
        let _ = held.await;
        sleep(PAUSE).await;
    }
}
