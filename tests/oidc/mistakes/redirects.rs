//! Redirects before the URI is known to be good, and URIs that are compared too kindly.

use crate::oidc::oidf::stays;
use crate::oidc::provider::*;
use domain::client::Client;
use proptest::prelude::*;
use testkit::{Answer, Fields};

/// Where an attacker would like people to be sent.
const BAD: [&str; 17] = [
    "https://evil.example/callback",
    "https://app.example@evil.example/callback",
    "https://app.example/callback@evil.example",
    "https://app.example.evil.example/callback",
    "https://app.example/callback/..;/evil",
    "https://app.example/callback/../other?x=1",
    "https://app.example/Callback",
    "HTTPS://app.example/callback",
    "https://APP.example/callback",
    "https://app.example./callback",
    "https://app.example:443/callback",
    "https://app.example/callback/",
    "https://app.example/callback?",
    "https://app.example/callback#",
    "https://app.example/other",
    "//app.example/callback",
    "javascript:alert(1)//https://app.example/callback",
];

/// Checks that an answer sends nobody anywhere, by header, page or form.
#[track_caller]
fn sends_nobody_away(answer: &Answer) {
    stays(answer, 400);
    assert!(!answer.headers.contains_key("location") && !answer.headers.contains_key("refresh"));
    assert!(!answer.body.contains("evil.example"), "{}", answer.body);
    assert!(!answer.body.contains("method=\"post\" action=\"http"), "{}", answer.body);
}

/// No prompt and no other error redirects to a URI that is not registered, signed in or not
#[tokio::test]
async fn m01_redirect_before_the_uri_is_checked() {
    let provider = Provider::start().await;
    let faults: [Fields<'_>; 10] = [
        &[],
        &[("response_type", "")],
        &[("response_type", "token")],
        &[("response_mode", "form_post")],
        &[("response_mode", "fragment"), ("scope", "")],
        &[("request", "x.y.")],
        &[("request_uri", "https://evil.example/r")],
        &[("code_challenge_method", "plain"), ("code_challenge", "x")],
        &[("max_age", "x")],
        &[("state", "https://evil.example/")],
    ];
    let prompts = ["", "none", "login", "consent", "select_account", "none login"];
    for browser in [provider.browser(), provider.signed_in("dong").await] {
        for (at, fault) in faults.into_iter().enumerate() {
            for (other, prompt) in prompts.into_iter().enumerate() {
                let uri = BAD[(at * prompts.len() + other) % BAD.len()];
                let changes = [fault, &[("prompt", prompt), ("redirect_uri", uri)]].concat();
                sends_nobody_away(&browser.authorize(&changes).await);
            }
            for unknown in ["", "nobody", "web ", "WEB"] {
                let changes = [fault, &[("client_id", unknown)]].concat();
                sends_nobody_away(&browser.authorize(&changes).await);
            }
            sends_nobody_away(&browser.authorize(&[fault, &[("redirect_uri", "")]].concat()).await);
        }
        for repeated in ["client_id=web", "redirect_uri=https://evil.example/", "client_id=other"] {
            sends_nobody_away(&browser.0.get(&format!("{}&{repeated}", authorize_path(&[]))).await);
        }
    }
}

/// Every lax comparison that has had an advisory is refused, and only what is registered for this app is accepted
#[tokio::test]
async fn m02_lax_match_of_the_redirect_uri() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    for uri in BAD.into_iter().chain(["https://other.example/callback", "https://app.example/callback%00"]) {
        sends_nobody_away(&browser.authorize(&[("redirect_uri", uri)]).await);
    }
    for uri in [CALLBACK, "https://app.example/other?x=1"] {
        browser.code(&[("redirect_uri", uri)]).await;
    }
}

/// An app with one redirect URI.
fn client(uri: &str, is_native: bool) -> Client {
    let mut client = Client::new("app".parse().unwrap(), "App".to_owned());
    client.redirect_uris = vec![uri.to_owned()];
    client.is_native = is_native;
    client
}

/// Changes one character of `uri`, or inserts or removes one.
fn mutated(uri: &str, at: usize, with: char, kind: u8) -> String {
    let mut characters: Vec<char> = uri.chars().collect();
    let at = at % characters.len();
    match kind {
        0 => characters[at] = with,
        1 => characters.insert(at, with),
        2 => drop(characters.remove(at)),
        3 => characters.push(with),
        _ => characters[at] = if characters[at].is_lowercase() { characters[at].to_ascii_uppercase() } else { with },
    }
    characters.into_iter().collect()
}

/// Characters that parsers disagree about, beside any others.
fn character() -> impl Strategy<Value = char> {
    let tricky = proptest::sample::select(
        "@:/\\?#%;.[]*&= \t\r\n\u{0}2EeAa1\u{ff0e}\u{3002}\u{ff0f}".chars().collect::<Vec<_>>(),
    );
    prop_oneof![3 => tricky, 1 => any::<char>()]
}

proptest! {
    /// A URI that differs by one character from a registered one is refused
    #[test]
    fn m02_a_redirect_uri_that_differs_by_one_character(
        uri in proptest::sample::select(vec![
            "https://app.example/callback", "https://app.example/other?x=1", "https://app.example:8443/a/b",
            "http://[fd00::1]/cb", "app.immich:///oauth-callback",
        ]),
        is_native: bool, at: usize, with in character(), kind in 0_u8..5,
    ) {
        let client = client(uri, is_native);
        let other = mutated(uri, at, with, kind);
        prop_assume!(other != uri);
        prop_assert!(!client.allows_redirect(&other), "{other:?} passes as {uri}");
        prop_assert!(client.allows_redirect(uri));
    }

    /// Of a program's URI on the loopback interface only the port may differ
    #[test]
    fn m02_a_loopback_uri_that_differs_by_more_than_its_port(
        host in proptest::sample::select(vec!["http://127.0.0.1", "http://[::1]", "http://localhost"]),
        port: u16, at: usize, with in character(), kind in 0_u8..5,
    ) {
        prop_assume!(port > 0);
        let (registered, used) = (format!("{host}/callback"), format!("{host}:{port}/callback"));
        let native = client(&registered, true);
        prop_assert!(native.allows_redirect(&used));
        prop_assert!(!client(&registered, false).allows_redirect(&used), "only a native app has any port");
        let other = mutated(&used, at, with, kind);
        let other_port = other.strip_prefix(&format!("{host}:")).and_then(|rest| rest.strip_suffix("/callback"));
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
        prop_assert_eq!(native.allows_redirect(&other), other_port.is_some_and(is_port), "{}", other);
    }
}
