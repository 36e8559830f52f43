//! The questions of a proxy before each request to a site (`auth_request` of nginx), for people who are signed in there.

use crate::browser::Browser;
use crate::deployment::Deployment;
use crate::headers::{Headers, Sender};
use crate::line::Line;
use crate::throughput::{self, Throughput, Work};
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};

/// The site.
pub const HOST: &str = "wiki.example";
const ASK: &str = "/forward-auth/nginx";
const ORIGINAL: &str = "x-original-url: https://wiki.example/page\r\nx-original-method: GET\r\n";

/// A connection of the proxy, and the request for a person.
struct Asker {
    line: Line,
    request: String,
}

impl Asker {
    /// Signs a person in to the site.
    async fn open(deployment: &Deployment) -> Result<Self> {
        let host = deployment.pc.to_string().leak();
        let headers = Headers { sender: Sender::Page, host: HOST };
        let mut line = Line::open(deployment.pc).await?;
        let answer = line.ask(&headers.get(ASK, ORIGINAL)).await?;
        ensure!(answer.status == 401, "a stranger gets {}", answer.status);
        let location = answer.headers("location").next().context("no way to the sign-in")?;
        let target = location.split_once(&*host).map(|(_, target)| target.to_owned());
        let target = target.with_context(|| format!("the sign-in is at {location}"))?;
        let visit = answer.cookie("__Host-qr_visit").context("the visit has no cookie")?;

        let mut browser = Browser::open_at(deployment.pc, host).await?;
        browser.post("/api/login", "username=dong&password=111&device_kind=pc").await.context("signing in")?;
        let back = browser.leave(&target).await?;
        let callback = back.strip_prefix("https://wiki.example").with_context(|| format!("it leads to {back}"))?;
        let answer = line.ask(&headers.get(callback, &format!("cookie: {visit}\r\n"))).await?;
        let cookie = answer.cookie("__Host-qr_site").with_context(|| format!("status {}, no cookie", answer.status))?;
        Ok(Self { line, request: headers.get(ASK, &format!("{ORIGINAL}cookie: {cookie}\r\n")) })
    }
}

impl Work for Asker {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        let answer = self.line.ask(&self.request).await?.ok()?;
        let took = start.elapsed();
        ensure!(answer.headers("remote-user").eq(["dong"]), "it is somebody else");
        Ok(took)
    }
}

/// Repeats the question for `concurrency` people at a time, for `round`.
pub async fn throughput(deployment: &Deployment, concurrency: usize, round: Duration) -> Result<Throughput> {
    let mut askers = Vec::new();
    for _ in 0..concurrency {
        askers.push(Asker::open(deployment).await?);
    }
    throughput::run(deployment.server.pid(), askers, round).await
}
