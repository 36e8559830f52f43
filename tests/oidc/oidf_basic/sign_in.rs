//! When the person has to sign in: `prompt`, `max_age`, hints.

use crate::oidc::oidf::*;
use crate::oidc::provider::*;
use serde_json::Value;

fn auth_time(claims: &Value) -> i64 {
    claims["auth_time"].as_i64().unwrap()
}

/// `prompt=login` asks for a sign-in although somebody is signed in, and `auth_time` grows
#[tokio::test]
async fn oidcc_prompt_login() {
    let person = Person::new().await;
    let (_, first) = person.sign_in(&[]).await;
    person.wait(1);
    let response = person.ask(&[("prompt", "login")]).await;
    assert_eq!(response.scans, 1);
    let (_, second) = person.redeem(&response, &[]).await;
    assert!(auth_time(&second) > auth_time(&first));
    assert_eq!(first["sub"], second["sub"]);
}

/// `prompt=none` without a session is refused without a page, with an intact `state`
#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let person = Person::new().await;
    person.is_signed_out().await;
}

/// Signs in twice, the second time with these changes and without a page, and checks that both are the same sign-in.
async fn twice(first: testkit::Fields<'_>, second: impl FnOnce(&Value) -> Vec<(&'static str, String)>) {
    let person = Person::new().await;
    let (tokens, old) = person.sign_in(first).await;
    person.wait(2);
    let second = second(&tokens);
    let second: Vec<(&str, &str)> = second.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = person.browser.authorize(&second).await;
    assert!(next_of(&answer).unwrap().starts_with(CALLBACK), "no page in between: {answer:?}");
    let response = person.finish(answer).await;
    let (_, new) = person.redeem(&response, &second).await;
    for name in ["auth_time", "sub"] {
        assert_eq!(old[name], new[name], "{name}");
    }
}

/// `prompt=none` with a session needs no page, and is the same sign-in
#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    twice(&[], |_| vec![("prompt", "none".to_owned())]).await;
}

/// `max_age=1` asks for a sign-in once the last one is older, and `auth_time` is that of the new one
#[tokio::test]
async fn oidcc_max_age_1() {
    let person = Person::new().await;
    let (_, first) = person.sign_in(&[]).await;
    person.wait(2);
    let response = person.ask(&[("max_age", "1")]).await;
    assert_eq!(response.scans, 1);
    let (_, second) = person.redeem(&response, &[]).await;
    assert!(auth_time(&second) > auth_time(&first));
    assert_eq!(auth_time(&second), person.app.clock.now().as_secs());
}

/// `max_age=10000` is satisfied by a recent sign-in
#[tokio::test]
async fn oidcc_max_age_10000() {
    twice(&[("max_age", "15000")], |_| vec![("max_age", "10000".to_owned())]).await;
}

/// `id_token_hint` with `prompt=none` is accepted for the person who is signed in
#[tokio::test]
async fn oidcc_id_token_hint() {
    twice(&[], |tokens| {
        let hint = tokens["id_token"].as_str().unwrap().to_owned();
        vec![("prompt", "none".to_owned()), ("id_token_hint", hint)]
    })
    .await;
}

/// `login_hint` causes no error
#[tokio::test]
async fn oidcc_login_hint() {
    let person = Person::new().await;
    person.sign_in(&[("login_hint", "buffy@login.example")]).await;
}
