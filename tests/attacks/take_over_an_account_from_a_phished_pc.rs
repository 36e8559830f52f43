//! An attacker whose PC was approved by mistake wants more than that session: to change the password and stay, to show
//! another name and picture in the owner's place, or to delete the account. They have the session, not the password.

use super::server::{PASSWORD, Server};
use testkit::{Client, Phone, signed_in_pc};

const NEW: [(&str, &str); 2] = [("password", "guess"), ("new_password", "battery staple")];

async fn try_all(pc: &Client) {
    pc.post("/api/settings/profile", &[("display_name", "Mallory")]).await.refused(403, "step_up_required");
    pc.upload("/api/settings/picture", &[], b"x").await.refused(403, "step_up_required");
    pc.post("/api/settings/picture/remove", &[]).await.refused(403, "step_up_required");
    pc.post("/api/settings/password", &NEW).await.refused(401, "invalid_credentials");
    pc.post("/api/settings/password", &NEW[1..]).await.refused(400, "invalid_request");
    pc.post("/api/settings/delete", &[("username", "owner")]).await.refused(401, "invalid_credentials");
    let delete = [("username", "owner"), ("password", "guess")];
    pc.post("/api/settings/delete", &delete).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn by_its_settings() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let before = phone.user_info().await.ok();
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    for client in [&pc.0, &by_token] {
        try_all(client).await;
    }
    // Another account's password is none, although it is right for that account.
    server.account("attacker").await;
    server.app.accounts.set_password("attacker", "attackers own".to_owned()).await.unwrap();
    let own = [("password", "attackers own"), ("new_password", "battery staple"), ("username", "attacker")];
    pc.0.post("/api/settings/password", &own).await.refused(401, "invalid_credentials");
    let theirs = [("username", "attacker"), ("password", "attackers own")];
    pc.0.post("/api/settings/delete", &theirs).await.refused(400, "wrong_username");
    assert_eq!(phone.user_info().await.ok(), before);
    assert!(server.app.accounts.exists("attacker").await.unwrap());
}

/// The owner has entered the password there. An attacker at that PC still changes no password and deletes nothing.
#[tokio::test]
async fn while_a_verified_password_still_counts() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    pc.0.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
    pc.0.post("/api/settings/password", &NEW).await.refused(401, "invalid_credentials");
    let delete = [("username", "owner"), ("password", "guess")];
    pc.0.post("/api/settings/delete", &delete).await.refused(401, "invalid_credentials");
    phone.user_info().await.ok();
}

/// A page of another origin acts with the cookies. Browsers send a form with a file across origins without asking.
#[tokio::test]
async fn by_a_page_of_another_origin() {
    let server = Server::start().await;
    let phone = testkit::browser_phone(&server, "owner").await;
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let page = phone.clone().always(name, value);
        page.post("/api/settings/profile", &[("display_name", "Mallory")]).await.refused(403, "cross_origin");
        page.upload("/api/settings/picture", &[], b"x").await.refused(403, "cross_origin");
        page.post("/api/settings/picture/remove", &[]).await.refused(403, "cross_origin");
        let known = [("password", PASSWORD), ("new_password", "battery staple")];
        page.post("/api/settings/password", &known).await.refused(403, "cross_origin");
        let delete = [("username", "owner"), ("password", PASSWORD)];
        page.post("/api/settings/delete", &delete).await.refused(403, "cross_origin");
    }
    phone.post("/api/settings/delete", &[("username", "owner"), ("password", PASSWORD)]).await.ok();
}
