//! What most modules of the OpenID Foundation's conformance suite do: sign a person in, and check the response and the
//! ID token.

use super::provider::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clock::ClockHand;
use domain::account::AccountChange;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, decode};
use serde_json::Value;
use service::security::oidc_keys::new_pem;
use service::security::random::Random;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::time::Duration;
use testkit::{Answer, Fields, Phone};

/// 128 characters, as the suite sends where it looks for a `state` that is cut off or changed.
pub const LONG_STATE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_\
                              0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/// A person with a phone, in front of a browser that is not signed in.
pub struct Person {
    pub provider: Provider,
    pub hand: ClockHand,
    pub phone: Phone,
    pub browser: Browser,
}

impl Deref for Person {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        &self.provider
    }
}

/// The response to an authorization request.
#[derive(Debug)]
pub struct Response {
    pub parameters: HashMap<String, String>,
    /// How often the person had to scan.
    pub scans: usize,
}

impl Response {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

impl Person {
    pub async fn new() -> Self {
        let (provider, hand) = Provider::still().await;
        let phone = Phone::new(&*provider, "dong").await;
        let browser = provider.browser();
        Self { provider, hand, phone, browser }
    }

    /// Gives the account an e-mail address that the operator has verified.
    pub async fn email(&self) {
        let email = Some(Some("dong@example.org".to_owned()));
        let change = AccountChange { email, email_verified: Some(true), ..AccountChange::default() };
        self.app.accounts.change("dong", &change).await.unwrap();
    }

