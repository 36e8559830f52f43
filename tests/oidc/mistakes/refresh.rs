//! Refresh tokens in the wrong hands, repeated, or better than the person's rights.

use crate::oidc::provider::*;
use crate::oidc::refresh::{SCOPE, refresh, refresh_with, text};
use domain::account::AccountChange;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;
use testkit::{Client, PASSWORD, browser_phone};

/// No other app can use, inspect or end a refresh or access token
#[tokio::test]
async fn m04_refresh_token_not_bound_to_its_client() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let [token, access] = ["refresh_token", "access_token"].map(|name| text(&tokens, name));
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    for thief in ["other", "closed", "api"] {
        oauth_error(&provider.call_as(thief, "/oauth/token", &form).await, 400, "invalid_grant");
        for stolen in [&token, &access] {
            let seen = provider.call_as(thief, "/oauth/introspect", &[("token", stolen)]).await;
            assert_eq!(seen.ok(), json!({"active": false}));
            provider.call_as(thief, "/oauth/revoke", &[("token", stolen)]).await.ok();
        }
    }
    let anyone = Client::new(&*provider);
    let public = [&form[..], &[("client_id", "spa")]].concat();
    oauth_error(&anyone.post("/oauth/token", &public).await, 400, "invalid_grant");
    anyone.post("/oauth/revoke", &[("token", &token), ("client_id", "spa")]).await.ok();
    let unproven = [&form[..], &[("client_id", "web")]].concat();
    oauth_error(&anyone.post("/oauth/token", &unproven).await, 401, "invalid_client");
    // No stranger has harmed it.
    assert!(provider.works(&access).await);
    refresh(&provider, &token).await.ok();
}

/// An app without a secret cannot ask whether a token is valid: neither can whoever found one
#[tokio::test]
async fn m04_introspection_by_strangers() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let access = text(&tokens, "access_token");
    let anyone = Client::new(&*provider);
    let public = anyone.post("/oauth/introspect", &[("token", &access), ("client_id", "spa")]).await;
    oauth_error(&public, 400, "unauthorized_client");
    oauth_error(&anyone.post("/oauth/introspect", &[("token", &access)]).await, 401, "invalid_client");
    let bearer = testkit::bearer(&*provider, &access);
    oauth_error(&bearer.post("/oauth/introspect", &[("token", &access)]).await, 401, "invalid_client");
}

