//! A new password.

use crate::http_api::server::{PASSWORD, Server};
use testkit::{Answer, Client, Phone, browser_phone, sign_in, signed_in_pc};

const NEW: &str = "battery staple";

async fn change(client: &Client, old: &str, new: &str) -> Answer {
    client.post("/api/settings/password", &[("password", old), ("new_password", new)]).await
}

#[tokio::test]
async fn it_ends_all_sessions_but_this_one() {
    let server = Server::start().await;
    let (phone, bystander) = (Phone::new(&server, "dong").await, Phone::new(&server, "guang").await);
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let (other, _) = signed_in_pc(&server, &phone).await;
    // A PC that a code signed in may do it: it asks for the password itself.
    assert_eq!(change(&pc.0, PASSWORD, NEW).await.text("status"), "changed");
    by_token.get("/api/userinfo").await.ok();
    for ended in [&phone.client, &other.0] {
        ended.get("/api/userinfo").await.refused(401, "token_revoked");
    }
    bystander.user_info().await.ok();
    sign_in(&server, "dong").await.refused(401, "invalid_credentials");
    let login = [("username", "dong"), ("password", NEW)];
    Client::new(&server).post("/api/login", &login).await.ok();
    change(&pc.0, NEW, PASSWORD).await.ok();
    sign_in(&server, "dong").await.ok();
}

#[tokio::test]
async fn each_mistake_has_its_own_error_and_changes_nothing() {
    let server = Server::start().await;
    let (phone, browser) = (Phone::new(&server, "dong").await, browser_phone(&server, "dong").await);
    change(&browser, "wrong", NEW).await.refused(401, "invalid_credentials");
    for bad in ["", "1234567", "扫码登录真方便", &"x".repeat(1025)] {
        change(&browser, PASSWORD, bad).await.refused(400, "invalid_password");
    }
    let form = |again| [("password", PASSWORD), ("new_password", NEW), ("new_password_again", again)];
    for again in [" ", "battery stapler"] {
        browser.post("/api/settings/password", &form(again)).await.refused(400, "password_mismatch");
    }
    browser.post("/api/settings/password", &[("password", PASSWORD)]).await.refused(400, "invalid_request");
    phone.user_info().await.ok();
    sign_in(&server, "dong").await.ok();
    browser.post("/api/settings/password", &form(NEW)).await.ok();
    phone.user_info().await.refused(401, "token_revoked");
}

/// What is left of the old sessions: an approval that no PC has redeemed.
#[tokio::test]
async fn it_voids_what_other_sessions_approved() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let browser = browser_phone(&server, "dong").await;
    let pc = testkit::Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    change(&browser, PASSWORD, NEW).await.ok();
    pc.redeem(&id).await.refused(401, "token_revoked");
}
