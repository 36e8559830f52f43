//! Memory and CPU time of PCs that merely wait.

use super::{progress, row_of_waiting};
use crate::deployment::Deployment;
use crate::herd::{Herd, Transport};
use crate::line::Line;
use crate::login;
use crate::options::Options;
use crate::phone;
use crate::report::{Outcome, Wanted};
use crate::usage::{Memory, Meter, memory};
use anyhow::{Context, Result};
use std::time::Duration;

/// By then the threads that hashed the phone's password have exited, which frees their memory.
const REST: Duration = Duration::from_secs(12);
const KIB: f64 = 1024.0;
pub const MIB: f64 = 1024.0 * KIB;

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![nobody(options).await?];
    for transport in [Transport::WebSocket, Transport::LongPoll, Transport::Poll] {
        for waiting in [1_000, 10_000, 50_000] {
            let server = Deployment::embedded(options).await?;
            let outcome = cell(options, &server, "waiting", transport, waiting).await?;
            outcomes.push(match (transport, waiting) {
                (Transport::WebSocket, 10_000) => {
                    outcome.target("each (RSS)", Wanted::AtMost(6.0)).target("server's core", Wanted::Below(1.0))
                }
                _ => outcome,
            });
        }
    }
    Ok(outcomes)
}

async fn nobody(options: &Options) -> Result<Outcome> {
    let server = Deployment::embedded(options).await?;
    warm(&server).await?;
    let meter = Meter::start(server.server.pid())?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let percent = meter.percent()?;
    let outcome = Outcome::of("waiting").case("transport", "–").case("waiting PCs", 0);
    Ok(total(outcome, memory(server.server.pid())?).figure("server's core", "%", percent))
}

/// Measures one row of such a table.
pub async fn cell(
    options: &Options,
    deployment: &Deployment,
    table: &str,
    transport: Transport,
    waiting: usize,
) -> Result<Outcome> {
    let outcome = row_of_waiting(table, transport, waiting);
    if let Some(why) = options.too_many(waiting) {
        return Ok(outcome.note(why));
    }
    let pid = deployment.server.pid();
    warm(deployment).await?;
    let before = memory(pid)?;
    let herd = Herd::gather(deployment, transport, waiting).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let meter = Meter::start(pid)?;
    tokio::time::sleep(options.pick(round_of(transport), Duration::from_secs(10))).await;
    let (percent, after) = (meter.percent()?, memory(pid)?);
    herd.check()?;
    let each = |before: f64, after: f64| (after - before) / waiting as f64 / KIB;
    let (rss, pss) = (each(before.rss, after.rss), each(before.pss, after.pss));
    progress(format!("{transport}, {waiting} waiting: {rss:.1} KiB each, {percent:.2} % of the core"));
    Ok(total(outcome, after).figure("each (RSS)", "KiB", rss).figure("each (PSS)", "KiB", pss).figure(
        "server's core",
        "%",
        percent,
    ))
}

fn total(outcome: Outcome, memory: Memory) -> Outcome {
    outcome.figure("RSS", "MiB", memory.rss / MIB).figure("PSS", "MiB", memory.pss / MIB)
}

/// Returns a duration in which each PC is active equally often: pinged, or polling again.
const fn round_of(transport: Transport) -> Duration {
    match transport {
        Transport::WebSocket => Duration::from_secs(45),
        Transport::LongPoll => Duration::from_secs(25),
        Transport::Poll => Duration::from_secs(20),
    }
}

/// Logs in once, so that one-time allocations happen before the memory is read, and rests until temporary ones are
/// freed.
async fn warm(deployment: &Deployment) -> Result<()> {
    let phones = phone::sign_in(deployment, 1).await?;
    let (mut pc, mut phone) = (Line::open(deployment.pc).await?, Line::open(deployment.phone).await?);
    login::login(deployment.dialect, &mut pc, &mut phone, &phones[0], |_, _| {}).await.context("a login to warm up")?;
    tokio::time::sleep(REST).await;
    Ok(())
}
