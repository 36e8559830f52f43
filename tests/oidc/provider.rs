//! A server with three apps, and a browser that signs in to them.

mod answers;

pub use answers::*;

use crate::server::{Server, within};
use base64::Engine;
use reqwest::Method;
use serde_json::Value;
use service::clients::Clients;
use service::security::oidc_keys::new_pem;
use service::security::random::Random;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use testkit::{Answer, Client, Fields, PASSWORD, Phone};

pub const CALLBACK: &str = "https://app.example/callback";
/// The secret of every confidential app.
pub const SECRET: &str = "c2VjcmV0LW9mLWFsbC1hcHBzLWluLXRoZXNlLXRlc3Rz";
/// A PKCE verifier.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// An app with a secret, one without, one on people's computers, one for the group `admins` alone, and one that is
/// trusted and may stay connected.
pub const APPS: &str = r#"
[[client]]
id = "web"
name = "Grafana"
secret_sha256 = ["SECRET"]
redirect_uris = ["https://app.example/callback", "https://app.example/other?x=1"]
post_logout_redirect_uris = ["https://app.example/bye", "https://app.example/bye?x=1"]
require_pkce = false
scopes = ["openid", "profile", "email", "groups", "offline_access"]

[[client]]
id = "other"
name = "Gitea"
secret_sha256 = ["SECRET"]
redirect_uris = ["https://other.example/callback"]
post_logout_redirect_uris = ["https://other.example/bye"]
consent = "never"
scopes = ["openid", "profile", "email", "groups", "offline_access"]

[[client]]
id = "spa"
name = "Map"
public = true
redirect_uris = ["https://map.example/callback"]
consent = "never"
scopes = ["openid", "profile", "offline_access"]

[[client]]
id = "native"
name = "Terminal"
public = true
native = true
redirect_uris = ["http://127.0.0.1/callback", "app.immich:///oauth-callback"]

[[client]]
id = "closed"
name = "Vault"
secret_sha256 = ["SECRET"]
redirect_uris = ["https://vault.example/callback"]
groups_allowed = ["admins"]
consent = "never"

[[client]]
id = "api"
name = "Cloud"
secret_sha256 = ["SECRET"]
redirect_uris = ["https://cloud.example/callback"]
consent = "never"
access_token = "jwt"
resources = ["https://api.example"]
"#;

/// A server with these apps.
#[derive(Debug)]
pub struct Provider {
    server: Server,
}

impl Deref for Provider {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// One key for all tests of this process, because making one takes long.
fn key_file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("qr-login-oidc").tempdir().unwrap().keep();
        let file = folder.join("oidc.pem");
        fs::write(&file, new_pem(&Random::default()).unwrap()).unwrap();
        file
    })
}

fn with_hashes(apps: &str) -> String {
    let hash: String = Sha256::digest(SECRET).iter().map(|byte| format!("{byte:02x}")).collect();
    apps.replace("SECRET", &hash)
}

/// Writes files with the apps and the key, and returns the flags that name them, for the real program.
pub fn flags(folder: &Path) -> [String; 4] {
    let file = folder.join("clients.toml");
    fs::write(&file, with_hashes(APPS)).unwrap();
    let (clients, key) = (file.display().to_string(), key_file().display().to_string());
    ["--clients-file".to_owned(), clients, "--oidc-key-file".to_owned(), key]
}

impl Provider {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(flags: &[&str]) -> Self {
        let file = key_file().display().to_string();
        let server = Server::with(&[&["--oidc-key-file", &file], flags].concat()).await;
        let provider = Self { server };
        provider.apps(APPS);
        provider
    }

    /// The same with a manual clock.
    pub async fn still() -> (Self, clock::ClockHand) {
        let file = key_file().display().to_string();
        let (server, hand) = Server::still(&["--oidc-key-file", &file]).await;
        let provider = Self { server };
        provider.apps(APPS);
        (provider, hand)
    }

    /// The same with rate limits.
    pub async fn limited() -> (Self, clock::ClockHand) {
        let file = key_file().display().to_string();
        let (server, hand) = Server::still(&["--oidc-key-file", &file, "--rate-limit", "on"]).await;
        (Self { server }, hand)
    }

    /// Replaces the apps.
    pub fn apps(&self, text: &str) {
        self.app.clients.replace(Clients::parse(&with_hashes(text)).unwrap());
    }

