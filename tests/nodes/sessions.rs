//! A session that ends on one node ends on all of them.

use super::cluster::Cluster;
use super::node::Node;
use testkit::PASSWORD;
use testkit::Place;
use testkit::{Client, Pc, Phone, bearer};
use tokio::task::JoinHandle;

/// Signs in a PC through these two nodes. Returns a client with its token, and its session's id.
async fn signed_in_pc(phone: &Phone, [a, b]: [&Node; 2]) -> (Client, String) {
    let pc = Pc::anywhere();
    let id = pc.at(a).ticket().await;
    phone.at(b).approve(&id).await;
    let client = bearer(a, &pc.at(a).redeem(&id).await.text("token"));
    let session = client.at(b).get("/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    (client, session)
}

/// Waits on a node for the end of the caller's session, as `/account` does: a long poll of at most 25 seconds. Returns
/// once the node holds the request.
pub async fn watch_for_end(client: &Client, at: &Node) -> JoinHandle<(u16, String)> {
    let (watching, origin) = (client.clone(), at.origin());
    let waiting = tokio::spawn(async move {
        let answer = watching.at(&origin).get("/api/session/wait").await;
        (answer.status.as_u16(), answer.code())
    });
    at.counts("qr_login_waiting_sessions 1").await;
    waiting
}

#[tokio::test]
async fn a_session_revoked_on_one_node_is_rejected_by_the_other_immediately() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    let (pc, session) = signed_in_pc(&phone, [a, b]).await;
    // Both nodes know the session before it ends.
    for node in [a, b] {
        pc.at(node).get("/api/userinfo").await.ok();
    }
    phone.client.at(a).post("/api/sessions/revoke", &[("session_id", &session)]).await.ok();
    pc.at(b).get("/api/userinfo").await.refused(401, "token_revoked");
    pc.at(a).get("/api/userinfo").await.refused(401, "token_revoked");
    phone.client.at(b).post("/api/logout", &[]).await.ok();
    phone.at(a).user_info().await.refused(401, "token_revoked");
}

#[tokio::test]
async fn a_pc_waiting_on_another_node_is_notified_that_its_session_ended() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for (here, there) in [(a, b), (b, a)] {
        let (pc, session) = signed_in_pc(&phone, [a, b]).await;
        let waiting = watch_for_end(&pc, there).await;
        phone.client.at(here).post("/api/sessions/revoke", &[("session_id", &session)]).await.ok();
        assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
    }
}

#[tokio::test]
async fn a_phone_waiting_on_another_node_is_notified_that_its_credential_was_replaced() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    let device = phone.at(b).user_info().await.ok()["session"]["device_id"].as_str().unwrap().to_owned();
    let waiting = watch_for_end(&phone.client, b).await;
    let form = [("username", account.as_str()), ("password", PASSWORD), ("device_id", &device)];
    Client::new(a).post("/api/login", &form).await.ok();
    assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
}

#[tokio::test]
async fn all_other_sessions_end_on_every_node() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let (phone, other) = (Phone::new(a, &account).await, Phone::new(b, &account).await);
    let (pc, _) = signed_in_pc(&phone, [a, b]).await;
    phone.client.at(b).post("/api/sessions/revoke-others", &[]).await.ok();
    for node in [a, b] {
        pc.at(node).get("/api/userinfo").await.refused(401, "token_revoked");
        other.at(node).user_info().await.refused(401, "token_revoked");
        phone.at(node).user_info().await.ok();
    }
}
