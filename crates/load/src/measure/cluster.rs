//! Logins and reaction time on Redis and PostgreSQL: one node, and two, where the phone uses the other one.

use super::{logins, progress, reaction};
use crate::deployment::{Deployment, Nodes};
use crate::herd::Transport;
use crate::login;
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::throughput::middle;
use anyhow::{Context, Result};

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for nodes in [Nodes::One, Nodes::Two] {
        let number = if nodes == Nodes::One { 1 } else { 2 };
        for concurrency in logins::CONCURRENCY {
            let deployment = Deployment::on_engines(options, nodes).await?;
            let mut rounds = Vec::new();
            for _ in 0..options.rounds() {
                rounds.push(login::throughput(&deployment, concurrency, options.round()).await?);
            }
            let logins = middle(rounds).context("no round was measured")?;
            progress(format!("{number} nodes, {concurrency} at a time: {:.0} logins/s", logins.per_second));
            let row = logins::throughput_row("cluster-logins", concurrency, &logins).first_case("nodes", number);
            outcomes.push(if (nodes, concurrency) == (Nodes::One, 64) {
                row.target("logins", Wanted::AtLeast(2500.0))
            } else {
                row
            });
        }
        for transport in [Transport::WebSocket, Transport::LongPoll] {
            for waiting in [1, 1_000, 10_000] {
                let deployment = Deployment::on_engines(options, nodes).await?;
                let row = reaction::cell(options, &deployment, "cluster-reaction", transport, waiting).await?;
                let row = row.first_case("nodes", number);
                outcomes.push(if waiting == 10_000 && nodes == Nodes::Two {
                    row.target("signed in p99", Wanted::Below(40.0))
                } else {
                    row
                });
            }
        }
    }
    Ok(outcomes)
}
