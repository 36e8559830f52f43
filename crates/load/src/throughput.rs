//! Measures how often a server completes some work.

use crate::stats::Spread;
use crate::usage::Meter;
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Work that is done repeatedly.
pub trait Work: Send + 'static {
    /// Does it once, and returns how long it, or the relevant part of it, took.
    fn once(&mut self) -> impl Future<Output = Result<Duration>> + Send;
}

#[derive(Debug)]
pub struct Throughput {
    pub per_second: f64,
    pub spread: Spread,
    /// CPU usage of the server's core, in percent.
    pub server_cpu: f64,
    /// CPU usage of the driver. Near 100 of one core, the driver is the bottleneck.
    pub driver_cpu: f64,
}

/// Runs all workers concurrently for `round`, after a warm-up that does not count.
pub async fn run<W: Work>(server: u32, workers: Vec<W>, round: Duration) -> Result<Throughput> {
    let warm = Instant::now() + round / 5;
    let end = warm + round;
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn(repeat(worker, warm, end));
    }
    tokio::time::sleep_until(warm.into()).await;
    let (on_server, here) = (Meter::start(server)?, Meter::start(std::process::id())?);
    tokio::time::sleep_until(end.into()).await;
    let (server_cpu, driver_cpu) = (on_server.percent()?, here.percent()?);
    let mut durations = Vec::new();
    while let Some(task) = tasks.join_next().await {
        durations.extend(task.context("a worker panicked")??);
    }
    ensure!(!durations.is_empty(), "nothing was done within {} s", round.as_secs());
    let per_second = durations.len() as f64 / round.as_secs_f64();
    Ok(Throughput { per_second, spread: Spread::of(durations), server_cpu, driver_cpu })
}

/// Returns the durations of the work that ended between the two times.
async fn repeat(mut worker: impl Work, warm: Instant, end: Instant) -> Result<Vec<Duration>> {
    let mut durations = Vec::new();
    loop {
        let duration = worker.once().await?;
        let now = Instant::now();
        if now > end {
            return Ok(durations);
        }
        if now >= warm {
            durations.push(duration);
        }
    }
}

/// Returns the round with the median throughput.
pub fn middle(mut rounds: Vec<Throughput>) -> Option<Throughput> {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle)
}
