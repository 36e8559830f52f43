//! The userinfo endpoint, and what each scope reveals.

use crate::oidc::oidf::*;
use serde_json::Value;
use std::collections::BTreeSet;
use testkit::{Answer, Client, bearer};

async fn user_by(send: impl AsyncFnOnce(&Person, &str) -> Answer) {
    let person = Person::new().await;
    let (tokens, claims) = person.sign_in(&[("nonce", "n")]).await;
    let answer = send(&person, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.ok()["sub"], claims["sub"]);
}

/// GET with the token in the header
#[tokio::test]
async fn oidcc_userinfo_get() {
    user_by(async |person, token| person.userinfo(token).await).await;
}

/// POST with the token in the header
#[tokio::test]
async fn oidcc_userinfo_post_header() {
    user_by(async |person, token| {
        bearer(&***person, token).send(reqwest::Method::POST, "/oauth/userinfo", None, Vec::new()).await
    })
    .await;
}

/// POST with the token in the body
#[tokio::test]
async fn oidcc_userinfo_post_body() {
    user_by(async |person, token| Client::new(&***person).post("/oauth/userinfo", &[("access_token", token)]).await)
        .await;
}

/// Signs in with these scopes, and returns the names of the claims at the userinfo endpoint.
async fn claims_for(scope: &str, more: testkit::Fields<'_>) -> (Value, Value) {
    let person = Person::new().await;
    person.email().await;
    let (tokens, claims) = person.sign_in(&[&[("scope", scope)], more].concat()).await;
    (person.user(&tokens, &claims).await, claims)
}

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

/// `profile` gives what we know of it. The suite warns of claims that this server does not have, such as `birthdate`
#[tokio::test]
async fn oidcc_scope_profile() {
    let (user, _) = claims_for("openid profile", &[]).await;
    assert_eq!(names(&user), BTreeSet::from(["name", "preferred_username", "sub"]));
    assert_eq!((user["name"].as_str(), user["preferred_username"].as_str()), (Some("dong the tester"), Some("dong")));
}

/// `email` gives the address, and whether it is verified. The suite warns that the ID token has it, too: apps need that
#[tokio::test]
async fn oidcc_scope_email() {
    let (user, claims) = claims_for("openid email", &[]).await;
    assert_eq!(names(&user), BTreeSet::from(["email", "email_verified", "sub"]));
    assert_eq!((user["email"].as_str(), user["email_verified"].as_bool()), (Some("dong@example.org"), Some(true)));
    assert_eq!(claims.get("name"), None);
}

/// `address` is not supported, and not an error
#[tokio::test]
async fn oidcc_scope_address() {
    assert_eq!(names(&claims_for("openid address", &[]).await.0), BTreeSet::from(["sub"]));
}

/// `phone` is not supported, and not an error
#[tokio::test]
async fn oidcc_scope_phone() {
    assert_eq!(names(&claims_for("openid phone", &[]).await.0), BTreeSet::from(["sub"]));
}

/// All scopes at once give all claims
#[tokio::test]
async fn oidcc_scope_all() {
    let (user, _) = claims_for("openid profile email address phone", &[]).await;
    let all = ["email", "email_verified", "name", "preferred_username", "sub"];
    assert_eq!(names(&user), BTreeSet::from(all));
}

/// A request with the parameter `claims` succeeds. The suite warns that `name` is missing: this server does not support
/// the parameter, and says so in the discovery document
#[tokio::test]
async fn oidcc_claims_essential() {
    let essential = [("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)];
    let (user, claims) = claims_for("openid", &essential).await;
    assert_eq!(names(&user), BTreeSet::from(["sub"]));
    assert_eq!(claims.get("name"), None);
}
