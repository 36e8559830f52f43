//! Sign-in pages per second, each with a new code.

use super::progress;
use crate::deployment::Deployment;
use crate::line::Line;
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::throughput::{self, Throughput, Work, middle};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// Number of concurrent browsers.
const BROWSERS: usize = 32;

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let pages = throughput(async || Deployment::embedded(options).await, options).await?;
    progress(format!("{:.0} pages/s", pages.per_second));
    Ok(vec![row("page", &pages).target("pages", Wanted::AtLeast(12_000.0))])
}

pub fn row(table: &str, pages: &Throughput) -> Outcome {
    Outcome::of(table)
        .case("connections", BROWSERS)
        .figure("pages", "pages/s", pages.per_second)
        .figure("first byte p50", "ms", pages.spread.percentile(50.0))
        .figure("first byte p99", "ms", pages.spread.percentile(99.0))
        .figure("server's core", "%", pages.server_cpu)
        .figure("driver", "%", pages.driver_cpu)
}

/// A browser that opens the page repeatedly, with one keep-alive connection and its cookie.
struct Browser {
    line: Line,
    request: String,
}

impl Work for Browser {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        Ok(self.line.ask(&self.request).await?.ok()?.first_byte - start)
    }
}

/// Starts a server for each round, because a server stores a bounded number of tickets.
pub async fn throughput(start: impl AsyncFn() -> Result<Deployment>, options: &Options) -> Result<Throughput> {
    let mut rounds = Vec::new();
    for _ in 0..options.rounds() {
        let server = start().await?;
        let mut browsers = Vec::new();
        for _ in 0..BROWSERS {
            let mut line = Line::open(server.pc).await?;
            let first = line.ask(&server.dialect.page("")).await?.ok().context("the page")?;
            let request = server.dialect.page(&first.cookie("qr_browser").unwrap_or_default());
            browsers.push(Browser { line, request });
        }
        rounds.push(throughput::run(server.server.pid(), browsers, options.round()).await?);
    }
    middle(rounds).context("no round was measured")
}
