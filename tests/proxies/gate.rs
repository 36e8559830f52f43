//! A server with three sites, and the way to them: a contract that the test keeps itself, or a real proxy.

use super::engine::Engine;
use super::https::headers;
use super::server::Server;
use clock::ClockHand;
use service::clients::Clients;
use service::security::oidc_keys::new_pem;
use service::security::random::Random;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

pub const WIKI: &str = "wiki.example.com";
pub const FORUM: &str = "forum.example.com";
/// Only for members of `admins`.
pub const VAULT: &str = "vault.example.com";

const SITES: &str = r#"
[[site]]
host = "wiki.example.com"

[[site]]
host = "forum.example.com"

[[site]]
host = "vault.example.com"
groups_allowed = ["admins"]
"#;

/// A response of a site.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {text}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Returns a header's value, or "".
    pub fn header(&self, name: &str) -> &str {
        headers(&self.head, name).first().copied().unwrap_or_default()
    }
}

/// How requests reach the server.
pub enum Way {
    /// The test keeps the contract of this proxy.
    Contract(&'static str),
    /// A real proxy and an application behind it.
    Engine(Box<Engine>),
}

/// The server and the way to it.
pub struct Gate {
    pub server: Server,
    pub way: Way,
}

/// One key for all tests of this process, because making one takes long.
fn key_file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("qr-login-proxies").tempdir().unwrap().keep();
        let file = folder.join("oidc.pem");
        fs::write(&file, new_pem(&Random::default()).unwrap()).unwrap();
        file
    })
}

/// Starts the server that proxies at this address may ask.
pub async fn server(proxies: &str) -> Server {
    let file = key_file().display().to_string();
    let server = Server::with(&["--oidc-key-file", &file, "--trusted-proxies", proxies]).await;
    sites(&server, SITES);
    server
}

/// Replaces the sites.
pub fn sites(server: &Server, text: &str) {
    server.app.clients.replace(Clients::parse(text).unwrap());
}

/// Removes the wiki's entry.
pub fn close_wiki(server: &Server) {
    sites(server, &SITES.replace(WIKI, "other.example.com"));
}

impl Gate {
    /// The way by this contract.
    pub async fn by(contract: &'static str) -> Self {
        Self { server: server("127.0.0.1").await, way: Way::Contract(contract) }
    }

    /// The same with a manual clock.
    pub async fn still(contract: &'static str) -> (Self, ClockHand) {
        let file = key_file().display().to_string();
        let (server, hand) = Server::still(&["--oidc-key-file", &file, "--trusted-proxies", "127.0.0.1"]).await;
        sites(&server, SITES);
        (Self { server, way: Way::Contract(contract) }, hand)
    }

    /// Sends a request to a site, as a browser does.
    pub async fn send(&self, method: &str, host: &str, path: &str, lines: &[(&str, &str)]) -> Reply {
        match &self.way {
            Way::Engine(engine) => engine.send(method, host, path, lines).await,
            Way::Contract(_) if path.starts_with("/.qr-login/") => {
                self.raw(method, path, &[&[("Host", host)], lines].concat()).await
            }
            Way::Contract(contract) => {
                let url = format!("https://{host}{path}");
                let asked = format!("/forward-auth/{contract}");
                let mut kept = vec![("Host", "127.0.0.1")];
                let (method, asked) = match *contract {
                    "nginx" => {
                        kept.extend([("X-Original-URL", url.as_str()), ("X-Original-Method", method)]);
                        ("GET", asked)
                    }
                    "envoy" => {
                        kept = vec![("Host", host)];
                        (method, format!("{asked}{path}"))
                    }
                    _ => {
                        kept.extend([("X-Forwarded-Host", host), ("X-Forwarded-Uri", path)]);
                        kept.extend([("X-Forwarded-Method", method), ("X-Forwarded-Proto", "https")]);
                        ("GET", format!("{asked}?rd=https://evil.example/"))
                    }
                };
                let mut reply = self.raw(method, &asked, &[&kept, lines].concat()).await;
                // What `error_page` makes of it.
                if *contract == "nginx" && !reply.header("location").is_empty() {
                    assert_eq!(reply.status, 401);
                    reply.status = 302;
                }
                // What the application would see.
                if reply.status == 200 {
                    reply.body = format!("{method} {path} HTTP/1.1\r\n{}\r\n\r\n", reply.head);
                }
                reply
            }
        }
    }

    /// Sends a request to the server itself.
    pub async fn raw(&self, method: &str, path: &str, lines: &[(&str, &str)]) -> Reply {
        let lines: String = lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{method} {path} HTTP/1.1\r\n{lines}Content-Length: 0\r\nConnection: close\r\n\r\n");
        Reply::parse(&self.server.raw(request.as_bytes()).await)
    }
}
