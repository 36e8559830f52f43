//! From the codes to the tokens, and to their end.

use super::super::backchannel::{hears, none_is_left, verified};
use super::super::provider::*;
use super::{Device, GRANT_TYPE, prepare, prepare_with};
use serde_json::json;
use std::time::Duration;
use testkit::{Client, Phone, Receiver};

#[tokio::test]
async fn a_scan_signs_the_device_in() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let client = Client::new(&*provider);
    let form = [("client_id", "tv"), ("scope", "openid profile groups"), ("nonce", "n-0")];
    let issued = client.post("/oauth/device_authorization", &form).await;
    assert_eq!(issued.header("cache-control"), "no-store");
    let body = issued.ok();
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(300), &json!(5)));
    assert_eq!(body["verification_uri"], format!("{}/device", provider.issuer()));
    let complete = issued.text("verification_uri_complete");
    let ticket = complete.strip_prefix(&format!("{}/confirm?id=", provider.issuer())).unwrap();
    let code = issued.text("device_code");
    let poll = [("grant_type", GRANT_TYPE), ("device_code", code.as_str()), ("client_id", "tv")];
    oauth_error(&client.post("/oauth/token", &poll).await, 400, "authorization_pending");

    let scanned = phone.scan(ticket).await;
    let requester = &scanned.ok()["requester"];
    assert_eq!(requester["user_code"], body["user_code"]);
    // Only what the client may ask for.
    let app = json!({"client_id": "tv", "name": "Living Room", "logo_url": null, "scope": "openid profile"});
    assert_eq!(requester["app"], app);
    oauth_error(&client.post("/oauth/token", &poll).await, 400, "authorization_pending");
    phone.confirm(ticket, &scanned.text("confirm_token")).await.ok();

    let tokens = client.post("/oauth/token", &poll).await;
    assert_eq!(tokens.header("cache-control"), "no-store");
    let tokens = tokens.ok();
    assert_eq!(tokens["scope"], "openid profile");
    assert_eq!(tokens.get("refresh_token"), None);
    let claims = claims(&tokens["id_token"]);
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n-0"), &json!("tv")));
    assert_eq!(claims["acr"], "urn:qr-login:acr:scan");
    let about = provider.userinfo(tokens["access_token"].as_str().unwrap()).await.ok();
    assert_eq!((&about["sub"], &about["preferred_username"]), (&claims["sub"], &json!("dong")));
    oauth_error(&client.post("/oauth/token", &poll).await, 400, "invalid_grant");
}

#[tokio::test]
async fn the_default_is_who_it_is_and_no_more() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let client = Client::new(&*provider);
    let issued = client.post("/oauth/device_authorization", &[("client_id", "tv")]).await;
    let id = issued.text("verification_uri_complete").rsplit_once('=').unwrap().1.to_owned();
    assert_eq!(phone.scan(&id).await.ok()["requester"]["app"]["scope"], "openid profile");
    let none = client.post("/oauth/device_authorization", &[("client_id", "tv"), ("scope", "groups admin")]).await;
    oauth_error(&none, 400, "invalid_scope");
}

