//! How long a proxy waits for the answer about each request, with and without PCs that wait for a scan.

use super::progress;
use crate::deployment::Deployment;
use crate::forward_auth::{self, HOST};
use crate::herd::{Herd, Transport};
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::throughput::middle;
use anyhow::{Context, Result};

/// The second one with the target.
const WAITING: [usize; 2] = [0, 10_000];
const CONCURRENCY: [usize; 2] = [1, 16];

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for waiting in WAITING {
        let server = Deployment::with_site(options, HOST).await?;
        let herd = match (waiting, options.too_many(waiting)) {
            (0, _) => None,
            (_, Some(why)) => {
                outcomes.push(Outcome::of("forward-auth").case("waiting PCs", waiting).note(why));
                continue;
            }
            _ => Some(Herd::gather(&server, Transport::WebSocket, waiting).await?),
        };
        for concurrency in CONCURRENCY {
            let mut rounds = Vec::new();
            for _ in 0..options.rounds() {
                rounds.push(forward_auth::throughput(&server, concurrency, options.round()).await?);
            }
            let round = middle(rounds).context("no round was measured")?;
            let p99 = round.spread.percentile(99.0);
            progress(format!("{waiting} waiting, {concurrency} at a time: {:.0}/s, p99 {p99:.2} ms", round.per_second));
            let row = Outcome::of("forward-auth")
                .case("waiting PCs", waiting)
                .case("at a time", concurrency)
                .figure("answers", "/s", round.per_second)
                .figure("p50", "ms", round.spread.percentile(50.0))
                .figure("p99", "ms", p99)
                .figure("max", "ms", round.spread.max())
                .figure("server's core", "%", round.server_cpu)
                .figure("driver", "%", round.driver_cpu);
            outcomes.push(if waiting > 0 { row.target("p99", Wanted::Below(2.0)) } else { row });
        }
        if let Some(herd) = herd {
            herd.check()?;
        }
    }
    Ok(outcomes)
}
