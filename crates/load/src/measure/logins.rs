//! Logins per second, also as a share of what bare axum could handle.

use super::progress;
use crate::bare_axum;
use crate::deployment::Deployment;
use crate::line::Line;
use crate::login;
use crate::options::Options;
use crate::phone;
use crate::report::{Outcome, Wanted};
use crate::stats::median;
use crate::throughput::{self, Throughput, Work, middle};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const CONCURRENCY: [usize; 3] = [1, 16, 64];

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for concurrency in CONCURRENCY {
        let server = Deployment::embedded(options).await?;
        let steps = Arc::new(record(&server).await?);
        let bare = Deployment::bare_axum(options, &steps.iter().map(|step| step.size).collect::<Vec<_>>()).await?;
        let (mut ours, mut baselines) = (Vec::new(), Vec::new());
        // Alternating, so that other load on the machine affects both alike.
        for _ in 0..options.rounds() {
            ours.push(login::throughput(&server, concurrency, options.round()).await?);
            baselines.push(replay(&bare, &steps, concurrency, options.round()).await?);
        }
        let baseline = median(baselines.iter().map(|baseline| baseline.per_second).collect());
        let ours = middle(ours).context("no round was measured")?;
        progress(format!("{concurrency} at a time: {:.0} logins/s, bare axum {baseline:.0}", ours.per_second));
        let mut outcome = throughput_row("logins", concurrency, &ours)
            .figure("bare axum", "logins/s", baseline)
            .figure("share of it", "%", 100.0 * ours.per_second / baseline);
        if concurrency == 64 {
            outcome = outcome.target("share of it", Wanted::AtLeast(30.0));
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Builds the figures that every table of logins has.
pub fn throughput_row(table: &str, concurrency: usize, logins: &Throughput) -> Outcome {
    Outcome::of(table)
        .case("at a time", concurrency)
        .figure("logins", "logins/s", logins.per_second)
        .figure("p50", "ms", logins.spread.percentile(50.0))
        .figure("p99", "ms", logins.spread.percentile(99.0))
        .figure("server's time each", "ms", 10.0 * logins.server_cpu / logins.per_second)
        .figure("server's core", "%", logins.server_cpu)
        .figure("driver", "%", logins.driver_cpu)
}

/// A request of a login, and the length of its response.
struct Step {
    request: String,
    size: usize,
}

/// Records one real login.
async fn record(server: &Deployment) -> Result<Vec<Step>> {
    let phones = phone::sign_in(server, 1).await?;
    let (mut pc, mut phone) = (Line::open(server.pc).await?, Line::open(server.phone).await?);
    let mut steps = Vec::new();
    login::login(server.dialect, &mut pc, &mut phone, &phones[0], |request, answer| {
        steps.push(Step { request: redirect(request, steps.len()), size: answer.body.len() });
    })
    .await
    .context("recording a login")?;
    Ok(steps)
}

/// Builds the same request, headers and body, for the baseline's path with that number.
fn redirect(request: &str, number: usize) -> String {
    let mut words = request.splitn(3, ' ');
    let method = words.next().unwrap_or_default();
    format!("{method} {} {}", bare_axum::path(number), words.nth(1).unwrap_or_default())
}

/// A person who replays a login's requests on the baseline.
struct Replay {
    pc: Line,
    phone: Line,
    steps: Arc<Vec<Step>>,
}

impl Work for Replay {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        for (number, step) in self.steps.iter().enumerate() {
            // Scan and confirm are sent by the phone.
            let line = if matches!(number, 2 | 3) { &mut self.phone } else { &mut self.pc };
            line.ask(&step.request).await?.ok()?;
        }
        Ok(start.elapsed())
    }
}

async fn replay(bare: &Deployment, steps: &Arc<Vec<Step>>, concurrency: usize, round: Duration) -> Result<Throughput> {
    let mut people = Vec::new();
    for _ in 0..concurrency {
        let (pc, phone) = (Line::open(bare.pc).await?, Line::open(bare.pc).await?);
        people.push(Replay { pc, phone, steps: Arc::clone(steps) });
    }
    throughput::run(bare.server.pid(), people, round).await
}