#[tokio::test]
async fn only_clients_that_may_get_codes() {
    let provider = Provider::start().await;
    prepare(&provider);
    let path = "/oauth/device_authorization";
    oauth_error(&provider.call_as("web", path, &[]).await, 400, "unauthorized_client");
    provider.call_as("patient", path, &[]).await.ok();
    let client = Client::new(&*provider);
    for form in [&[("client_id", "patient")][..], &[("client_id", "unknown")], &[]] {
        oauth_error(&client.post(path, form).await, 401, "invalid_client");
    }
    oauth_error(&client.post(&format!("{path}?client_id=tv"), &[]).await, 400, "invalid_request");
    let discovery = client.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(discovery["device_authorization_endpoint"], format!("{}{path}", provider.issuer()));
    assert!(discovery["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT_TYPE)));
}

#[tokio::test]
async fn declined_expired_and_unknown_codes_say_so() {
    let (provider, hand) = Provider::still().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let declined = Device::new(&provider, "openid").await;
    let token = phone.token_for(&declined.ticket).await;
    phone.cancel(&declined.ticket, &token).await.ok();
    oauth_error(&declined.poll().await, 400, "access_denied");
    let late = Device::new(&provider, "openid").await;
    hand.advance(Duration::from_secs(300));
    oauth_error(&late.poll().await, 400, "expired_token");
    for code in [late.ticket.as_str(), &format!("{}.{}", late.ticket, "s".repeat(43)), "", "x.y"] {
        let wrong = Device { device_code: code.to_owned(), ..late.clone() };
        let expected = if code.is_empty() { "invalid_request" } else { "invalid_grant" };
        let answer = wrong.poll().await;
        assert!([expected, "invalid_grant"].contains(&answer.json()["error"].as_str().unwrap()), "{code}");
    }
}

#[tokio::test]
async fn who_signs_out_after_approving_or_may_not_use_the_client_has_declined() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let device = Device::of(&provider, "closed", "openid").await;
    phone.approve(&device.ticket).await;
    oauth_error(&device.poll().await, 400, "access_denied");
    let device = Device::new(&provider, "openid").await;
    phone.approve(&device.ticket).await;
    phone.client.post("/api/logout", &[]).await.ok();
    oauth_error(&device.poll().await, 400, "access_denied");
    let sessions = Phone::new(&*provider, "dong").await.client.get("/api/sessions").await.ok();
    assert!(sessions.as_array().unwrap().iter().all(|session| session["kind"] == "phone"), "{sessions}");
}

#[tokio::test]
async fn ending_the_devices_session_ends_its_tokens_at_once_however_long_they_were_to_live() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    for scope in ["openid", "openid offline_access"] {
        let device = Device::new(&provider, scope).await;
        phone.approve(&device.ticket).await;
        let tokens = device.poll().await.ok();
        let access = tokens["access_token"].as_str().unwrap();
        provider.userinfo(access).await.ok();
        let refresh = tokens["refresh_token"].as_str().unwrap_or("none");
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", "tv")];
        let refreshed = Client::new(&*provider).post("/oauth/token", &form).await;
        assert_eq!(refreshed.status.is_success(), scope.contains("offline"), "{}", refreshed.body);
        let sessions = phone.client.get("/api/sessions").await.ok();
        let session = sessions.as_array().unwrap().iter().find(|session| session["kind"] == "pc").unwrap().clone();
        assert_eq!(session["name"], "Living Room");
        let id = session["id"].as_str().unwrap();
        phone.client.post("/api/sessions/revoke", &[("session_id", id)]).await.ok();
        assert_eq!(provider.userinfo(access).await.status.as_u16(), 401);
        let newest = if refresh == "none" { refresh.to_owned() } else { refreshed.text("refresh_token") };
        let form = [("grant_type", "refresh_token"), ("refresh_token", newest.as_str()), ("client_id", "tv")];
        oauth_error(&Client::new(&*provider).post("/oauth/token", &form).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn the_app_of_a_device_is_told_too() {
    let (provider, hand) = Provider::still().await;
    let mut receiver = Receiver::start().await;
    prepare_with(&provider, &format!("backchannel_logout_uri = \"{}\"\n", receiver.url("/logout?app=1")));
    let phone = Phone::new(&*provider, "dong").await;
    let device = Device::new(&provider, "openid offline_access").await;
    phone.approve(&device.ticket).await;
    let tokens = device.poll().await.ok();
    let session = claims(&tokens["id_token"])["sid"].as_str().unwrap().to_owned();
    phone.client.post("/api/sessions/revoke-others", &[]).await.ok();
    let told = hears(&mut receiver, &hand, Duration::from_secs(1)).await;
    assert_eq!(verified(&provider, &told, "tv").await["sid"], session);
    none_is_left(&provider).await;
}
