//! An app's own backend, which vouches for its users.

use super::provider::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use service::security::oidc_keys::{JwtType, OidcKeys, new_pem};
use service::security::random::Random;
use service::security::signing_key::KeySource;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::{Answer, Client, Fields, Receiver};

pub const ISSUER: &str = "https://shop.example";
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The backend. Its key is another one than the provider's.
pub struct Backend {
    pub keys: OidcKeys,
    pub server: Receiver,
    audience: String,
}

/// Claims in place of those of a good assertion; null leaves one out.
pub type Changes<'a> = &'a [(&'a str, Value)];

fn key_file() -> KeySource {
    static FILE: OnceLock<std::path::PathBuf> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("qr-login-backend").tempdir().unwrap().keep();
        std::fs::write(folder.join("key.pem"), new_pem(&Random::default()).unwrap()).unwrap();
        folder.join("key.pem")
    });
    KeySource::File(file.clone())
}

impl Backend {
    /// Starts it and registers it. `rest` are further lines of its entry.
    pub async fn start(provider: &Provider, rest: &str) -> Self {
        let keys = OidcKeys::open(key_file(), Random::default()).unwrap();
        let server = Receiver::start().await;
        server.answer("200 OK", &serde_json::to_string(keys.public().await.unwrap()).unwrap());
        let backend = Self { keys, server, audience: provider.issuer() };
        backend.register(provider, rest);
        backend
    }

    /// Replaces its entry.
    pub fn register(&self, provider: &Provider, rest: &str) {
        let url = self.server.url("/jwks.json");
        let rest = if rest.contains("algs") { rest.to_owned() } else { format!("algs = [\"RS256\"]\n{rest}") };
        provider.apps(&format!("{APPS}\n[[issuer]]\niss = \"{ISSUER}\"\njwks_url = \"{url}\"\n{rest}\n"));
    }

    /// Returns the claims of a new assertion for that user.
    pub fn claims(&self, provider: &Provider, subject: &str, changes: Changes<'_>) -> Value {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let now = provider.app.clock.now().as_secs();
        let id = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let mut claims =
            json!({"iss": ISSUER, "sub": subject, "aud": self.audience, "iat": now, "exp": now + 60, "jti": id});
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        claims
    }

    /// Returns an assertion for that user.
    pub async fn vouch(&self, provider: &Provider, subject: &str, changes: Changes<'_>) -> String {
        self.keys.sign(JwtType::IdToken, &self.claims(provider, subject, changes)).await.unwrap()
    }

    /// Signs a phone of that user in.
    pub async fn sign_in(&self, provider: &Provider, subject: &str, changes: Changes<'_>) -> Answer {
        present(provider, &self.vouch(provider, subject, changes).await, &[]).await
    }
}

/// Presents an assertion, with further fields.
pub async fn present(provider: &Provider, assertion: &str, more: Fields<'_>) -> Answer {
    let form = [&[("grant_type", GRANT), ("assertion", assertion)], more].concat();
    Client::new(&**provider).post("/oauth/token", &form).await
}

/// Returns the assertion with another header.
pub fn with_header(assertion: &str, header: &Value) -> String {
    let (_, rest) = assertion.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// Checks a refusal, whose description begins so.
#[track_caller]
pub fn refused(answer: &Answer, description: &str) {
    oauth_error(answer, 400, "invalid_grant");
    let text = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.starts_with(description), "{text}");
}
