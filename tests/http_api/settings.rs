//! What people change about their own accounts.

mod forms;
mod password;
mod picture;

use super::server::{PASSWORD, Server};
use serde_json::Value;
use testkit::{Answer, Client, Pc, Phone, browser_phone, signed_in_pc};

async fn rename(client: &Client, name: &str) -> Answer {
    client.post("/api/settings/profile", &[("display_name", name)]).await
}

#[tokio::test]
async fn a_new_name_is_what_the_pc_shows_after_the_next_scan() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let account = rename(&phone.client, " Dong\u{202e} 伟\n").await.ok();
    assert_eq!((&account["display_name"], &account["username"]), (&"Dong 伟".into(), &"dong".into()));
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.scan(&id).await.ok();
    assert_eq!(pc.check(&id).await.ok()["account"]["display_name"], "Dong 伟");
    for (name, shown) in [("", "dong"), (" \u{200b} ", "dong"), (&"长".repeat(70), "长".repeat(64).as_str())] {
        assert_eq!(rename(&phone.client, name).await.text("display_name"), shown);
    }
    assert_eq!(phone.user_info().await.text("display_name"), "长".repeat(64));
}

#[tokio::test]
async fn only_who_is_signed_in_has_settings() {
    let server = Server::start().await;
    let stranger = Client::new(&server);
    rename(&stranger, "x").await.refused(401, "unauthenticated");
    stranger.post("/api/settings/picture/remove", &[]).await.refused(401, "unauthenticated");
    stranger.upload("/api/settings/picture", &[], b"x").await.refused(401, "unauthenticated");
    let passwords = [("password", PASSWORD), ("new_password", "battery staple")];
    stranger.post("/api/settings/password", &passwords).await.refused(401, "unauthenticated");
    let delete = [("username", "dong"), ("password", PASSWORD)];
    stranger.post("/api/settings/delete", &delete).await.refused(401, "unauthenticated");
    assert_eq!(stranger.get("/settings").await.leads_to(), "/");
    assert_eq!(stranger.get("/settings/deleted").await.status, 200);
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_sessions_and_this_browser_is_signed_out() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let browser = browser_phone(&server, "dong").await;
    let delete = async |username, password| {
        browser.post("/api/settings/delete", &[("username", username), ("password", password)]).await
    };
    delete("Dong", PASSWORD).await.refused(400, "wrong_username");
    delete("dong", "wrong").await.refused(401, "invalid_credentials");
    browser.post("/api/settings/delete", &[("username", "dong")]).await.refused(401, "invalid_credentials");
    let waiting = tokio::spawn({
        let pc = pc.clone();
        async move { pc.0.get("/api/session/wait").await }
    });
    super::server::until_async(async || {
        server.app.metrics.text().unwrap().lines().any(|line| line.starts_with("qr_login_waiting_sessions 1"))
    })
    .await;
    let gone = delete(" dong ", PASSWORD).await;
    assert_eq!(gone.text("status"), "deleted");
    assert_eq!(browser.cookie("qr_phone"), None);
    assert!(gone.set_cookie("qr_browser").is_some(), "codes that are on its screen are void");
    waiting.await.unwrap().refused(401, "token_revoked");
    phone.user_info().await.refused(401, "token_revoked");
    assert!(!server.app.accounts.exists("dong").await.unwrap());
}

#[tokio::test]
async fn where_another_system_manages_accounts_only_the_password_can_be_changed() {
    let server = Server::with(&["--self-service", "off"]).await;
    let browser = browser_phone(&server, "dong").await;
    rename(&browser, "x").await.refused(403, "self_service_off");
    browser.post("/api/settings/picture/remove", &[]).await.refused(403, "self_service_off");
    browser.upload("/api/settings/picture", &[], b"x").await.refused(403, "self_service_off");
    let delete = [("username", "dong"), ("password", PASSWORD)];
    browser.post("/api/settings/delete", &delete).await.refused(403, "self_service_off");
    let page = browser.get("/settings").await.body;
    for action in ["profile", "picture", "delete"] {
        assert!(!page.contains(&format!("action=\"/api/settings/{action}")), "{action}");
    }
    assert!(page.contains("action=\"/api/settings/password\""), "{page}");
    let passwords = [("password", PASSWORD), ("new_password", "battery staple")];
    browser.post("/api/settings/password", &passwords).await.ok();
    assert_eq!(server.app.accounts.by_name("dong").await.unwrap().unwrap().display_name, "dong the tester");
}

#[tokio::test]
async fn changes_are_counted() {
    let (server, hand) = Server::still(&["--rate-limit", "on"]).await;
    let phone = Phone::new(&server, "dong").await;
    let other = Phone::new(&server, "guang").await;
    for number in 0..10 {
        rename(&phone.client, &number.to_string()).await.ok();
    }
    let refused = rename(&phone.client, "x").await;
    refused.refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "30");
    phone.client.upload("/api/settings/picture", &[], b"x").await.refused(429, "rate_limited");
    rename(&other.client, "x").await.ok();
    hand.advance(std::time::Duration::from_secs(30));
    rename(&phone.client, "y").await.ok();
    assert_eq!(phone.user_info().await.ok()["display_name"], Value::from("y"));
}
