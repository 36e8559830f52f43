//! How a session that ends at one node ends at all.

use super::client::{Client, Pc, Phone, bearer};
use super::cluster::{Cluster, PASSWORD};
use super::node::{Node, Place};
use tokio::task::JoinHandle;

/// A PC, signed in through these two nodes: a client with its token, and its session's id.
async fn signed_in_pc(phone: &Phone, [a, b]: [&Node; 2]) -> (Client, String) {
    let pc = Pc::new();
    let id = pc.ticket(a).await;
    phone.approve(b, &id).await;
    let client = bearer(&pc.redeem(a, &id).await.text("token"));
    let session = client.get(b, "/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    (client, session)
}

/// Waits at a node for the end of the caller's session, as `/account` does: the one answer, which comes after 25 seconds
/// at the latest. Returns when the node holds the request.
pub async fn watch_for_end(client: &Client, at: &Node) -> JoinHandle<(u16, String)> {
    let (watching, origin) = (client.clone(), at.origin());
    let waiting = tokio::spawn(async move {
        let answer = watching.get(origin.as_str(), "/api/session/wait").await;
        (answer.status, answer.code())
    });
    at.counts("qr_login_waiting_sessions 1").await;
    waiting
}

#[tokio::test]
async fn a_session_that_is_revoked_at_one_node_is_refused_at_the_other_at_once() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    let (pc, session) = signed_in_pc(&phone, [a, b]).await;
    // Both nodes know the session before it ends.
    for node in [a, b] {
        pc.get(node, "/api/userinfo").await.ok();
    }
    phone.client.post(a, "/api/sessions/revoke", &[("session_id", &session)]).await.ok();
    pc.get(b, "/api/userinfo").await.refused(401, "token_revoked");
    pc.get(a, "/api/userinfo").await.refused(401, "token_revoked");
    phone.client.post(b, "/api/logout", &[]).await.ok();
    phone.user_info(a).await.refused(401, "token_revoked");
}

#[tokio::test]
async fn a_pc_that_waits_at_another_node_hears_that_its_session_ended() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for (here, there) in [(a, b), (b, a)] {
        let (pc, session) = signed_in_pc(&phone, [a, b]).await;
        let waiting = watch_for_end(&pc, there).await;
        phone.client.post(here, "/api/sessions/revoke", &[("session_id", &session)]).await.ok();
        assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
    }
}

#[tokio::test]
async fn a_phone_that_waits_at_another_node_hears_that_its_credential_was_replaced() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    let device = phone.user_info(b).await.ok()["session"]["device_id"].as_str().unwrap().to_owned();
    let waiting = watch_for_end(&phone.client, b).await;
    let form = [("username", account.as_str()), ("password", PASSWORD), ("device_id", &device)];
    Client::new().post(a, "/api/login", &form).await.ok();
    assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
}

#[tokio::test]
async fn all_other_sessions_end_at_every_node() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let (phone, other) = (Phone::new(a, &account).await, Phone::new(b, &account).await);
    let (pc, _) = signed_in_pc(&phone, [a, b]).await;
    phone.client.post(b, "/api/sessions/revoke-others", &[]).await.ok();
    for node in [a, b] {
        pc.get(node, "/api/userinfo").await.refused(401, "token_revoked");
        other.user_info(node).await.refused(401, "token_revoked");
        phone.user_info(node).await.ok();
    }
}
