//! How soon the PC reacts to the tap on the phone, with many other PCs waiting.

use super::{progress, row_of_waiting};
use crate::deployment::Deployment;
use crate::herd::{Herd, Transport};
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::sampler::{self, Plan};
use anyhow::Result;
use std::time::Duration;

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for transport in [Transport::WebSocket, Transport::LongPoll, Transport::Poll] {
        for waiting in [1, 100, 1_000, 10_000] {
            let server = Deployment::embedded(options).await?;
            let outcome = cell(options, &server, "reaction", transport, waiting).await?;
            outcomes.push(match (transport, waiting) {
                (Transport::Poll, _) => outcome,
                (_, 1) => outcome.target("signed in p50", Wanted::Below(10.0)),
                (_, 10_000) => outcome.target("signed in p99", Wanted::Below(20.0)),
                _ => outcome,
            });
        }
    }
    Ok(outcomes)
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
    let samples = match (transport, waiting) {
        // A PC that polls takes about a second per sample.
        (Transport::Poll, 1) => options.pick(60, 5),
        (Transport::Poll, _) => options.pick(500, 100),
        _ => options.pick(1000, 200),
    };
    let herd = Herd::gather(deployment, transport, waiting).await?;
    tokio::time::sleep(Duration::from_secs(options.pick(3, 1))).await;
    let reaction = sampler::sample(deployment, &herd, transport, Plan { waiting, samples }).await?;
    let (noticed, signed_in) = (&reaction.noticed, &reaction.signed_in);
    progress(format!("{transport}, {waiting} waiting: signed in after {:.2} ms (p99)", signed_in.percentile(99.0)));
    Ok(outcome
        .figure("samples", "", noticed.count() as f64)
        .figure("notice p50", "ms", noticed.percentile(50.0))
        .figure("notice p99", "ms", noticed.percentile(99.0))
        .figure("notice max", "ms", noticed.max())
        .figure("signed in p50", "ms", signed_in.percentile(50.0))
        .figure("signed in p99", "ms", signed_in.percentile(99.0))
        .figure("signed in max", "ms", signed_in.max()))
}
