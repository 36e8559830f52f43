//! How sessions end: by the user, from any device, immediately.

use super::server::{PASSWORD, Server, until_async, within};
use super::waiting::start_watching;
use serde_json::json;
use std::time::Duration;
use testkit::{Client, Pc, Phone, browser_phone, signed_in_pc};

#[tokio::test]
async fn a_pc_stays_signed_in_when_the_phone_that_approved_it_signs_out() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    assert_eq!(phone.client.post("/api/logout", &[]).await.ok(), json!({ "status": "signed_out" }));
    phone.user_info().await.refused(401, "token_revoked");
    by_token.get("/api/userinfo").await.ok();
    pc.0.get("/api/userinfo").await.ok();
}

#[tokio::test]
async fn a_phone_stays_signed_in_when_the_pc_signs_out() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let answer = pc.0.post("/api/logout", &[]).await;
    assert_eq!(answer.ok(), json!({ "status": "signed_out" }));
    assert!(answer.set_cookie("qr_pc").unwrap().contains("Max-Age=0"));
    assert_eq!(pc.0.cookie("qr_pc"), None);
    by_token.get("/api/userinfo").await.refused(401, "token_revoked");
    phone.user_info().await.ok();
    pc.0.post("/api/logout", &[]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_token_stops_working_immediately() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let victim = by_token.get("/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    let answer = phone.client.post("/api/sessions/revoke", &[("session_id", &victim)]).await;
    assert_eq!(answer.ok(), json!({ "status": "revoked" }));
    for path in ["/api/userinfo", "/api/sessions", "/api/session/wait"] {
        by_token.get(path).await.refused(401, "token_revoked");
        pc.0.get(path).await.refused(401, "token_revoked");
    }
    by_token.post("/api/logout", &[]).await.refused(401, "token_revoked");
    let left = phone.client.get("/api/sessions").await.ok();
    assert_eq!(left.as_array().unwrap().len(), 1);
    phone.client.post("/api/sessions/revoke", &[("session_id", &victim)]).await.ok();
}

#[tokio::test]
async fn the_session_of_another_account_cannot_be_ended_or_discovered() {
    let server = Server::start().await;
    let (dong, guang) = (Phone::new(&server, "dong").await, Phone::new(&server, "guang").await);
    let known = dong.session_id().await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let one = guang.client.post("/api/sessions/revoke", &[("session_id", &known)]).await;
    let other = guang.client.post("/api/sessions/revoke", &[("session_id", unknown)]).await;
    one.refused(404, "not_found");
    other.refused(404, "not_found");
    assert_eq!(one.body, other.body);
    dong.user_info().await.ok();
    assert_eq!(guang.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_other_sessions_can_be_ended_at_once() {
    let server = Server::start().await;
    let (phone, second) = (Phone::new(&server, "dong").await, Phone::new(&server, "dong").await);
    let stranger = Phone::new(&server, "guang").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    assert_eq!(phone.client.post("/api/sessions/revoke-others", &[]).await.ok(), json!({ "status": "revoked" }));
    second.user_info().await.refused(401, "token_revoked");
    pc.get("/api/userinfo").await.refused(401, "token_revoked");
    phone.user_info().await.ok();
    stranger.user_info().await.ok();
}

#[tokio::test]
async fn a_waiting_pc_is_notified_that_it_was_signed_out() {
    // With a manual clock, so that the wait does not time out.
    let (server, _hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let waiting = start_watching(&server, &pc).await;
    phone.client.post("/api/sessions/revoke-others", &[]).await.ok();
    within(waiting).await.unwrap().refused(401, "token_revoked");
}

#[tokio::test]
async fn a_waiting_phone_is_notified_that_its_credential_was_replaced() {
    let (server, _hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let waiting = start_watching(&server, &phone.client).await;
    let form = [("username", "dong"), ("password", PASSWORD), ("device_id", phone.device.as_str())];
    Client::new(&server).post("/api/login", &form).await.ok();
    within(waiting).await.unwrap().refused(401, "token_revoked");
}

#[tokio::test]
async fn a_waiting_pc_is_notified_that_its_session_expired() {
    let (server, hand) = Server::still(&["--pc-session-ttl", "60"]).await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    // Less than a wait lasts, so that the session's expiry comes first.
    hand.advance(Duration::from_secs(59));
    let waiting = start_watching(&server, &by_token).await;
    hand.advance(Duration::from_secs(1));
    within(waiting).await.unwrap().refused(401, "token_expired");
    pc.0.get("/api/userinfo").await.refused(401, "token_expired");
    phone.user_info().await.ok();
}

#[tokio::test]
async fn a_waiter_is_notified_that_the_account_was_disabled() {
    let (server, _hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let caller = {
        let device = service::security::device_binding::Presented::Id(Some(&phone.device));
        server.app.sessions.authenticate(&phone.token, device, [127, 0, 0, 1].into()).await.unwrap()
    };
    server.app.accounts.set_disabled("dong", true).await.unwrap();
    // The command that disables an account is another process. With an engine that sends notifications, they make a
    // waiter read again.
    let error = within(server.app.sessions.wait_for_end(&caller)).await.unwrap_err();
    assert_eq!(error.code(), qr_login::error::ErrorCode::TokenRevoked);
}

#[tokio::test]
async fn the_list_shows_to_the_minute_when_a_session_was_last_used() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let seen = async || phone.client.get("/api/sessions").await.ok()[0].clone();
    let first = seen().await;
    assert_eq!(first["last_seen_at"], first["created_at"]);
    hand.advance(Duration::from_secs(59));
    assert_eq!(seen().await["last_seen_at"], first["last_seen_at"], "a busy session is not written at each request");
    hand.advance(Duration::from_secs(1));
    let second = seen().await;
    assert_ne!(second["last_seen_at"], first["last_seen_at"]);
    assert_eq!(second["created_at"], first["created_at"]);
}

#[tokio::test]
async fn ended_sessions_are_deleted_after_thirty_days() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let ended = pc.get("/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    pc.post("/api/logout", &[]).await.ok();
    // Ending a session twice is no error while it is retained.
    let is_known = async || {
        let answer = phone.client.post("/api/sessions/revoke", &[("session_id", &ended)]).await;
        if answer.status != 200 {
            answer.refused(404, "not_found");
        }
        answer.status == 200
    };
    assert!(is_known().await);
    hand.advance(Duration::from_secs(31 * 24 * 3600));
    until_async(async || !is_known().await).await;
    phone.user_info().await.ok();
}

#[tokio::test]
async fn a_pc_stays_signed_in_as_long_as_the_setting_says() {
    let (server, hand) = Server::still(&["--pc-session-ttl", "600"]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let redeemed = pc.redeem(&id).await;
    assert_eq!(redeemed.ok()["expires_in"], 600);
    assert!(redeemed.set_cookie("qr_pc").unwrap().ends_with("Max-Age=600"));
    let by_password = Client::new(&server);
    let form = [("username", "dong"), ("password", PASSWORD), ("device_kind", "pc")];
    let signed_in = by_password.post("/api/login", &form).await;
    assert!(signed_in.set_cookie("qr_pc").unwrap().ends_with("Max-Age=600"));
    hand.advance(Duration::from_secs(599));
    for client in [&pc.0, &by_password] {
        client.get("/api/userinfo").await.ok();
    }
    hand.advance(Duration::from_secs(1));
    for client in [&pc.0, &by_password] {
        client.get("/api/userinfo").await.refused(401, "token_expired");
    }
}

#[tokio::test]
async fn a_browser_may_be_pc_and_phone_but_only_its_phone_session_approves() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "dong").await;
    let pc = Pc(browser.clone());
    let id = pc.ticket().await;
    let token = browser.post("/api/qrcode/scan", &[("id", &id)]).await.ok()["confirm_token"].clone();
    let form = [("id", id.as_str()), ("confirm_token", token.as_str().unwrap())];
    browser.post("/api/qrcode/confirm", &form).await.ok();
    pc.redeem(&id).await.ok();
    assert_eq!(browser.get("/api/userinfo").await.ok()["session"]["kind"], "pc");
    browser.post("/api/logout", &[]).await.ok();
    assert_eq!(browser.get("/api/userinfo").await.ok()["session"]["kind"], "phone");
    browser.post("/api/logout", &[]).await.ok();
    browser.get("/api/userinfo").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_pc_does_not_hide_the_phone_of_the_same_browser() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "dong").await;
    let pc_form = [("username", "dong"), ("password", PASSWORD), ("device_kind", "pc")];
    let signed_in = browser.post("/api/login", &pc_form).await.ok();
    assert!(signed_in["device_id"].is_null(), "{signed_in}");
    let me = browser.get("/api/userinfo").await.ok();
    assert_eq!(me["session"]["kind"], "pc");
    let form = [("session_id", me["session"]["id"].as_str().unwrap())];
    browser.post("/api/sessions/revoke", &form).await.ok();
    assert_eq!(browser.get("/api/userinfo").await.ok()["session"]["kind"], "phone");
}

#[tokio::test]
async fn a_phone_that_signs_in_again_remains_one_row_in_the_list() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "dong").await;
    let device = browser.get("/api/userinfo").await.ok()["session"]["device_id"].clone();
    for _ in 0..2 {
        browser.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await.ok();
        assert_eq!(browser.get("/api/userinfo").await.ok()["session"]["device_id"], device);
    }
    assert_eq!(browser.get("/api/sessions").await.ok().as_array().unwrap().len(), 1);
    browser.post("/api/logout", &[]).await.ok();
    browser.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await.ok();
    assert_eq!(browser.get("/api/userinfo").await.ok()["session"]["device_id"], device);
    assert_eq!(browser.get("/api/sessions").await.ok().as_array().unwrap().len(), 1);
}
