//! Responses, ID tokens and client authentication.

use crate::oidc::oidf::*;
use crate::oidc::provider::*;
use serde_json::Value;
use std::collections::BTreeSet;
use testkit::Client;

/// The code flow with `client_secret_basic`: response, ID token, access token
#[tokio::test]
async fn oidcc_server() {
    let person = Person::new().await;
    let changes = [("nonce", "a-nonce")];
    let response = person.ask(&changes).await;
    let code = person.code(&response);
    assert!(code.len() >= 22 && entropy(&code) >= 96.0, "{code}");
    let (tokens, claims) = person.redeem(&response, &changes).await;
    assert_eq!((claims.get("at_hash"), claims.get("c_hash")), (None, None), "optional, so never wrong");
    let names: BTreeSet<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let asked = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"];
    assert_eq!(names, BTreeSet::from(asked), "nothing that was not asked for");
    assert_eq!(person.user(&tokens, &claims).await.as_object().unwrap().len(), 1);
}

/// The code flow with `client_secret_post`
#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let person = Person::new().await;
    let code = person.code(&person.ask(&[("nonce", "n")]).await);
    let mut form = code_form(&code, CALLBACK);
    form.extend([("client_id", "web"), ("client_secret", SECRET)]);
    let tokens = Client::new(&**person).post("/oauth/token", &form).await.ok();
    let claims = person.verified(&tokens, Some("n")).await;
    person.user(&tokens, &claims).await;
}

/// A request without `response_type` is refused by a redirect with `invalid_request`
#[tokio::test]
async fn oidcc_response_type_missing() {
    let person = Person::new().await;
    let response = person.ask(&[("response_type", "")]).await;
    assert_eq!(response.scans, 0);
    person.error(&response, "s", &["invalid_request", "unsupported_response_type"]);
}

/// An ID token is signed by RS256 unless agreed otherwise, and its header names the key. The suite runs this with
/// dynamic registration only
#[tokio::test]
async fn oidcc_idtoken_signature() {
    let person = Person::new().await;
    let (tokens, _) = person.sign_in(&[]).await;
    let header = header(&tokens["id_token"]);
    assert_eq!(header["alg"], "RS256");
    assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()), "{header}");
}

/// No ID token is unsigned. The suite skips this for a server whose discovery document does not list `none`
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let person = Person::new().await;
    let document = person.browser.0.get("/.well-known/openid-configuration").await.ok();
    for (name, value) in document.as_object().unwrap().iter().filter(|(name, _)| name.contains("alg")) {
        assert!(value.as_array().unwrap().iter().all(|alg| alg != "none"), "{name}");
    }
    let (tokens, _) = person.sign_in(&[]).await;
    let token = tokens["id_token"].as_str().unwrap();
    assert!(!token.ends_with('.') && token.split('.').count() == 3);
}

/// A request without `nonce` succeeds, and the ID token has none
#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let person = Person::new().await;
    let (_, claims) = person.sign_in(&[]).await;
    assert_eq!(claims.get("nonce"), None);
}

/// Neither the order of scopes nor that of parameters matters
#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let person = Person::new().await;
    person.email().await;
    let callback = CALLBACK.replace(':', "%3A").replace('/', "%2F");
    let query = format!("state=s&scope=email+openid&response_type=code&redirect_uri={callback}&nonce=n&client_id=web");
    let first = person.browser.0.get(&format!("/oauth/authorize?{query}")).await;
    let response = person.finish(first).await;
    let (tokens, claims) = person.redeem(&response, &[("nonce", "n")]).await;
    let user = person.user(&tokens, &claims).await;
    assert_eq!((user["email"].as_str(), user.get("name")), (Some("dong@example.org"), None));
    assert_eq!(claims.get("name"), None);
}

/// A redirect URI that is not registered leads to a page of ours, and never to that URI
#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let person = Person::new().await;
    let unregistered = format!("{CALLBACK}/AkpbPpMUwJ");
    stays(&person.browser.authorize(&[("redirect_uri", &unregistered)]).await, 400);
}

/// An authorization request may be a POST
#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let person = Person::new().await;
    let path = authorize_path(&[("nonce", "n")]);
    let form: Vec<(String, String)> = response_of(&path).into_iter().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // As from a page of the app, whose POST brings none of our cookies.
    let stranger = Client::new(&**person).always("origin", "https://app.example");
    let next = next_of(&stranger.post("/oauth/authorize", &form).await).unwrap();
    assert!(next.starts_with("/oauth/authorize?"), "{next}");
    let response = person.finish(person.browser.0.get(&next).await).await;
    person.redeem(&response, &[("nonce", "n")]).await;
}

/// PKCE succeeds for an app that need not use it
#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let person = Person::new().await;
    let challenge = challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = person.code(&person.ask(&pkce).await);
    let form = [code_form(&code, CALLBACK), vec![("code_verifier", VERIFIER)]].concat();
    let tokens: Value = person.call_as("web", "/oauth/token", &form).await.ok();
    person.verified(&tokens, None).await;
}
