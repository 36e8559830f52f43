//! A login by OAuth's device flow (RFC 8628) on oidc-provider, which `benches/baseline/oidc` configures.
//!
//! Its steps have more requests than those of `site`, so it has its own login: the PC requests a code and polls once
//! before anyone has confirmed; the phone opens the code's URL and confirms; the PC polls again and gets its tokens.
//! The provider does not enforce the interval between two polls, so there is no sleep.

use crate::browser::Browser;
use crate::deployment::{folder, node_js};
use crate::headers::{Headers, Sender};
use crate::line::{Answer, Line};
use crate::options::Options;
use crate::process::Process;
use crate::throughput::{self, Throughput, Work};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CLIENT: &str = "client_id=pc";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The provider, which runs until dropped.
#[derive(Debug)]
pub struct Provider {
    server: Process,
    address: SocketAddr,
    /// Host and port. Leaked, once per provider, like that of a dialect.
    host: &'static str,
    _folder: TempDir,
}

impl Provider {
    pub async fn start(options: &Options) -> Result<Self> {
        let folder = folder()?;
        let mut server = Process::start("oidc-provider", node_js(options, "oidc/server.js")?, folder.path())?;
        let address = server.address().await?;
        Ok(Self { server, address, host: address.to_string().leak(), _folder: folder })
    }
}

/// The code to show and the one to poll with.
#[derive(Deserialize)]
struct Issued {
    device_code: String,
    verification_uri_complete: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// A script in a PC's page, over a keep-alive connection.
struct Pc {
    line: Line,
    host: &'static str,
}

impl Pc {
    async fn open(provider: &Provider) -> Result<Self> {
        Ok(Self { line: Line::open(provider.address).await?, host: provider.host })
    }

    async fn begin(&mut self) -> Result<Issued> {
        self.post("/device/auth", &format!("{CLIENT}&scope=openid")).await?.json().context("a code")
    }

    async fn expect_pending(&mut self, issued: &Issued) -> Result<()> {
        let answer = self.poll(issued).await?;
        let refused: Refused = serde_json::from_slice(answer.body).context("no error while nobody has confirmed")?;
        ensure!(refused.error == "authorization_pending", "the first poll was refused: {}", refused.error);
        Ok(())
    }

    async fn expect_tokens(&mut self, issued: &Issued) -> Result<()> {
        let tokens: Tokens = self.poll(issued).await?.json().context("the last poll")?;
        ensure!(!tokens.access_token.is_empty(), "the access token is empty");
        ensure!(tokens.id_token.split('.').count() == 3, "the ID token is none: {}", tokens.id_token);
        Ok(())
    }

    async fn poll(&mut self, issued: &Issued) -> Result<Answer<'_>> {
        self.post("/token", &format!("grant_type={GRANT_TYPE}&{CLIENT}&device_code={}", issued.device_code)).await
    }

    async fn post(&mut self, target: &str, form: &str) -> Result<Answer<'_>> {
        let headers = Headers { sender: Sender::ScriptThatPosts, host: self.host };
        self.line.ask(&headers.post(target, "", form)).await
    }
}

/// Confirms like a phone's browser: a script submits the form with the code, and a tap the one that confirms.
async fn confirm(phone: &mut Browser, issued: &Issued) -> Result<()> {
    let code = phone.open(&issued.verification_uri_complete).await.context("opening the code's page")?;
    let question = phone.send(&code).await.context("sending the code")?;
    let end = phone.send(&question).await.context("confirming")?;
    ensure!(end.contains("Signed in"), "the phone ends at another page: {end}");
    Ok(())
}

/// A person with a PC and a phone.
struct Person {
    pc: Pc,
    phone: Browser,
}

impl Person {
    async fn log_in(&mut self) -> Result<()> {
        let issued = self.pc.begin().await?;
        self.pc.expect_pending(&issued).await?;
        confirm(&mut self.phone, &issued).await?;
        self.pc.expect_tokens(&issued).await
    }
}

impl Work for Person {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        self.log_in().await?;
        Ok(start.elapsed())
    }
}

/// Logs in `concurrency` people at a time, repeatedly, for `round`.
///
/// Each has a separate phone, because the provider stores the only form that a session may submit in the session.
pub async fn throughput(provider: &Provider, concurrency: usize, round: Duration) -> Result<Throughput> {
    let mut phones = Vec::new();
    for _ in 0..concurrency {
        // The first confirmation leads to the sign-in; after that the phone stays signed in.
        let (pc, phone) = (Pc::open(provider).await?, Browser::open_at(provider.address, provider.host).await?);
        let mut person = Person { pc, phone };
        person.log_in().await.context("a phone signs in")?;
        phones.push(person.phone.cookies());
    }
    let mut people = Vec::new();
    for cookies in phones {
        let phone = Browser::open_at(provider.address, provider.host).await?.with(cookies);
        people.push(Person { pc: Pc::open(provider).await?, phone });
    }
    throughput::run(provider.server.pid(), people, round).await
}
