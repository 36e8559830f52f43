//! Many waiting PCs, each with its own code.

mod watcher;

use crate::deployment::Deployment;
use crate::line::Lines;
use crate::site::{self, Dialect, Status, Ticket};
use anyhow::{Context, Result, bail, ensure};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use watcher::Watcher;

/// Number of PCs that arrive concurrently.
const ARRIVING: usize = 64;
/// Longer than any step takes, even if ten thousand PCs poll a slow server.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a PC is notified of what happens on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    LongPoll,
    /// Polls every second.
    Poll,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WebSocket => "WebSocket",
            Self::LongPoll => "long poll",
            Self::Poll => "poll, 1 s",
        })
    }
}

/// The state of a PC.
#[derive(Clone, Debug)]
pub enum Stage {
    Arriving,
    Waiting(Arc<Ticket>),
    Scanned,
    /// It stays in this state until it is restarted.
    SignedIn {
        noticed: Instant,
        signed_in: Instant,
    },
    Failed(String),
}

#[derive(Debug)]
pub struct Pc {
    stage: watch::Sender<Stage>,
    again: Notify,
}

/// What the PCs share.
#[derive(Debug)]
struct Site {
    dialect: Dialect,
    address: SocketAddr,
    transport: Transport,
    /// For the requests before and after the wait.
    lines: Lines,
    door: Semaphore,
    count: usize,
}

/// PCs that wait until dropped.
#[derive(Debug)]
pub struct Herd {
    pcs: Vec<Arc<Pc>>,
    _tasks: JoinSet<()>,
}

impl Herd {
    /// Starts `count` PCs and returns once all of them wait.
    pub async fn gather(deployment: &Deployment, transport: Transport, count: usize) -> Result<Self> {
        let site = Arc::new(Site {
            dialect: deployment.dialect,
            address: deployment.pc,
            transport,
            lines: Lines::to(deployment.pc),
            door: Semaphore::new(ARRIVING),
            count,
        });
        let mut herd = Self { pcs: Vec::with_capacity(count), _tasks: JoinSet::new() };
        for number in 0..count {
            let pc = Arc::new(Pc { stage: watch::Sender::new(Stage::Arriving), again: Notify::new() });
            herd.pcs.push(Arc::clone(&pc));
            herd._tasks.spawn(live(pc, Arc::clone(&site), number));
        }
        for pc in &herd.pcs {
            pc.ticket().await.context("a PC comes to wait")?;
        }
        Ok(herd)
    }

    pub fn pc(&self, number: usize) -> &Pc {
        &self.pcs[number % self.pcs.len()]
    }

    /// Fails unless every PC is still waiting.
    pub fn check(&self) -> Result<()> {
        for pc in &self.pcs {
            match &*pc.stage.borrow() {
                Stage::Waiting(_) => {}
                Stage::Failed(why) => bail!("a waiting PC failed: {why}"),
                stage => bail!("a PC should wait, but it is {stage:?}"),
            }
        }
        Ok(())
    }
}

impl Pc {
    /// Returns the code that it shows, once it waits.
    pub async fn ticket(&self) -> Result<Arc<Ticket>> {
        match self.reach(|stage| matches!(stage, Stage::Waiting(_))).await? {
            Stage::Waiting(ticket) => Ok(ticket),
            stage => bail!("a PC is {stage:?}"),
        }
    }

    /// Waits until it knows that its code was scanned.
    pub async fn scanned(&self) -> Result<()> {
        self.reach(|stage| matches!(stage, Stage::Scanned)).await.map(|_| ())
    }

    /// Returns when it learned of the approval and when it was signed in. Then it requests another code.
    pub async fn signed_in(&self) -> Result<(Instant, Instant)> {
        let stage = self.reach(|stage| matches!(stage, Stage::SignedIn { .. })).await?;
        self.again.notify_one();
        match stage {
            Stage::SignedIn { noticed, signed_in } => Ok((noticed, signed_in)),
            stage => bail!("a PC is {stage:?}"),
        }
    }

    async fn reach(&self, wanted: impl Fn(&Stage) -> bool) -> Result<Stage> {
        let mut stages = self.stage.subscribe();
        let reached = stages.wait_for(|stage| wanted(stage) || matches!(stage, Stage::Failed(_)));
        let stage = timeout(PATIENCE, reached)
            .await
            .with_context(|| format!("a PC stays {:?}", *self.stage.borrow()))?
            .context("a PC has gone")?
            .clone();
        match stage {
            Stage::Failed(why) => bail!("a PC failed: {why}"),
            stage => Ok(stage),
        }
    }
}

async fn live(pc: Arc<Pc>, site: Arc<Site>, number: usize) {
    if let Err(error) = log_in_again_and_again(&pc, &site, number).await {
        pc.stage.send_replace(Stage::Failed(format!("{error:#}")));
    }
}

async fn log_in_again_and_again(pc: &Pc, site: &Site, number: usize) -> Result<()> {
    loop {
        let place = site.door.acquire().await?;
        let issued = site.lines.ask(&site.dialect.generate(), |answer| site.dialect.issued(answer)).await;
        let ticket = Arc::new(issued.context("a PC asks for a code")?);
        let mut watcher = Watcher::open(site, &ticket, number).await?;
        drop(place);
        pc.stage.send_replace(Stage::Waiting(Arc::clone(&ticket)));
        let mut seen = Status::Pending;
        while seen != Status::Confirmed {
            seen = watcher.next(site.dialect, &ticket, seen).await.context("a PC waits")?;
            ensure!(matches!(seen, Status::Pending | Status::Scanned | Status::Confirmed), "its ticket is {seen:?}");
            if seen == Status::Scanned {
                pc.stage.send_replace(Stage::Scanned);
            }
        }
        let noticed = Instant::now();
        if !site.dialect.token_comes_with_the_notice() {
            let redeemed = site.lines.ask(&site.dialect.redeem(&ticket), site::token).await;
            redeemed.context("a PC redeems")?;
        }
        pc.stage.send_replace(Stage::SignedIn { noticed, signed_in: Instant::now() });
        pc.again.notified().await;
    }
}
