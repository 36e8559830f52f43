//! Codes in the wrong hands, used twice, or without what they are bound to.

use crate::oidc::provider::*;
use futures::future::join_all;
use testkit::{Answer, Client, Fields};

const OTHER_URI: &str = "https://app.example/other?x=1";

/// No other app redeems a code, whatever its own authentication, and its owner still can
#[tokio::test]
async fn m03_code_not_bound_to_its_client() {
    let provider = Provider::start().await;
    let code = provider.signed_in("dong").await.code(&[]).await;
    for (thief, own_uri) in
        [("other", "https://other.example/callback"), ("closed", "https://vault.example/callback"), ("api", CALLBACK)]
    {
        for uri in [CALLBACK, own_uri] {
            let answer = provider.call_as(thief, "/oauth/token", &code_form(&code, uri)).await;
            oauth_error(&answer, 400, "invalid_grant");
        }
        let named = [code_form(&code, CALLBACK), vec![("client_id", "web")]].concat();
        oauth_error(&provider.call_as(thief, "/oauth/token", &named).await, 400, "invalid_request");
    }
    let public = [code_form(&code, CALLBACK), vec![("client_id", "spa")]].concat();
    oauth_error(&Client::new(&*provider).post("/oauth/token", &public).await, 400, "invalid_grant");
    let unproven = [code_form(&code, CALLBACK), vec![("client_id", "web")]].concat();
    oauth_error(&Client::new(&*provider).post("/oauth/token", &unproven).await, 401, "invalid_client");
    provider.exchange(&code).await.ok();
}

/// Of fifty exchanges at once one succeeds, and a later one ends the tokens of the first
#[tokio::test]
async fn m05_code_usable_twice() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let code = browser.code(&[("scope", "openid offline_access")]).await;
    let answers = join_all((0..50).map(|_| provider.exchange(&code))).await;
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status.is_success());
    assert_eq!((won.len(), lost.len()), (1, 49));
    for answer in lost {
        oauth_error(answer, 400, "invalid_grant");
    }
    // The losers have ended the winner's tokens.
    assert!(!provider.works(won[0].ok()["access_token"].as_str().unwrap()).await);

    let code = browser.code(&[("scope", "openid offline_access")]).await;
    let tokens = provider.exchange(&code).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    assert!(provider.works(access).await);
    oauth_error(&provider.exchange(&code).await, 400, "invalid_grant");
    assert!(!provider.works(access).await);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    oauth_error(&provider.call_as("web", "/oauth/token", &refresh).await, 400, "invalid_grant");
}

/// A code is gone after a minute
#[tokio::test]
async fn m05_code_without_end() {
    let (provider, hand) = Provider::still().await;
    let browser = provider.signed_in("dong").await;
    let (late, in_time) = (browser.code(&[]).await, browser.code(&[]).await);
    hand.advance(std::time::Duration::from_millis(59_999));
    provider.exchange(&in_time).await.ok();
    hand.advance(std::time::Duration::from_millis(1));
    oauth_error(&provider.exchange(&late).await, 400, "invalid_grant");
}

async fn redeem_with(provider: &Provider, code: &str, verifier: &str) -> Answer {
    let form = [code_form(code, CALLBACK), vec![("code_verifier", verifier)]].concat();
    provider.call_as("web", "/oauth/token", &form).await
}

/// A challenge needs its verifier, and a verifier its challenge
#[tokio::test]
async fn m06_pkce_downgrade() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let challenge = challenge();
    let code = browser.code(&[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    oauth_error(&provider.exchange(&code).await, 400, "invalid_grant");
    for wrong in ["", challenge.as_str(), &VERIFIER[1..], &VERIFIER.to_lowercase(), "wrong"] {
        oauth_error(&redeem_with(&provider, &code, wrong).await, 400, "invalid_grant");
    }
    redeem_with(&provider, &code, VERIFIER).await.ok();
    let code = browser.code(&[]).await;
    oauth_error(&redeem_with(&provider, &code, VERIFIER).await, 400, "invalid_grant");
    provider.exchange(&code).await.ok();
}

/// `plain`, unknown methods and malformed challenges are refused, and an app without a secret cannot do without PKCE
#[tokio::test]
async fn m06_pkce_method_other_than_s256() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let challenge = challenge();
    let long = format!("{challenge}A");
    let requests: [Fields<'_>; 9] = [
        &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
        &[("code_challenge", VERIFIER)],
        &[("code_challenge", &challenge), ("code_challenge_method", "S512")],
        &[("code_challenge", &challenge), ("code_challenge_method", "s256")],
        &[("code_challenge_method", "S256")],
        &[("code_challenge", "short"), ("code_challenge_method", "S256")],
        &[("code_challenge", &long), ("code_challenge_method", "S256")],
        &[("client_id", "spa"), ("redirect_uri", "https://map.example/callback")],
        &[("client_id", "native"), ("redirect_uri", "http://127.0.0.1:1234/callback")],
    ];
    for changes in requests {
        let response = response_of(&next_of(&browser.authorize(changes).await).unwrap());
        assert_eq!(response["error"], "invalid_request", "{changes:?}");
        assert!(!response.contains_key("code"));
    }
}

/// The token endpoint compares the redirect URI with that of the request, although both are registered
#[tokio::test]
async fn m07_redirect_uri_not_compared_at_the_token_endpoint() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let code = browser.code(&[]).await;
    for wrong in [OTHER_URI, "", "https://app.example/callback?", "https://app.example/callbac"] {
        let answer = provider.call_as("web", "/oauth/token", &code_form(&code, wrong)).await;
        oauth_error(&answer, 400, "invalid_grant");
    }
    let without = [("grant_type", "authorization_code"), ("code", &code)];
    oauth_error(&provider.call_as("web", "/oauth/token", &without).await, 400, "invalid_grant");
    provider.exchange(&code).await.ok();
}
