//! Not an attack, but the same damage: a response is lost on the way, and the client that retries is refused although
//! the request succeeded. Here the client simply repeats; `tests/nodes/faults/replies_lost.rs` drops the replies of
//! Redis.

use super::server::Server;
use futures::future::join_all;
use serde_json::json;
use testkit::{Pc, Phone, bearer};

#[tokio::test]
async fn a_redeem_repeated_by_the_same_browser_yields_the_same_token() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    // The response and its cookies are lost: the browser still has the previous secret.
    let before = pc.0.cookie("qr_browser").unwrap();
    let first = pc.redeem(&id).await.ok();
    let repeat = Pc::new(&server);
    repeat.0.plant("qr_browser", &before);
    for again in [repeat.redeem(&id).await.ok(), pc.redeem(&id).await.ok()] {
        assert_eq!((&again["token"], &again["account"]), (&first["token"], &first["account"]));
    }
    repeat.0.get("/api/userinfo").await.ok();
    bearer(&server, first["token"].as_str().unwrap()).get("/api/userinfo").await.ok();
    let sessions = phone.client.get("/api/sessions").await.ok();
    assert_eq!(sessions.as_array().unwrap().len(), 2, "one phone, one PC: {sessions}");
    Pc::new(&server).redeem(&id).await.refused(403, "wrong_browser");
}

/// One browser with several tabs: each ticket is redeemed and repeated with the cookies set by the previous ones.
#[tokio::test]
async fn several_tickets_of_one_browser_are_all_redeemed_and_repeated() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let ids = [pc.ticket().await, pc.ticket().await, pc.ticket().await];
    for id in &ids {
        phone.approve(id).await;
    }
    for id in &ids {
        let token = pc.redeem(id).await.ok()["token"].clone();
        for _ in 0..5 {
            assert_eq!(pc.redeem(id).await.ok()["token"], token);
            assert_eq!(pc.status(id).await, "redeemed");
        }
    }
}

#[tokio::test]
async fn a_repeated_redeem_revives_no_ended_session() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    for ends in ["the PC", "the phone", "the operator"] {
        let pc = Pc::new(&server);
        let id = pc.ticket().await;
        phone.approve(&id).await;
        let token = pc.redeem(&id).await.ok()["token"].as_str().unwrap().to_owned();
        match ends {
            "the PC" => drop(pc.0.post("/api/logout", &[]).await.ok()),
            "the phone" => drop(phone.client.post("/api/sessions/revoke-others", &[]).await.ok()),
            _ => drop(server.app.accounts.set_disabled("owner", true).await.unwrap()),
        }
        pc.redeem(&id).await.refused(409, "already_used");
        bearer(&server, &token).get("/api/userinfo").await.refused(401, "token_revoked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_redeems_at_once_yield_one_session() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let answers = join_all((0..40).map(|_| {
        let (pc, id) = (pc.clone(), id.clone());
        tokio::spawn(async move { pc.redeem(&id).await.ok()["token"].as_str().unwrap().to_owned() })
    }))
    .await;
    let mut tokens: Vec<String> = answers.into_iter().map(Result::unwrap).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "all get the same token");
    let sessions = phone.client.get("/api/sessions").await.ok();
    assert_eq!(sessions.as_array().unwrap().len(), 2, "one phone, one PC: {sessions}");
}

#[tokio::test]
async fn a_decision_may_be_repeated_but_not_reversed() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    for _ in 0..2 {
        assert_eq!(phone.confirm(&id, &token).await.ok(), json!({ "status": "confirmed" }));
        phone.cancel(&id, &token).await.refused(409, "already_decided");
    }
    pc.redeem(&id).await.ok();
    // The PC is usually faster than the retry.
    assert_eq!(phone.confirm(&id, &token).await.ok(), json!({ "status": "confirmed" }));
    phone.cancel(&id, &token).await.refused(409, "already_decided");
    phone.confirm(&id, "another").await.refused(409, "already_used");

    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    for _ in 0..2 {
        assert_eq!(phone.cancel(&id, &token).await.ok(), json!({ "status": "cancelled" }));
        phone.confirm(&id, &token).await.refused(409, "already_decided");
        phone.cancel(&id, "another").await.refused(409, "already_decided");
    }
}

#[tokio::test]
async fn another_phone_or_browser_cannot_repeat_it() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let stranger = Phone::new(&server, "stranger").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    phone.confirm(&id, &token).await.ok();
    stranger.confirm(&id, &token).await.refused(403, "wrong_device");
    pc.redeem(&id).await.ok();
    stranger.confirm(&id, &token).await.refused(403, "wrong_device");
}
