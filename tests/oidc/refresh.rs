//! Refresh tokens: rotation, repetition, theft.

use super::provider::*;
use serde_json::Value;
use std::time::Duration;
use testkit::{Answer, Client, Phone};

pub const SCOPE: &str = "openid profile offline_access";

pub async fn refresh(provider: &Provider, token: &str) -> Answer {
    refresh_with(provider, token, &[]).await
}

pub async fn refresh_with(provider: &Provider, token: &str, more: testkit::Fields<'_>) -> Answer {
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
    provider.call_as("web", "/oauth/token", &form).await
}

pub fn text(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}")).to_owned()
}

#[tokio::test]
async fn only_who_may_stay_connected_gets_one() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid profile").await;
    assert_eq!(tokens.get("refresh_token"), None);
    let tokens = browser.tokens(&provider, SCOPE).await;
    assert_eq!(tokens["scope"], SCOPE);
    assert_eq!((tokens["token_type"].as_str(), tokens["expires_in"].as_u64()), (Some("Bearer"), Some(900)));
    text(&tokens, "refresh_token");
}

#[tokio::test]
async fn each_refresh_gives_new_tokens_with_the_old_time_of_the_sign_in() {
    let (provider, hand) = Provider::still().await;
    let browser = provider.signed_in("dong").await;
    let code = browser.code(&[("scope", SCOPE), ("nonce", "n")]).await;
    let first = provider.exchange(&code).await.ok();
    hand.advance(Duration::from_secs(60));
    let second = refresh(&provider, &text(&first, "refresh_token")).await.ok();
    for name in ["access_token", "refresh_token", "id_token"] {
        assert_ne!(first[name], second[name], "{name}");
    }
    let (old, new) = (claims(&first["id_token"]), claims(&second["id_token"]));
    for name in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(old[name], new[name], "{name}");
    }
    assert_eq!((old["nonce"].as_str(), new.get("nonce")), (Some("n"), None));
    assert_eq!(new["iat"].as_i64().unwrap() - old["iat"].as_i64().unwrap(), 60);
    assert!(provider.works(&text(&second, "access_token")).await);
}

#[tokio::test]
async fn twenty_at_once_all_get_the_same_successor() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let token = text(&tokens, "refresh_token");
    let answers = futures::future::join_all((0..20).map(|_| refresh(&provider, &token))).await;
    let successors: std::collections::HashSet<String> =
        answers.iter().map(|answer| text(&answer.ok(), "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    refresh(&provider, successors.iter().next().unwrap()).await.ok();
}

#[tokio::test]
async fn an_old_one_ends_the_grant_after_half_a_minute() {
    let (provider, hand) = Provider::still().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let stolen = text(&tokens, "refresh_token");
    let next = refresh(&provider, &stolen).await.ok();
    hand.advance(Duration::from_millis(29_999));
    refresh(&provider, &stolen).await.ok();
    hand.advance(Duration::from_millis(1));
    assert!(provider.works(&text(&next, "access_token")).await);
    oauth_error(&refresh(&provider, &stolen).await, 400, "invalid_grant");
    assert!(!provider.works(&text(&next, "access_token")).await, "everything of that grant is dead");
    oauth_error(&refresh(&provider, &text(&next, "refresh_token")).await, 400, "invalid_grant");
}

#[tokio::test]
async fn scopes_may_shrink_and_never_grow() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let token = text(&tokens, "refresh_token");
    let fewer = refresh_with(&provider, &token, &[("scope", "openid")]).await.ok();
    assert_eq!(fewer["scope"], "openid");
    assert_eq!(claims(&fewer["id_token"]).get("name"), None);
    assert_eq!(provider.userinfo(&text(&fewer, "access_token")).await.ok().get("name"), None);
    let token = text(&fewer, "refresh_token");
    for more in ["openid groups", "openid email", "openid nonsense"] {
        oauth_error(&refresh_with(&provider, &token, &[("scope", more)]).await, 400, "invalid_scope");
    }
    // Shrinking was for one access token.
    assert_eq!(refresh(&provider, &token).await.ok()["scope"], SCOPE);
}