/// Twenty refreshes at once all get the same successor, so that nobody is signed out by two tabs
#[tokio::test]
async fn m08_parallel_refresh_signs_people_out() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let token = text(&tokens, "refresh_token");
    let answers = join_all((0..20).map(|_| refresh(&provider, &token))).await;
    let successors: HashSet<String> = answers.iter().map(|answer| text(&answer.ok(), "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    refresh(&provider, successors.iter().next().unwrap()).await.ok();
}

/// A refresh token that is used again after the grace period ends everything of its grant
#[tokio::test]
async fn m08_reuse_of_a_refresh_token_undetected() {
    let (provider, hand) = Provider::still().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let stolen = text(&tokens, "refresh_token");
    let second = refresh(&provider, &stolen).await.ok();
    hand.advance(Duration::from_secs(30));
    oauth_error(&refresh(&provider, &stolen).await, 400, "invalid_grant");
    oauth_error(&refresh(&provider, &text(&second, "refresh_token")).await, 400, "invalid_grant");
    for dead in [&tokens, &second] {
        assert!(!provider.works(&text(dead, "access_token")).await);
    }
}

/// One that is two steps old is a theft even within the grace period
#[tokio::test]
async fn m08_reuse_of_an_older_refresh_token() {
    let (provider, _hand) = Provider::still().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
    let first = text(&tokens, "refresh_token");
    let second = text(&refresh(&provider, &first).await.ok(), "refresh_token");
    let third = text(&refresh(&provider, &second).await.ok(), "refresh_token");
    oauth_error(&refresh(&provider, &first).await, 400, "invalid_grant");
    oauth_error(&refresh(&provider, &third).await, 400, "invalid_grant");
}

/// What happens to a person who has signed in to an app.
#[derive(Clone, Copy, Debug)]
enum Change {
    Disabled,
    Deleted,
    LeftTheGroup,
    NewPassword,
    SignedOutByTheOperator,
    AppRemoved,
    AppLeftToOthers,
    Disconnected,
}

async fn happens(provider: &Provider, change: Change) {
    let accounts = &provider.app.accounts;
    match change {
        Change::Disabled => drop(accounts.set_disabled("dong", true).await.unwrap().unwrap()),
        Change::Deleted => drop(accounts.delete("dong").await.unwrap().unwrap()),
        Change::LeftTheGroup => {
            let change = AccountChange { remove_groups: vec!["staff".to_owned()], ..AccountChange::default() };
            accounts.change("dong", &change).await.unwrap().unwrap();
        }
        Change::NewPassword => drop(accounts.set_password("dong", "a new passphrase".to_owned()).await.unwrap()),
        Change::SignedOutByTheOperator => drop(accounts.sign_out("dong").await.unwrap()),
        Change::AppRemoved => provider.edit_apps("id = \"web\"", "id = \"gone\""),
        Change::AppLeftToOthers => {
            provider.edit_apps("name = \"Grafana\"", "name = \"Grafana\"\ngroups_allowed = [\"admins\"]");
        }
        Change::Disconnected => {
            let phone = browser_phone(&**provider, "dong").await;
            phone.post("/api/apps/disconnect", &[("client_id", "web")]).await.ok();
        }
    }
}

/// Checks that no endpoint accepts these tokens.
async fn are_dead(provider: &Provider, tokens: &Value, change: Change) {
    let access = text(tokens, "access_token");
    assert_eq!(provider.userinfo(&access).await.status.as_u16(), 401, "{change:?}");
    let [seen, refreshed] = [
        provider.call_as("web", "/oauth/introspect", &[("token", &access)]).await,
        refresh(provider, &text(tokens, "refresh_token")).await,
    ];
    if matches!(change, Change::AppRemoved) {
        oauth_error(&seen, 401, "invalid_client");
        oauth_error(&refreshed, 401, "invalid_client");
    } else {
        assert_eq!(seen.ok(), json!({"active": false}), "{change:?}");
        oauth_error(&refreshed, 400, "invalid_grant");
    }
}

/// Account, groups, app and consent are checked again by every refresh, and whenever an access token is used
#[tokio::test]
async fn m09_refresh_without_looking_at_the_person_again() {
    use Change::*;
    let people = [Disabled, Deleted, LeftTheGroup, NewPassword, SignedOutByTheOperator];
    for change in people.into_iter().chain([AppRemoved, AppLeftToOthers, Disconnected]) {
        let provider = Provider::start().await;
        provider.edit_apps("name = \"Grafana\"", "name = \"Grafana\"\ngroups_allowed = [\"staff\"]");
        provider.account("dong").await;
        let groups = AccountChange { add_groups: vec!["staff".to_owned()], ..AccountChange::default() };
        provider.app.accounts.change("dong", &groups).await.unwrap();
        let tokens = provider.signed_in("dong").await.tokens(&provider, SCOPE).await;
        assert!(provider.works(&text(&tokens, "access_token")).await);
        happens(&provider, change).await;
        are_dead(&provider, &tokens, change).await;
    }
}

/// The end of the session ends the tokens that were made in it, unless the person let the app stay connected
#[tokio::test]
async fn m09_tokens_that_outlive_their_session() {
    let provider = Provider::start().await;
    let phone = browser_phone(&*provider, "dong").await;
    let browser = provider.signed_in("dong").await;
    let access = text(&browser.tokens(&provider, "openid").await, "access_token");
    let session = browser.0.get("/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    assert!(provider.works(&access).await);
    phone.post("/api/step-up", &[("password", PASSWORD)]).await;
    phone.post("/api/sessions/revoke", &[("session_id", &session)]).await.ok();
    assert!(!provider.works(&access).await);
}

/// Neither the exchange of a code nor a refresh gives more scopes than the person has seen
#[tokio::test]
async fn m10_scope_grows() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let code = browser.code(&[("scope", "openid offline_access")]).await;
    let greedy = [code_form(&code, CALLBACK), vec![("scope", "openid groups email")]].concat();
    let tokens = provider.call_as("web", "/oauth/token", &greedy).await.ok();
    assert_eq!(tokens["scope"], "openid offline_access");
    let token = text(&tokens, "refresh_token");
    for more in ["openid groups", "groups", "openid profile offline_access", "openid admin"] {
        oauth_error(&refresh_with(&provider, &token, &[("scope", more)]).await, 400, "invalid_scope");
    }
    let again = refresh(&provider, &token).await.ok();
    assert_eq!(again["scope"], "openid offline_access");
    let user = provider.userinfo(&text(&again, "access_token")).await.ok();
    assert_eq!(user.as_object().unwrap().len(), 1, "{user}");
}

/// A scope that the app may not have is never granted
#[tokio::test]
async fn m10_scope_that_is_not_the_apps() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let challenge = challenge();
    let request = [
        ("client_id", "spa"),
        ("redirect_uri", "https://map.example/callback"),
        ("scope", "openid email groups"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let code = browser.code(&request).await;
    let form = [
        code_form(&code, "https://map.example/callback"),
        vec![("client_id", "spa"), ("code_verifier", VERIFIER), ("scope", "openid groups")],
    ];
    let tokens = Client::new(&*provider).post("/oauth/token", &form.concat()).await.ok();
    assert_eq!(tokens["scope"], "openid");
}
