//! What apps do, on ours and on a provider for Node.js.

use super::compare::RATIO;
use super::progress;
use crate::apps::{self, Provider, Step};
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::stats::median;
use crate::throughput::middle;
use anyhow::{Context, Result};

const CONCURRENCY: [usize; 2] = [1, 64];

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for step in Step::ALL {
        for concurrency in CONCURRENCY {
            let (server, provider) = (Provider::ours(options).await?, Provider::theirs(options).await?);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            // Alternating, so that other load on the machine affects both alike.
            for _ in 0..options.rounds() {
                theirs.push(apps::throughput(&provider, step, concurrency, options.round()).await?);
                ours.push(apps::throughput(&server, step, concurrency, options.round()).await?);
            }
            let reference = median(theirs.iter().map(|theirs| theirs.per_second).collect());
            let ours = middle(ours).context("no round was measured")?;
            let name = step.name();
            progress(format!(
                "{name}, {concurrency} at a time: {:.0}/s, oidc-provider {reference:.0}",
                ours.per_second
            ));
            let row = Outcome::of("apps")
                .case("step", name)
                .case("at a time", concurrency)
                .figure("ours", "/s", ours.per_second)
                .figure("p50", "ms", ours.spread.percentile(50.0))
                .figure("p99", "ms", ours.spread.percentile(99.0))
                .figure("server's core", "%", ours.server_cpu)
                .figure("driver", "%", ours.driver_cpu)
                .figure("oidc-provider", "/s", reference)
                .figure(RATIO, "×", ours.per_second / reference);
            outcomes.push(if concurrency == 64 { row.target(RATIO, Wanted::AtLeast(5.0)) } else { row });
        }
    }
    Ok(outcomes)
}