    /// Changes the apps' file.
    pub fn edit_apps(&self, from: &str, to: &str) {
        assert!(APPS.contains(from), "{from}");
        self.apps(&APPS.replace(from, to));
    }

    pub fn issuer(&self) -> String {
        self.origin()
    }

    /// Creates a browser that is not signed in.
    pub fn browser(&self) -> Browser {
        Browser(Client::new(&self.server))
    }

    /// Creates a browser in which that person is signed in by a scan.
    pub async fn signed_in(&self, name: &str) -> Browser {
        let phone = Phone::new(&self.server, name).await;
        let browser = self.browser();
        browser.scan_with(&phone).await;
        browser
    }

    /// Calls an endpoint as an app with this id.
    pub async fn call_as(&self, client: &str, path: &str, form: Fields<'_>) -> Answer {
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{client}:{SECRET}")));
        Client::new(&self.server).always("authorization", &basic).post(path, form).await
    }

    /// Exchanges a code as `web`.
    pub async fn exchange(&self, code: &str) -> Answer {
        self.call_as("web", "/oauth/token", &code_form(code, CALLBACK)).await
    }

    pub async fn userinfo(&self, token: &str) -> Answer {
        testkit::bearer(&self.server, token).get("/oauth/userinfo").await
    }

    /// Returns whether an access token of `web` still works, as both endpoints say.
    pub async fn works(&self, token: &str) -> bool {
        let active = self.call_as("web", "/oauth/introspect", &[("token", token)]).await.ok()["active"] == true;
        let answer = self.userinfo(token).await;
        assert_eq!(answer.status.is_success(), active, "{}", answer.body);
        active
    }
}

/// The form that exchanges a code.
pub fn code_form<'a>(code: &'a str, redirect_uri: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)]
}

/// A person's browser.
#[derive(Clone, Debug)]
pub struct Browser(pub Client);

impl Browser {
    /// Signs in with a code that the phone approves.
    pub async fn scan_with(&self, phone: &Phone) {
        let id = self.0.post("/api/qrcode/generate", &[]).await.text("id");
        phone.approve(&id).await;
        self.0.post("/api/qrcode/redeem", &[("id", &id)]).await.ok();
    }

    /// Sends the authorization request of `web`, with these parameters replaced, added, or, if empty, left out.
    pub async fn authorize(&self, changes: Fields<'_>) -> Answer {
        self.0.get(&authorize_path(changes)).await
    }

    /// Follows redirects and answers the consent page until the browser is sent to the app, and returns the parameters
    /// of the response.
    pub async fn until_app(&self, first: Answer) -> HashMap<String, String> {
        within(async {
            let mut answer = first;
            loop {
                let location = next_of(&answer);
                match location {
                    Some(location) if location.starts_with('/') => answer = self.0.get(&location).await,
                    Some(location) => return response_of(&location),
                    None => {
                        let interaction = field_of(&answer.body, "i");
                        let form = [("i", interaction.as_str()), ("answer", "allow")];
                        answer = self.0.post("/oauth/consent", &form).await;
                    }
                }
            }
        })
        .await
    }

    /// Enters the password, so that this browser may give any consent.
    pub async fn step_up(&self) {
        self.0.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
    }

    /// Signs in to `web` and returns the code.
    pub async fn code(&self, changes: Fields<'_>) -> String {
        if changes.iter().any(|(name, value)| *name == "scope" && value.contains("offline_access")) {
            self.step_up().await;
        }
        let response = self.until_app(self.authorize(changes).await).await;
        response.get("code").unwrap_or_else(|| panic!("no code in {response:?}")).clone()
    }

    /// Signs in to `web` and returns its tokens.
    pub async fn tokens(&self, provider: &Provider, scope: &str) -> Value {
        let code = self.code(&[("scope", scope)]).await;
        provider.exchange(&code).await.ok()
    }
}

impl Provider {
    /// Sends a request with raw parts.
    pub async fn send(&self, method: Method, path: &str, headers: Fields<'_>, body: &str) -> Answer {
        let mut client = Client::new(&self.server);
        for (name, value) in headers {
            client = client.always(name, value);
        }
        let kind = (!body.is_empty()).then_some("application/x-www-form-urlencoded");
        client.send(method, path, kind, body.as_bytes().to_vec()).await
    }
}
