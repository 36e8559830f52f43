//! Another provider of OpenID Connect, as a test wants it to be.

use super::server::Server;
use serde_json::{Value, json};
use service::clients::Clients;
use service::security::oidc_keys::{JwtType, OidcKeys, new_pem};
use service::security::random::Random;
use service::security::signing_key::KeySource;
use std::collections::HashMap;
use std::sync::OnceLock;
use testkit::{Answer, Client, Received, Receiver};

/// Claims in place of those of a good ID token; null leaves one out.
pub type Changes<'a> = &'a [(&'a str, Value)];

/// The provider, and how it is registered: `idp` for the person `7`.
pub struct Idp {
    pub server: Receiver,
    pub keys: OidcKeys,
    pub issuer: String,
}

/// What a sign-in has sent to the provider.
#[derive(Debug)]
pub struct Asked(pub HashMap<String, String>);

impl Asked {
    pub fn get(&self, name: &str) -> &str {
        &self.0[name]
    }
}

/// One key for all tests of this process, because making one takes long.
fn key_file() -> KeySource {
    static FILE: OnceLock<std::path::PathBuf> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("qr-login-idp").tempdir().unwrap().keep();
        std::fs::write(folder.join("key.pem"), new_pem(&Random::default()).unwrap()).unwrap();
        folder.join("key.pem")
    });
    KeySource::File(file.clone())
}

impl Idp {
    pub async fn start() -> Self {
        let server = Receiver::start().await;
        let keys = OidcKeys::open(key_file(), Random::default()).unwrap();
        let idp = Self { issuer: server.url(""), server, keys };
        idp.publish(&[]);
        let set = serde_json::to_string(idp.keys.public().await.unwrap()).unwrap();
        idp.server.answer_at("/jwks", "200 OK", &set);
        idp
    }

    /// Publishes the metadata, with changes.
    pub fn publish(&self, changes: Changes<'_>) {
        let url = |path: &str| self.server.url(path);
        let mut metadata = json!({"issuer": self.issuer, "authorization_endpoint": url("/authorize?x=1"),
            "token_endpoint": url("/token"), "jwks_uri": url("/jwks"),
            "authorization_response_iss_parameter_supported": true});
        for (name, value) in changes {
            metadata[*name] = value.clone();
        }
        self.server.answer_at("/.well-known/openid-configuration", "200 OK", &metadata.to_string());
    }

    /// Returns its entry in `clients.toml`.
    pub fn entry(&self, id: &str, more: &str) -> String {
        format!(
            "[[provider]]\nid = \"{id}\"\nname = \"Company\"\nissuer = \"{}\"\nclient_id = \"qr\"\n{more}\n",
            self.issuer
        )
    }

    pub fn register(&self, server: &Server, more: &str) {
        server.app.clients.replace(Clients::parse(&self.entry("idp", more)).unwrap());
    }

    /// Signs the ID token of a sign-in.
    pub async fn id_token(&self, server: &Server, asked: &Asked, changes: Changes<'_>) -> String {
        let now = server.app.clock.now().as_secs();
        let mut claims = json!({"iss": self.issuer, "aud": "qr", "sub": "7", "iat": now, "exp": now + 300,
            "nonce": asked.get("nonce"), "preferred_username": "dong", "name": "Dong", "email": "dong@company.example",
            "email_verified": true, "groups": ["admins"]});
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        self.keys.sign(JwtType::IdToken, &claims).await.unwrap()
    }

    /// Lets the token endpoint issue that ID token.
    pub fn issue(&self, id_token: &str) {
        let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
        self.server.answer_at("/token", "200 OK", &body.to_string());
    }

    /// Signs in from the form to the response.
    pub async fn sign_in(&self, server: &Server, browser: &Client, changes: Changes<'_>) -> Answer {
        let asked = begin(browser, "idp", "/account").await;
        self.issue(&self.id_token(server, &asked, changes).await);
        finish(browser, "idp", &[("code", "c"), ("state", asked.get("state")), ("iss", &self.issuer)]).await
    }

    /// Returns the next request to the token endpoint.
    pub async fn token_request(&mut self) -> Received {
        loop {
            let request = self.server.next().await;
            if request.head.starts_with("POST /token ") {
                return request;
            }
        }
    }
}

/// Submits the form of the sign-in page, and returns what the provider is asked.
pub async fn begin(browser: &Client, id: &str, next: &str) -> Asked {
    let page = browser.post(&format!("/sign-in/{id}"), &[("next", next)]).await;
    let url = moves_to(&page);
    let query = url.split_once('?').unwrap().1;
    Asked(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

/// Returns where a page moves on to by itself.
#[track_caller]
pub fn moves_to(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let (_, rest) = page.body.split_once("content=\"0;url=").expect(&page.body);
    rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#39;", "'")
}

/// Returns to our callback.
pub async fn finish(browser: &Client, id: &str, query: &[(&str, &str)]) -> Answer {
    browser.ask(&format!("/sign-in/{id}/callback"), query).await
}

/// Checks that no account was signed in.
#[track_caller]
pub fn nobody(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    for name in ["qr_pc", "qr_phone"] {
        assert_eq!(answer.set_cookie(name), None);
    }
}
