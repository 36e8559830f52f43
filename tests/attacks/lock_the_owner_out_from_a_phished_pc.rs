//! An attacker whose PC was approved by mistake wants to stay signed in, and ends the owner's phone session from it.

use super::server::{PASSWORD, Server};
use testkit::{Pc, Phone, signed_in_pc};

#[tokio::test]
async fn by_ending_the_phone_or_all_others() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let (_, other) = signed_in_pc(&server, &phone).await;
    let victim = phone.session_id().await;
    for client in [&pc.0, &by_token] {
        client.post("/api/sessions/revoke", &[("session_id", &victim)]).await.refused(403, "step_up_required");
        client.post("/api/sessions/revoke-others", &[]).await.refused(403, "step_up_required");
        // It learns nothing about other accounts' sessions either.
        let unknown = [("session_id", "00000000-0000-4000-8000-000000000000")];
        client.post("/api/sessions/revoke", &unknown).await.refused(403, "step_up_required");
    }
    phone.user_info().await.ok();
    other.get("/api/userinfo").await.ok();
    // It may end its own session.
    let own = pc.0.get("/api/userinfo").await.ok();
    assert_eq!(own["session"]["began"], "code");
    pc.0.post("/api/sessions/revoke", &[("session_id", own["session"]["id"].as_str().unwrap())]).await.ok();
    by_token.get("/api/userinfo").await.refused(401, "token_revoked");
}

/// The owner, who has lost the phone, knows the password.
#[tokio::test]
async fn but_the_owner_ends_a_lost_phone_with_the_password() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let (other, _) = signed_in_pc(&server, &phone).await;
    let victim = [("session_id", phone.session_id().await)];
    let victim = [("session_id", victim[0].1.as_str())];
    pc.0.post("/api/step-up", &[("password", "wrong")]).await.refused(401, "invalid_credentials");
    pc.0.post("/api/sessions/revoke", &victim).await.refused(403, "step_up_required");
    assert_eq!(pc.0.post("/api/step-up", &[("password", PASSWORD)]).await.ok()["status"], "stepped_up");
    other.0.post("/api/sessions/revoke", &victim).await.refused(403, "step_up_required");
    pc.0.post("/api/sessions/revoke", &victim).await.ok();
    phone.user_info().await.refused(401, "token_revoked");
    pc.0.post("/api/sessions/revoke-others", &[]).await.ok();
    other.0.get("/api/userinfo").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn by_guessing_the_password() {
    let server = Server::with(&["--rate-limit", "on"]).await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let mut guesses = 0;
    while pc.0.post("/api/step-up", &[("password", "wrong")]).await.status == 401 {
        guesses += 1;
        assert!(guesses <= 40, "no limit");
    }
    assert!(guesses >= 10);
    pc.0.post("/api/step-up", &[("password", PASSWORD)]).await.refused(429, "rate_limited");
    pc.0.post("/api/sessions/revoke-others", &[]).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn a_pc_signed_in_by_password_needs_no_second_password() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    pc.0.post("/api/login", &[("username", "owner"), ("password", PASSWORD), ("device_kind", "pc")]).await.ok();
    assert_eq!(pc.0.get("/api/userinfo").await.ok()["session"]["began"], "password");
    pc.0.post("/api/sessions/revoke-others", &[]).await.ok();
    phone.user_info().await.refused(401, "token_revoked");
}
