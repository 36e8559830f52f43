//! What an app does with an OpenID Connect provider: ours, or oidc-provider as `benches/baseline/oidc/code.js` configures
//! it. Both sign ID tokens with RS256, require PKCE, and put the same claims into them.

use crate::browser::Browser;
use crate::cores::Place;
use crate::deployment::{folder, node_js, unset};
use crate::headers::{Headers, Sender};
use crate::line::Line;
use crate::options::Options;
use crate::process::Process;
use crate::throughput::{self, Throughput, Work};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The app. Its secret is `benchmark-benchmark-benchmark-benchmark-123`.
const CLIENTS: &str = r#"
[[client]]
id = "app"
name = "App"
secret_sha256 = ["0f293b2859d89d1918c61fec27f2e7f2ce1f5bd900110605492fd99c65764a68"]
redirect_uris = ["https://app.example/callback"]
consent = "never"
scopes = ["openid", "profile", "email", "offline_access"]
"#;
const AUTHORIZATION: &str = "authorization: Basic YXBwOmJlbmNobWFyay1iZW5jaG1hcmstYmVuY2htYXJrLWJlbmNobWFyay0xMjM=\r\n";
const CALLBACK: &str = "https%3A%2F%2Fapp.example%2Fcallback";
/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The paths of a provider.
#[derive(Clone, Copy, Debug)]
struct Paths {
    authorize: &'static str,
    token: &'static str,
    userinfo: &'static str,
    introspect: &'static str,
    /// The scope with which it issues refresh tokens.
    scope: &'static str,
}

/// A provider, which runs until dropped.
#[derive(Debug)]
pub struct Provider {
    server: Process,
    address: SocketAddr,
    /// Host and port. Leaked, once per provider.
    host: &'static str,
    paths: Paths,
    is_ours: bool,
    _folder: TempDir,
}

impl Provider {
    pub async fn ours(options: &Options) -> Result<Self> {
        let folder = folder()?;
        let clients = folder.path().join("clients.toml");
        std::fs::write(&clients, CLIENTS).context("writing the apps")?;
        let mut command = unset(options, Place::Measured);
        command
            .arg("--demo")
            .env("QR_LOGIN_ADDR", "127.0.0.1:0")
            .env("QR_LOGIN_RATE_LIMIT", "off")
            .env("QR_LOGIN_CLIENTS_FILE", clients)
            .env("QR_LOGIN_DATABASE_URL", format!("sqlite://{}", folder.path().join("bench.db").display()));
        let server = Process::start("qr-login", command, folder.path())?;
        let paths = Paths {
            authorize: "/oauth/authorize",
            token: "/oauth/token",
            userinfo: "/oauth/userinfo",
            introspect: "/oauth/introspect",
            scope: "openid%20profile%20email%20offline_access",
        };
        Self::of(server, paths, true, folder).await
    }

    pub async fn theirs(options: &Options) -> Result<Self> {
        let folder = folder()?;
        let server = Process::start("oidc-provider", node_js(options, "oidc/code.js")?, folder.path())?;
        let paths = Paths {
            authorize: "/auth",
            token: "/token",
            userinfo: "/me",
            introspect: "/token/introspection",
            // It is configured to issue refresh tokens in any case.
            scope: "openid%20profile%20email",
        };
        Self::of(server, paths, false, folder).await
    }

    async fn of(mut server: Process, paths: Paths, is_ours: bool, folder: TempDir) -> Result<Self> {
        let address = server.address().await?;
        Ok(Self { server, address, host: address.to_string().leak(), paths, is_ours, _folder: folder })
    }

    /// Returns a browser in which a person is signed in.
    async fn browser(&self) -> Result<Browser> {
        let mut browser = Browser::open_at(self.address, self.host).await?;
        if self.is_ours {
            browser.post("/api/login", "username=dong&password=111&device_kind=pc").await.context("signing in")?;
        }
        // With the other provider the first request leads to the sign-in, after which the browser stays signed in.
        browser.leave(&self.request()).await.context("a first sign-in to the app")?;
        Ok(browser)
    }

