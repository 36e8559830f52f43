//! The RP-Initiated Logout profile of the OpenID Foundation's conformance suite
//! (`oidcc-rp-initiated-logout-certification-test-plan`): its eleven modules, each as a test with the module's name.

use super::oidf::*;
use super::oidf_config::discovery;
use super::provider::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use testkit::{Answer, encode};

const BYE: &str = "https://app.example/bye";

/// Signs in and sends the request of the suite's happy path, changed: with the hint, the URL and the state. Returns the
/// answer.
async fn sign_out(person: &Person, change: impl FnOnce(&mut Vec<(&'static str, String)>)) -> Answer {
    let (tokens, _) = person.sign_in(&[]).await;
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    let mut query =
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", BYE.to_owned()), ("state", LONG_STATE.to_owned())];
    change(&mut query);
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.browser.0.get(&format!("/oauth/logout?{}", encode(&query))).await
}

/// Sends the request without these parameters.
async fn sign_out_without(person: &Person, names: &[&str]) -> Answer {
    sign_out(person, |query| query.retain(|(name, _)| !names.contains(name))).await
}

/// Checks that the person is asked, agrees, and reads that it is done, without a redirect to the app.
async fn ends_after_a_question(person: &Person, question: &Answer) {
    stays(question, 200);
    assert!(question.body.contains("action=\"/oauth/logout\""), "{}", question.body);
    let confirmed = person.browser.0.post("/oauth/logout", &[("confirm", "yes")]).await;
    stays(&confirmed, 200);
    person.is_signed_out().await;
}

/// Checks that the request is refused on a page of ours, and that the person is still signed in.
async fn is_refused(person: &Person, answer: &Answer) {
    stays(answer, 400);
    person.redeem(&person.ask(&[("prompt", "none")]).await, &[]).await;
}

/// The discovery document names the endpoint
#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let endpoint = discovery().await["end_session_endpoint"].clone();
    assert_eq!(endpoint, "https://login.example/oauth/logout");
}

/// An app that sends a hint, a registered URL and a state gets the person and the state back, signed out
#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let person = Person::new().await;
    let answer = sign_out(&person, |_| {}).await;
    assert_eq!(next_of(&answer), Some(format!("{BYE}?state={LONG_STATE}")));
    person.is_signed_out().await;
}

/// The same without a state
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let person = Person::new().await;
    let answer = sign_out_without(&person, &["state"]).await;
    assert_eq!(next_of(&answer).as_deref(), Some(BYE));
    person.is_signed_out().await;
}

/// A URL that is not registered leads to a page of ours
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let person = Person::new().await;
    let answer = sign_out(&person, |query| query[1].1 = format!("{BYE}/unregistered")).await;
    is_refused(&person, &answer).await;
}

/// So does a registered one with a query added
#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let person = Person::new().await;
    let answer = sign_out(&person, |query| query[1].1 = format!("{BYE}?foo=bar")).await;
    is_refused(&person, &answer).await;
}

/// A hint changed to `alg: none` is refused
#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    for signature in ["", "kept"] {
        let person = Person::new().await;
        let answer = sign_out(&person, |query| {
            let parts: Vec<&str> = query[0].1.split('.').collect();
            let mut header = header(&Value::String(query[0].1.clone()));
            header["alg"] = "none".into();
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            let signature = if signature.is_empty() { "" } else { parts[2] };
            query[0].1 = format!("{header}.{}.{signature}", parts[1]);
        })
        .await;
        is_refused(&person, &answer).await;
    }
}

/// A hint that somebody else signed is refused
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let person = Person::new().await;
    let answer = sign_out(&person, |query| {
        let hint = Value::String(query[0].1.clone());
        let mut forged = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
        forged.kid = header(&hint)["kid"].as_str().map(str::to_owned);
        query[0].1 = jsonwebtoken::encode(&forged, &claims(&hint), &foreign_key()).unwrap();
    })
    .await;
    is_refused(&person, &answer).await;
}

/// Without a hint nobody knows whose URL it is: a page of ours
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let person = Person::new().await;
    let answer = sign_out_without(&person, &["id_token_hint"]).await;
    is_refused(&person, &answer).await;
}

/// Without parameters the person is asked, and signed out
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let person = Person::new().await;
    let answer = sign_out(&person, Vec::clear).await;
    ends_after_a_question(&person, &answer).await;
}

/// The same with nothing but a state
#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let person = Person::new().await;
    let answer = sign_out_without(&person, &["id_token_hint", "post_logout_redirect_uri"]).await;
    ends_after_a_question(&person, &answer).await;
}

/// Without a URL the person is signed out, and stays here
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let person = Person::new().await;
    let answer = sign_out_without(&person, &["post_logout_redirect_uri"]).await;
    stays(&answer, 200);
    person.is_signed_out().await;
}
