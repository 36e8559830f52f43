//! Duration of a normal login during each kind of flood.

use super::progress;
use crate::deployment::Deployment;
use crate::flood::{self, Attackers, Flood};
use crate::line::Line;
use crate::login;
use crate::options::Options;
use crate::phone;
use crate::report::{Outcome, Wanted};
use crate::site::Credential;
use crate::stats::Spread;
use crate::usage::{Meter, memory};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// The server's cap on connections, set through its limit of open files.
const PLACES: usize = 4_096;
const FILES: usize = PLACES + 128;
/// More than the cap.
const ATTACKERS: usize = 5_000;
/// Number of repeated logins after which the measurement fails.
const MOST_REPEATED: u32 = 20;
const MIB: f64 = 1024.0 * 1024.0;

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for flood in Flood::ALL {
        outcomes.push(row(options, flood).await?);
    }
    Ok(outcomes)
}

async fn row(options: &Options, flood: Flood) -> Result<Outcome> {
    let count = flood::size(flood, ATTACKERS);
    let outcome = Outcome::of("floods").case("flood", flood).case("attackers", count);
    if let Some(why) = options.too_many(count) {
        return Ok(outcome.note(why));
    }
    let server = Deployment::with_files(options, FILES).await?;
    let phones = phone::sign_in(&server, 1).await?;
    login_anew(&server, &phones[0]).await?;
    // By then the blocking threads that hashed the password have exited, which frees their memory.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let pid = server.server.pid();
    let idle = memory(pid)?.rss;
    let _attackers = Attackers::gather(&server, flood, count).await?;
    let meter = Meter::start(pid)?;
    let (mut times, mut most, mut repeated) = (Vec::new(), idle, 0);
    for _ in 0..options.pick(300, 50) {
        let start = Instant::now();
        // A connection that is idle between two steps may be evicted; a browser would retry on a new one.
        while let Err(error) = login_anew(&server, &phones[0]).await {
            repeated += 1;
            if repeated > MOST_REPEATED {
                return Err(error).with_context(|| format!("a login during {flood}"));
            }
        }
        times.push(start.elapsed());
        most = most.max(memory(pid)?.rss);
    }
    let (percent, spread) = (meter.percent()?, Spread::of(times));
    progress(format!("{flood}: a login takes {:.1} ms (p99)", spread.percentile(99.0)));
    let outcome = outcome
        .figure("samples", "", spread.count() as f64)
        .figure("p50", "ms", spread.percentile(50.0))
        .figure("p99", "ms", spread.percentile(99.0))
        .figure("max", "ms", spread.max())
        .figure("begun again", "", f64::from(repeated))
        .figure("server's core", "%", percent)
        .figure("RSS above idle", "MiB", (most - idle) / MIB);
    Ok(match flood {
        Flood::Hashes => outcome.target("RSS above idle", Wanted::AtMost(128.0)),
        _ => outcome,
    })
}

/// Logs in over new connections, as a PC and a phone that were not connected before.
async fn login_anew(server: &Deployment, credential: &Credential) -> Result<()> {
    let (mut pc, mut phone) = (Line::open(server.pc).await?, Line::open(server.phone).await?);
    login::login(server.dialect, &mut pc, &mut phone, credential, |_, _| {}).await
}
