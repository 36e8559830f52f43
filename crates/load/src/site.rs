//! The two dialects of a login: qr-login's and the tutorial's.

use crate::headers::{Headers, Sender};
use crate::line::Answer;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    QrLogin,
    Tutorial,
}

/// How to talk to a site: its endpoints and its host.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    words: Words,
    /// Host and port of the public URL. Leaked, once per deployment, so that a dialect is `Copy`.
    pub host: &'static str,
}

/// A code, as known to the PC that requested it.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub id: String,
    /// The header with the cookie that binds it to this PC; the tutorial has none.
    cookie: String,
}

impl Ticket {
    /// Returns the cookie as `name=value`.
    pub fn cookie_value(&self) -> &str {
        self.cookie.trim_end().trim_start_matches(COOKIE)
    }
}

const COOKIE: &str = "cookie: ";

/// A phone's credential.
#[derive(Clone, Debug)]
pub struct Credential {
    pub token: String,
    pub device: String,
}

/// The status of a login, seen from the PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    #[serde(alias = "noscan")]
    Pending,
    #[serde(alias = "scan-wait-confirm")]
    Scanned,
    #[serde(alias = "scan-confirm")]
    Confirmed,
    Redeemed,
    Cancelled,
    Expired,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scanned => "scanned",
            Self::Confirmed => "confirmed",
            Self::Redeemed => "redeemed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

#[derive(Deserialize)]
struct Issued {
    id: String,
}

#[derive(Deserialize)]
struct View {
    status: Status,
}

#[derive(Deserialize)]
struct Scanned {
    confirm_token: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// Parses the status in a view of a ticket.
pub fn status(view: &[u8]) -> Result<Status> {
    let view: View = serde_json::from_slice(view)
        .with_context(|| format!("no view of a ticket: {}", String::from_utf8_lossy(view)))?;
    Ok(view.status)
}

impl Dialect {
    pub fn qr_login(host: String) -> Self {
        Self { words: Words::QrLogin, host: host.leak() }
    }

    pub fn tutorial(host: String) -> Self {
        Self { words: Words::Tutorial, host: host.leak() }
    }

    /// Builds a browser's request of the sign-in page. `cookie` is its cookie, or "".
    pub fn page(self, cookie: &str) -> String {
        self.get(Sender::Page, "/", &cookie_header(cookie))
    }

    pub fn sign_in(self, username: &str, password: &str, device: &str) -> String {
        match self.words {
            Words::QrLogin => {
                let form = format!("username={username}&password={password}&device_id={device}");
                self.post(Sender::App, "/api/login", "", &form)
            }
            Words::Tutorial => self.get(Sender::App, &format!("/login?username={username}&password={password}"), ""),
        }
    }

    pub fn generate(self) -> String {
        match self.words {
            Words::QrLogin => self.post(Sender::ScriptThatPosts, "/api/qrcode/generate", "", ""),
            Words::Tutorial => self.get(Sender::Script, "/qrcode/generate", ""),
        }
    }

    pub fn issued(self, answer: Answer<'_>) -> Result<Ticket> {
        let cookie = match self.words {
            Words::QrLogin => answer.cookie("qr_browser").context("a new code came without its binding cookie")?,
            Words::Tutorial => String::new(),
        };
        Ok(Ticket { id: answer.json::<Issued>()?.id, cookie: cookie_header(&cookie) })
    }

    pub fn check(self, ticket: &Ticket) -> String {
        let prefix = if self.words == Words::QrLogin { "/api" } else { "" };
        self.get(Sender::Script, &format!("{prefix}/qrcode/check?id={}", ticket.id), &ticket.cookie)
    }

    /// Only our server has long polls.
    pub fn wait(self, ticket: &Ticket, seen: Status) -> String {
        let target = format!("/api/qrcode/wait?id={}&status={}", ticket.id, seen.as_str());
        self.get(Sender::Script, &target, &ticket.cookie)
    }

    /// Builds the upgrade request of a WebSocket.
    pub fn watch(self, ticket: &Ticket) -> String {
        let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let headers = format!("{upgrade}{}", ticket.cookie);
        self.get(Sender::ScriptThatPosts, &format!("/api/qrcode/ws?id={}", ticket.id), &headers)
    }

    pub fn scan(self, ticket: &Ticket, phone: &Credential) -> String {
        match self.words {
            Words::QrLogin => {
                self.post(Sender::App, "/api/qrcode/scan", &phone.headers(), &format!("id={}", ticket.id))
            }
            Words::Tutorial => self.get(Sender::App, &format!("/qrcode/scan?id={}", ticket.id), &phone.headers()),
        }
    }

    /// Returns what the phone needs to confirm; "" for the tutorial.
    pub fn scanned(self, answer: Answer<'_>) -> Result<String> {
        match self.words {
            Words::QrLogin => Ok(answer.json::<Scanned>()?.confirm_token),
            Words::Tutorial => answer.ok().map(|_| String::new()),
        }
    }

    pub fn confirm(self, ticket: &Ticket, phone: &Credential, token: &str) -> String {
        match self.words {
            Words::QrLogin => {
                let form = format!("id={}&confirm_token={token}", ticket.id);
                self.post(Sender::App, "/api/qrcode/confirm", &phone.headers(), &form)
            }
            Words::Tutorial => self.get(Sender::App, &format!("/qrcode/confirm?id={}", ticket.id), &phone.headers()),
        }
    }

    /// Builds the request that gets the PC's token: for the tutorial it is another check.
    pub fn redeem(self, ticket: &Ticket) -> String {
        match self.words {
            Words::QrLogin => {
                let form = format!("id={}", ticket.id);
                self.post(Sender::ScriptThatPosts, "/api/qrcode/redeem", &ticket.cookie, &form)
            }
            Words::Tutorial => self.check(ticket),
        }
    }

    /// Returns whether the notification of the approval already contains the token.
    pub fn token_comes_with_the_notice(self) -> bool {
        self.words == Words::Tutorial
    }

    fn get(self, sender: Sender, target: &str, headers: &str) -> String {
        Headers { sender, host: self.host }.get(target, headers)
    }

    fn post(self, sender: Sender, target: &str, headers: &str, form: &str) -> String {
        Headers { sender, host: self.host }.post(target, headers, form)
    }
}

impl Credential {
    fn headers(&self) -> String {
        format!("authorization: Bearer {}\r\nx-device-id: {}\r\n", self.token, self.device)
    }
}

/// Checks that a response contains a token, and returns it.
pub fn token(answer: Answer<'_>) -> Result<String> {
    let token = answer.json::<Token>()?.token;
    ensure!(!token.is_empty(), "the token is empty");
    Ok(token)
}

/// Checks that a response is a view with this status.
pub fn expect_status(answer: Answer<'_>, wanted: Status) -> Result<()> {
    match answer.json::<View>()?.status {
        status if status == wanted => Ok(()),
        status => bail!("the ticket is {}, not {}", status.as_str(), wanted.as_str()),
    }
}

/// Returns the header that sends a cookie, or "".
fn cookie_header(cookie: &str) -> String {
    if cookie.is_empty() { String::new() } else { format!("{COOKIE}{cookie}\r\n") }
}