#[tokio::test]
async fn everything_that_the_sign_in_depended_on_is_checked_again() {
    for change in ["disabled", "group", "client", "scope"] {
        let provider = Provider::start().await;
        let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
        let token = text(&tokens, "refresh_token");
        let access = text(&tokens, "access_token");
        match change {
            "disabled" => drop(provider.app.accounts.set_disabled("dong", true).await.unwrap()),
            "group" => provider.edit_apps("name = \"Grafana\"", "name = \"Grafana\"\ngroups_allowed = [\"staff\"]"),
            "client" => provider.edit_apps("id = \"web\"", "id = \"gone\""),
            _ => provider.edit_apps(
                "scopes = [\"openid\", \"profile\", \"email\", \"groups\", \"offline_access\"]\n\n[[client]]\nid = \"other\"",
                "scopes = [\"openid\"]\n\n[[client]]\nid = \"other\"",
            ),
        }
        let answer = refresh(&provider, &token).await;
        match change {
            "client" => oauth_error(&answer, 401, "invalid_client"),
            "scope" => assert_eq!(answer.ok()["scope"], "openid"),
            _ => oauth_error(&answer, 400, "invalid_grant"),
        }
        if change == "scope" {
            assert_eq!(provider.userinfo(&access).await.ok().get("name"), None);
        } else {
            assert_eq!(provider.userinfo(&access).await.status.as_u16(), 401, "{change}");
        }
    }
}

#[tokio::test]
async fn a_connected_app_outlives_the_session_and_another_does_not() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let online = browser.tokens(&provider, "openid profile").await;
    let offline = browser.tokens(&provider, SCOPE).await;
    browser.0.post("/api/logout", &[]).await.ok();
    assert!(!provider.works(&text(&online, "access_token")).await, "ended at once");
    assert!(provider.works(&text(&offline, "access_token")).await);
    refresh(&provider, &text(&offline, "refresh_token")).await.ok();
}

#[tokio::test]
async fn nobody_but_its_client_can_use_it() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let token = text(&tokens, "refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    for other in ["other", "closed", "api"] {
        oauth_error(&provider.call_as(other, "/oauth/token", &form).await, 400, "invalid_grant");
        provider.call_as(other, "/oauth/revoke", &[("token", &token)]).await.ok();
        let seen = provider.call_as(other, "/oauth/introspect", &[("token", &token)]).await.ok();
        assert_eq!(seen, serde_json::json!({"active": false}));
    }
    let public = [&form[..], &[("client_id", "spa")]].concat();
    oauth_error(&Client::new(&*provider).post("/oauth/token", &public).await, 400, "invalid_grant");
    // No stranger has harmed it.
    refresh(&provider, &token).await.ok();
}

#[tokio::test]
async fn a_revoked_one_ends_the_whole_grant() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    for name in ["refresh_token", "access_token"] {
        let tokens = browser.tokens(&provider, SCOPE).await;
        provider.call_as("web", "/oauth/revoke", &[("token", &text(&tokens, name))]).await.ok();
        assert!(!provider.works(&text(&tokens, "access_token")).await, "{name}");
        oauth_error(&refresh(&provider, &text(&tokens, "refresh_token")).await, 400, "invalid_grant");
    }
    for nonsense in ["nonsense", "qrr_AAAA", "qra_", "a.b.c"] {
        provider.call_as("web", "/oauth/revoke", &[("token", nonsense)]).await.ok();
    }
}

#[tokio::test]
async fn an_unused_one_expires_and_a_used_one_goes_on() {
    let (provider, hand) = Provider::still().await;
    let day = Duration::from_secs(86_400);
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    browser.scan_with(&phone).await;
    let (unused, used) = (browser.tokens(&provider, SCOPE).await, browser.tokens(&provider, SCOPE).await);
    hand.advance(day * 29);
    let next = refresh(&provider, &text(&used, "refresh_token")).await.ok();
    hand.advance(day);
    oauth_error(&refresh(&provider, &text(&unused, "refresh_token")).await, 400, "invalid_grant");
    hand.advance(day * 28);
    refresh(&provider, &text(&next, "refresh_token")).await.ok();
}