    fn request(&self) -> String {
        let Paths { authorize, scope, .. } = self.paths;
        format!(
            "{authorize}?client_id=app&redirect_uri={CALLBACK}&response_type=code&scope={scope}&state=s&nonce=n\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        )
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
    id_token: String,
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

#[derive(Deserialize)]
struct Introspection {
    active: bool,
}

/// The app's server, over a keep-alive connection.
struct App {
    line: Line,
    host: &'static str,
    paths: Paths,
}

impl App {
    async fn open(provider: &Provider) -> Result<Self> {
        Ok(Self { line: Line::open(provider.address).await?, host: provider.host, paths: provider.paths })
    }

    async fn tokens(&mut self, form: &str) -> Result<Tokens> {
        let headers = Headers { sender: Sender::App, host: self.host };
        let request = headers.post(self.paths.token, AUTHORIZATION, form);
        let tokens: Tokens = self.line.ask(&request).await?.json().context("the token endpoint")?;
        ensure!(tokens.id_token.split('.').count() == 3, "the ID token is none: {}", tokens.id_token);
        Ok(tokens)
    }

    async fn exchange(&mut self, redirect: &str) -> Result<Tokens> {
        let code = redirect.split(['?', '&']).find_map(|pair| pair.strip_prefix("code="));
        let code = code.with_context(|| format!("no code in {redirect}"))?;
        self.tokens(&format!(
            "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}"
        ))
        .await
    }

    async fn user_info(&mut self, token: &str) -> Result<()> {
        let headers = Headers { sender: Sender::App, host: self.host };
        let request = headers.get(self.paths.userinfo, &format!("authorization: Bearer {token}\r\n"));
        let subject: Subject = self.line.ask(&request).await?.json().context("userinfo")?;
        ensure!(!subject.sub.is_empty(), "nobody");
        Ok(())
    }

    async fn introspect(&mut self, token: &str) -> Result<()> {
        let headers = Headers { sender: Sender::App, host: self.host };
        let request = headers.post(self.paths.introspect, AUTHORIZATION, &format!("token={token}"));
        let found: Introspection = self.line.ask(&request).await?.json().context("introspection")?;
        ensure!(found.active, "the token is not valid");
        Ok(())
    }
}

/// What an app does repeatedly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A sign-in in a browser that is signed in: authorize, token, userinfo.
    CodeFlow,
    /// A refresh.
    Refresh,
    /// An introspection.
    Introspection,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::CodeFlow, Self::Refresh, Self::Introspection];

    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeFlow => "authorize, token, userinfo",
            Self::Refresh => "refresh",
            Self::Introspection => "introspection",
        }
    }
}

/// An app and a person who uses it.
struct User {
    step: Step,
    browser: Browser,
    request: String,
    app: App,
    tokens: Tokens,
}

impl Work for User {
    async fn once(&mut self) -> Result<Duration> {
        let start = Instant::now();
        match self.step {
            Step::CodeFlow => {
                let redirect = self.browser.leave(&self.request).await?;
                let tokens = self.app.exchange(&redirect).await?;
                self.app.user_info(&tokens.access_token).await?;
            }
            Step::Refresh => {
                let form = format!("grant_type=refresh_token&refresh_token={}", self.tokens.refresh_token);
                self.tokens = self.app.tokens(&form).await?;
            }
            Step::Introspection => self.app.introspect(&self.tokens.access_token).await?,
        }
        Ok(start.elapsed())
    }
}

/// Repeats the step with `concurrency` people at a time, for `round`.
pub async fn throughput(provider: &Provider, step: Step, concurrency: usize, round: Duration) -> Result<Throughput> {
    let mut users = Vec::new();
    for _ in 0..concurrency {
        let mut browser = provider.browser().await?;
        let mut app = App::open(provider).await?;
        let request = provider.request();
        let redirect = browser.leave(&request).await?;
        let tokens = app.exchange(&redirect).await?;
        users.push(User { step, browser, request, app, tokens });
    }
    throughput::run(provider.server.pid(), users, round).await
}
