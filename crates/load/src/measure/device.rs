//! Logins by OAuth's device flow on a provider for Node.js, compared with ours.

use super::compare::{Better, RATIO, compare};
use super::{logins, progress};
use crate::deployment::Deployment;
use crate::device::{self, Provider};
use crate::login;
use crate::options::Options;
use crate::report::{Outcome, Wanted};
use crate::stats::median;
use crate::throughput::middle;
use anyhow::{Context, Result};

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for concurrency in logins::CONCURRENCY {
        let server = Deployment::embedded(options).await?;
        let provider = Provider::start(options).await?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // Alternating, so that other load on the machine affects both alike.
        for _ in 0..options.rounds() {
            theirs.push(device::throughput(&provider, concurrency, options.round()).await?);
            ours.push(login::throughput(&server, concurrency, options.round()).await?);
        }
        let ours = median(ours.iter().map(|ours| ours.per_second).collect());
        let theirs = middle(theirs).context("no round was measured")?;
        progress(format!("{concurrency} at a time: {:.0} logins/s, ours {ours:.0}", theirs.per_second));
        let row = logins::throughput_row("device-logins", concurrency, &theirs);
        let row = compare(row, "logins", Some(ours), Better::More);
        outcomes.push(if concurrency == 64 { row.target(RATIO, Wanted::AtLeast(10.0)) } else { row });
    }
    Ok(outcomes)
}
