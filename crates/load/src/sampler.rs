//! Latency from the tap on the phone until the PC is signed in, while many others wait.

use crate::deployment::Deployment;
use crate::herd::{Herd, Transport};
use crate::line::Line;
use crate::phone;
use crate::site::{self, Credential, Status};
use crate::stats::Spread;
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// Delay between scan and tap, so that a long poll waits again; people take far longer.
const THOUGHT: Duration = Duration::from_millis(10);
/// Polling takes half a second each time, so many PCs are sampled concurrently.
const POLLED_AT_ONCE: usize = 50;

#[derive(Debug)]
pub struct Reaction {
    /// Until the PC was notified.
    pub noticed: Spread,
    /// Until the PC had its token.
    pub signed_in: Spread,
}

/// Samples PCs of the herd, one after the other, or concurrently if they poll.
pub async fn sample(deployment: &Deployment, herd: &Herd, transport: Transport, plan: Plan) -> Result<Reaction> {
    let lanes = if transport == Transport::Poll { POLLED_AT_ONCE.min(plan.waiting) } else { 1 };
    let phones = phone::sign_in(deployment, lanes.min(8)).await?;
    let lanes = (0..lanes).map(|first| {
        let credential = &phones[first % phones.len()];
        async move {
            let mut line = Line::open(deployment.phone).await?;
            let mut samples = Vec::new();
            for number in (first..plan.samples).step_by(lanes) {
                samples.push(once(deployment, herd, transport, &mut line, credential, number).await?);
            }
            anyhow::Ok(samples)
        }
    });
    let samples = futures::future::try_join_all(lanes).await?.concat();
    Ok(Reaction {
        noticed: Spread::of(samples.iter().map(|(noticed, _)| *noticed)),
        signed_in: Spread::of(samples.iter().map(|(_, signed_in)| *signed_in)),
    })
}

/// How many PCs wait, and how many of them are sampled.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub waiting: usize,
    pub samples: usize,
}

async fn once(
    deployment: &Deployment,
    herd: &Herd,
    transport: Transport,
    phone: &mut Line,
    credential: &Credential,
    number: usize,
) -> Result<(Duration, Duration)> {
    let dialect = deployment.dialect;
    let pc = herd.pc(number);
    let ticket = pc.ticket().await?;
    let token = dialect.scanned(phone.ask(&dialect.scan(&ticket, credential)).await?).context("a phone scans")?;
    if transport == Transport::Poll {
        // At varying offsets from the PC's last poll.
        tokio::time::sleep(Duration::from_secs(1).mul_f64((number as f64 * 0.618_034).fract())).await;
    } else {
        pc.scanned().await?;
        tokio::time::sleep(THOUGHT).await;
    }
    let request = dialect.confirm(&ticket, credential, &token);
    let tap = Instant::now();
    let answer = phone.ask(&request).await?;
    site::expect_status(answer, Status::Confirmed).context("a phone confirms")?;
    let (noticed, signed_in) = pc.signed_in().await?;
    Ok((noticed.saturating_duration_since(tap), signed_in.saturating_duration_since(tap)))
}
