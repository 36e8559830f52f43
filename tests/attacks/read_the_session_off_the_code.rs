//! Someone who photographs a QR code, or reads a proxy's log, wants to know the id of the session that it led to.

use super::server::Server;
use testkit::{Pc, Phone};

#[tokio::test]
async fn the_session_id_differs_from_the_ticket_id() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let redeemed = pc.redeem(&id).await;
    assert!(!redeemed.body.contains(&id));
    let session = pc.0.get("/api/userinfo").await.ok()["session"]["id"].as_str().unwrap().to_owned();
    assert_ne!(session, id);
}
