//! A whole login, and the number of logins that a server can handle.

use crate::deployment::Deployment;
use crate::line::{Answer, Line};
use crate::phone;
use crate::site::{self, Credential, Dialect, Status};
use crate::throughput::{self, Throughput, Work};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// A few phones approve all logins.
const PHONES: usize = 8;

/// Generate, check, scan, confirm, redeem. `seen` is called with every request and its response.
pub async fn login(
    dialect: Dialect,
    pc: &mut Line,
    phone: &mut Line,
    credential: &Credential,
    mut seen: impl FnMut(&str, &Answer<'_>),
) -> Result<()> {
    let request = dialect.generate();
    let answer = pc.ask(&request).await?;
    seen(&request, &answer);
    let ticket = dialect.issued(answer).context("generate")?;

    let request = dialect.check(&ticket);
    let answer = pc.ask(&request).await?;
    seen(&request, &answer);
    site::expect_status(answer, Status::Pending).context("check")?;

    let request = dialect.scan(&ticket, credential);
    let answer = phone.ask(&request).await?;
    seen(&request, &answer);
    let token = dialect.scanned(answer).context("scan")?;

    let request = dialect.confirm(&ticket, credential, &token);
    let answer = phone.ask(&request).await?;
    seen(&request, &answer);
    site::expect_status(answer, Status::Confirmed).context("confirm")?;

    let request = dialect.redeem(&ticket);
    let answer = pc.ask(&request).await?;
    seen(&request, &answer);
    site::token(answer).context("redeem")?;
    Ok(())
}

/// A person with a PC and a phone, each with a keep-alive connection.
struct Person {
    dialect: Dialect,
    pc: Line,
    phone: Line,
    credential: Credential,
}

impl Work for Person {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        login(self.dialect, &mut self.pc, &mut self.phone, &self.credential, |_, _| {}).await?;
        Ok(start.elapsed())
    }
}

/// Logs in `concurrency` people at a time, repeatedly, for `round`.
pub async fn throughput(deployment: &Deployment, concurrency: usize, round: Duration) -> Result<Throughput> {
    let phones = phone::sign_in(deployment, PHONES.min(concurrency)).await?;
    let mut people = Vec::new();
    for credential in phones.iter().cycle().take(concurrency) {
        let (pc, phone) = (Line::open(deployment.pc).await?, Line::open(deployment.phone).await?);
        people.push(Person { dialect: deployment.dialect, pc, phone, credential: credential.clone() });
    }
    throughput::run(deployment.server.pid(), people, round).await
}