    /// Lets seconds pass, so that times in tokens differ.
    pub fn wait(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    /// Sends the authorization request of `web` with these changes, and does what the pages ask for.
    pub async fn ask(&self, changes: Fields<'_>) -> Response {
        self.finish(self.browser.authorize(changes).await).await
    }

    /// Does what the pages ask for until the browser is back at the app.
    pub async fn finish(&self, first: Answer) -> Response {
        let mut answer = first;
        let mut scans = 0;
        loop {
            let next = next_of(&answer);
            let Some(page) = next.as_deref().and_then(|next| next.strip_prefix("/?")) else {
                let parameters = self.browser.until_app(answer).await;
                return Response { parameters, scans };
            };
            let path = response_of(&format!("?{page}")).remove("next").unwrap();
            let interaction = path.strip_prefix("/oauth/continue?i=").unwrap();
            let ticket = self.browser.0.post("/api/qrcode/generate", &[("interaction", interaction)]).await.text("id");
            self.phone.approve(&ticket).await;
            self.browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.ok();
            answer = self.browser.0.get(&path).await;
            scans += 1;
            assert!(scans < 3, "signs in again and again");
        }
    }

    /// Checks a successful response to the request with `state=s`, and returns its code.
    pub fn code(&self, response: &Response) -> String {
        let names: HashSet<&str> = response.parameters.keys().map(String::as_str).collect();
        assert_eq!(names, HashSet::from(["code", "state", "iss"]), "{response:?}");
        assert_eq!((response.get("state"), response.get("iss")), (Some("s"), Some(self.issuer().as_str())));
        response.get("code").unwrap().to_owned()
    }

    /// Signs in with these changes and returns the tokens, whose ID token is checked, and its claims.
    pub async fn sign_in(&self, changes: Fields<'_>) -> (Value, Value) {
        let response = self.ask(changes).await;
        self.redeem(&response, changes).await
    }

    /// Exchanges the code of the response to a request with these changes.
    pub async fn redeem(&self, response: &Response, changes: Fields<'_>) -> (Value, Value) {
        let answer = self.exchange(&self.code(response)).await;
        let tokens = answer.ok();
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(tokens["token_type"], "Bearer");
        assert!(tokens["expires_in"].as_u64().unwrap() > 0);
        let nonce = changes.iter().find(|(name, _)| *name == "nonce").map(|(_, value)| *value);
        let claims = self.verified(&tokens, nonce).await;
        (tokens, claims)
    }

    /// Verifies an ID token as the suite does: by the published key that its header names, and claim by claim.
    pub async fn verified(&self, tokens: &Value, nonce: Option<&str>) -> Value {
        let document = self.browser.0.get("/.well-known/openid-configuration").await.ok();
        let token = tokens["id_token"].as_str().unwrap();
        let claims = signed_claims(&self.provider, &document, token).await;
        assert_eq!(claims["iss"], document["issuer"]);
        assert_eq!(claims["aud"], "web");
        let sub = claims["sub"].as_str().unwrap();
        assert!(!sub.is_empty() && sub.len() <= 255 && sub.is_ascii());
        assert_eq!(claims.get("nonce").and_then(Value::as_str), nonce);
        assert!(!claims["acr"].as_str().unwrap().is_empty());
        let now = self.app.clock.now().as_secs();
        let [iat, exp, auth_time] = ["iat", "exp", "auth_time"].map(|name| claims[name].as_i64().unwrap());
        assert_eq!(iat, now);
        assert!(exp > now && exp < now + 86_400);
        assert!(auth_time <= now);
        claims
    }

    /// Returns the claims of the userinfo endpoint, which must be about the same person as the ID token.
    pub async fn user(&self, tokens: &Value, id_token: &Value) -> Value {
        let claims = self.userinfo(tokens["access_token"].as_str().unwrap()).await.ok();
        assert_eq!(claims["sub"], id_token["sub"]);
        claims
    }

    /// Checks an error response to the request with this `state`.
    pub fn error(&self, response: &Response, state: &str, codes: &[&str]) {
        assert!(codes.contains(&response.get("error").unwrap_or_default()), "{response:?}");
        assert_eq!((response.get("state"), response.get("iss")), (Some(state), Some(self.issuer().as_str())));
        let known = ["error", "error_description", "error_uri", "state", "iss"];
        assert!(response.parameters.keys().all(|name| known.contains(&name.as_str())), "{response:?}");
        let description = response.get("error_description").unwrap_or_default();
        let is_allowed = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        assert!(description.bytes().all(is_allowed), "{description:?}");
    }

    /// Checks that the browser is not signed in any more, as the suite does: by a request that must not show a page.
    pub async fn is_signed_out(&self) {
        let answer = self.browser.authorize(&[("prompt", "none"), ("state", LONG_STATE)]).await;
        let response = Response { parameters: response_of(&next_of(&answer).unwrap()), scans: 0 };
        self.error(&response, LONG_STATE, &["login_required"]);
    }
}

/// Returns the claims of an RS256 token whose key is in the key set of this discovery document.
pub async fn signed_claims(provider: &Provider, document: &Value, token: &str) -> Value {
    let path = document["jwks_uri"].as_str().unwrap().strip_prefix(&provider.issuer()).unwrap();
    let keys: JwkSet = serde_json::from_value(provider.browser().0.get(path).await.ok()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.alg, Algorithm::RS256);
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    // The caller compares with the server's clock.
    rules.validate_exp = false;
    rules.validate_aud = false;
    decode::<Value>(token, &key, &rules).unwrap().claims
}

/// Returns an RSA key that is not the server's.
pub fn foreign_key() -> EncodingKey {
    let pem = new_pem(&Random::default()).unwrap();
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pkcs8 = STANDARD.decode(lines).unwrap();
    // PKCS #8 is PKCS #1 behind 26 bytes that say so.
    EncodingKey::from_rsa_der(&pkcs8[26..])
}

/// Estimates the entropy of a token, in bits, from the frequency of its characters.
pub fn entropy(token: &str) -> f64 {
    let length = f64::from(u32::try_from(token.len()).unwrap());
    let mut counts = HashMap::<u8, f64>::new();
    for byte in token.bytes() {
        *counts.entry(byte).or_default() += 1.0;
    }
    -counts.values().map(|count| count * (count / length).log2()).sum::<f64>()
}

/// Checks that the browser is at a page of ours instead of being sent to an app.
#[track_caller]
pub fn stays(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(next_of(answer), None);
    assert!(answer.header("content-type").starts_with("text/html"));
}
