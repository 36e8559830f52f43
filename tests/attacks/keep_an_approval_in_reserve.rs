//! A thief who temporarily holds a person's phone credential wants to outlive its revocation: they keep their own
//! ticket approved and unredeemed, and redeem it once they have been found out.

use super::devices::{Device, refused};
use super::server::{PASSWORD, Server, until_async};
use testkit::{Client, Pc, Phone, browser_phone};

/// Checks that the thief has no session left after `remedy`.
async fn after(server: &Server, remedy: impl AsyncFnOnce(&Phone, &Phone)) {
    let owner = Phone::new(server, "owner").await;
    let thief = Phone::new(server, "owner").await;
    let pc = Pc::new(server);
    let id = pc.ticket().await;
    thief.approve(&id).await;
    remedy(&owner, &thief).await;
    pc.redeem(&id).await.refused(401, "token_revoked");
    pc.0.get("/api/userinfo").await.refused(401, "unauthenticated");
    let sessions = server.app.accounts.id_of("owner").await.unwrap().unwrap();
    let left = Phone::new(server, "owner").await.client.get("/api/sessions").await.ok();
    let pcs = left.as_array().unwrap().iter().filter(|session| session["kind"] == "pc").count();
    assert_eq!(pcs, 0, "a session of {sessions} is left: {left}");
}

#[tokio::test]
async fn over_sign_out_all_others() {
    let server = Server::start().await;
    after(&server, async |owner, _| {
        owner.client.post("/api/sessions/revoke-others", &[]).await.ok();
    })
    .await;
}

#[tokio::test]
async fn over_the_revocation_of_that_phone() {
    let server = Server::start().await;
    after(&server, async |owner, thief| {
        let session = thief.session_id().await;
        owner.client.post("/api/sessions/revoke", &[("session_id", &session)]).await.ok();
    })
    .await;
}

/// A sign-out by the thief hides their session from the owner's list, so it must void the approval as well.
#[tokio::test]
async fn over_the_thiefs_own_sign_out() {
    let server = Server::start().await;
    after(&server, async |_, thief| {
        thief.client.post("/api/logout", &[]).await.ok();
    })
    .await;
}

#[tokio::test]
async fn over_a_new_sign_in_on_the_same_phone() {
    let server = Server::start().await;
    after(&server, async |_, thief| {
        let form = [("username", "owner"), ("password", PASSWORD), ("device_id", thief.device.as_str())];
        testkit::Client::new(&server).post("/api/login", &form).await.ok();
    })
    .await;
}

#[tokio::test]
async fn over_a_disabled_account() {
    let server = Server::start().await;
    after(&server, async |_, _| {
        server.app.accounts.set_disabled("owner", true).await.unwrap();
        server.app.accounts.set_disabled("owner", false).await.unwrap();
    })
    .await;
}

/// The owner secures the account on the very phone that was phished, which stays signed in.
#[tokio::test]
async fn over_what_the_phone_that_approved_does_itself() {
    let server = Server::start().await;
    for remedy in ["revoke-others", "password"] {
        let phone = browser_phone(&server, remedy).await;
        let pc = Pc::new(&server);
        let id = pc.ticket().await;
        approve(&phone, &id).await;
        let device = Device::new(&server).await;
        approve(&phone, &device.ticket).await;
        match remedy {
            "password" => {
                let form = [("password", PASSWORD), ("new_password", "battery staple")];
                phone.post("/api/settings/password", &form).await.ok();
            }
            _ => drop(phone.post("/api/sessions/revoke-others", &[]).await.ok()),
        }
        pc.redeem(&id).await.refused(401, "token_revoked");
        pc.0.get("/api/userinfo").await.refused(401, "unauthenticated");
        refused(&device.poll().await, "access_denied");
        assert_eq!(phone.get("/api/sessions").await.ok().as_array().unwrap().len(), 1, "{remedy}");
        // What is approved from then on counts again.
        until_async(async || {
            let id = pc.ticket().await;
            approve(&phone, &id).await;
            pc.redeem(&id).await.status == 200
        })
        .await;
    }
}

async fn approve(phone: &Client, ticket: &str) {
    let token = phone.post("/api/qrcode/scan", &[("id", ticket)]).await.text("confirm_token");
    phone.post("/api/qrcode/confirm", &[("id", ticket), ("confirm_token", &token)]).await.ok();
}

/// A race of a revocation and a redeem must never leave a PC signed in by an ended phone session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn by_redeeming_at_the_same_moment() {
    let server = Server::start().await;
    let owner = Phone::new(&server, "owner").await;
    for _ in 0..20 {
        let thief = Phone::new(&server, "owner").await;
        let pc = Pc::new(&server);
        let id = pc.ticket().await;
        thief.approve(&id).await;
        let revoke = owner.client.post("/api/sessions/revoke-others", &[]);
        let (answer, redeemed) = tokio::join!(revoke, pc.redeem(&id));
        answer.ok();
        // Redeemed first and then ended with the others, or refused: in both cases no session is left.
        if redeemed.status != 200 {
            redeemed.refused(401, "token_revoked");
        }
        let left = owner.client.get("/api/sessions").await.ok();
        assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    }
}

/// A PC that is signed in already stays so when its phone signs out, as the API promises.
#[tokio::test]
async fn but_a_pc_that_is_already_signed_in_stays_so() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    pc.redeem(&id).await.ok();
    phone.client.post("/api/logout", &[]).await.ok();
    pc.0.get("/api/userinfo").await.ok();
    pc.redeem(&id).await.ok();
}
