//! How a PC is notified of changes: long poll and WebSocket.

use super::server::{Server, until, within};
use serde_json::json;
use std::time::Duration;
use testkit::Socket;
use testkit::{Answer, Client, Pc, Phone};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Returns whether that many PCs wait over that transport.
pub fn waiting(server: &Server, transport: &str, count: u32) -> bool {
    let line = format!("qr_login_waiting_pcs{{transport=\"{transport}\"}} {count}\n");
    server.app.metrics.text().unwrap().contains(&line)
}

/// Maximum duration of a long poll and of a wait for a session's end.
const LONGEST: Duration = Duration::from_secs(25);
const MILLISECOND: Duration = Duration::from_millis(1);
const TTL: Duration = Duration::from_secs(120);

/// Starts to wait for the end of the client's session, and returns once the server holds the request.
pub async fn start_watching(server: &Server, client: &Client) -> JoinHandle<Answer> {
    let client = client.clone();
    let answer = tokio::spawn(async move { client.get("/api/session/wait").await });
    until(|| server.app.metrics.text().unwrap().contains("qr_login_waiting_sessions 1\n")).await;
    answer
}

/// Starts a long poll, and returns once the server holds it.
pub async fn start_waiting(server: &Server, pc: &Pc, id: &str, seen: &'static str) -> JoinHandle<Answer> {
    let (pc, id) = (pc.clone(), id.to_owned());
    let answer = tokio::spawn(async move { pc.wait(&id, seen).await });
    until(|| waiting(server, "long_poll", 1)).await;
    answer
}

#[tokio::test]
async fn a_long_poll_returns_each_change_as_it_happens() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let answer = start_waiting(&server, &pc, &id, "pending").await;
    let token = phone.token_for(&id).await;
    let view = answer.await.unwrap().ok();
    assert_eq!((&view["id"], &view["status"]), (&json!(id), &json!("scanned")));
    assert_eq!(view["account"]["display_name"], "dong the tester");

    let answer = start_waiting(&server, &pc, &id, "scanned").await;
    phone.confirm(&id, &token).await.ok();
    assert_eq!(answer.await.unwrap().ok()["status"], "confirmed");

    let answer = start_waiting(&server, &pc, &id, "confirmed").await;
    pc.redeem(&id).await.ok();
    assert_eq!(answer.await.unwrap().ok()["status"], "redeemed");
    until(|| waiting(&server, "long_poll", 0)).await;
}

#[tokio::test]
async fn a_long_poll_is_woken_by_a_cancel_from_either_side() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    let answer = start_waiting(&server, &pc, &id, "scanned").await;
    phone.cancel(&id, &token).await.ok();
    assert_eq!(answer.await.unwrap().ok()["status"], "cancelled");
    let id = pc.ticket().await;
    let answer = start_waiting(&server, &pc, &id, "pending").await;
    pc.abandon(&id).await.ok();
    assert_eq!(answer.await.unwrap().ok()["status"], "cancelled");
}

#[tokio::test]
async fn a_long_poll_returns_a_past_change_immediately() {
    let (server, _hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    for seen in ["pending", "scanned", "redeemed", "expired"] {
        assert_eq!(within(pc.wait(&id, seen)).await.ok()["status"], "confirmed");
    }
}

#[tokio::test]
async fn a_second_scan_by_the_same_phone_does_not_wake_the_pc() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.scan(&id).await.ok();
    let answer = start_waiting(&server, &pc, &id, "scanned").await;
    let token = phone.token_for(&id).await;
    phone.confirm(&id, &token).await.ok();
    assert_eq!(answer.await.unwrap().ok()["status"], "confirmed");
}

#[tokio::test]
async fn a_long_poll_returns_at_the_tickets_expiry() {
    let (server, hand) = Server::still(&[]).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    // Less than a long poll lasts, and too little for the sweeper, so that the ticket's own expiry comes first.
    hand.advance(TTL - Duration::from_secs(1));
    let answer = start_waiting(&server, &pc, &id, "pending").await;
    hand.advance(Duration::from_secs(1) + MILLISECOND);
    let view = within(answer).await.unwrap().ok();
    assert_eq!((&view["status"], &view["expires_in"]), (&json!("expired"), &json!(0)));
}

#[tokio::test]
async fn a_wait_returns_before_a_proxy_times_out() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let poll = start_waiting(&server, &pc, &id, "pending").await;
    let session = start_watching(&server, &phone.client).await;
    hand.advance(LONGEST);
    let view = within(poll).await.unwrap().ok();
    assert_eq!((&view["status"], &view["expires_in"]), (&json!("pending"), &json!(95)));
    assert_eq!(within(session).await.unwrap().ok(), json!({ "status": "signed_in" }));
    phone.scan(&id).await.ok();
}

#[tokio::test]
async fn a_wait_does_not_return_early() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let poll = start_waiting(&server, &pc, &id, "pending").await;
    let session = start_watching(&server, &phone.client).await;
    hand.advance(LONGEST - MILLISECOND);
    // A wait that timed out would return "pending" or "signed_in" instead.
    phone.scan(&id).await.ok();
    assert_eq!(within(poll).await.unwrap().ok()["status"], "scanned");
    phone.client.post("/api/logout", &[]).await.ok();
    within(session).await.unwrap().refused(401, "token_revoked");
}

#[tokio::test]
async fn an_unknown_status_is_malformed() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    for seen in ["", "Pending", "noscan"] {
        pc.wait(&id, seen).await.refused(400, "invalid_request");
    }
    pc.0.ask("/api/qrcode/wait", &[("id", &id)]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_socket_receives_every_change_and_is_closed_by_the_server() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    let first = socket.view().await;
    assert_eq!((&first["id"], &first["status"], &first["account"]), (&json!(id), &json!("pending"), &json!(null)));
    assert!(first["expires_in"].as_u64().unwrap() > 0);
    let token = phone.token_for(&id).await;
    let scanned = socket.view().await;
    assert_eq!(scanned["status"], "scanned");
    assert_eq!(scanned["account"], json!({ "display_name": "dong the tester", "avatar_url": null }));
    phone.confirm(&id, &token).await.ok();
    assert_eq!(socket.status().await, "confirmed");
    pc.redeem(&id).await.ok();
    assert_eq!(socket.view().await["status"], "redeemed");
    assert_eq!(socket.closed().await, CloseCode::Normal);
    until(|| waiting(&server, "websocket", 0)).await;
}

#[tokio::test]
async fn a_socket_receives_a_cancel_and_is_closed() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    let token = phone.token_for(&id).await;
    assert_eq!(socket.status().await, "scanned");
    phone.cancel(&id, &token).await.ok();
    assert_eq!(socket.status().await, "cancelled");
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn a_socket_receives_the_expiry_and_is_closed() {
    let (server, hand) = Server::still(&[]).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    hand.advance(TTL - Duration::from_secs(1));
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.view().await["expires_in"], 1);
    hand.advance(Duration::from_secs(1) + MILLISECOND);
    let view = socket.view().await;
    assert_eq!((&view["status"], &view["expires_in"]), (&json!("expired"), &json!(0)));
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn a_socket_opened_after_the_end_receives_it_and_is_closed() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    pc.abandon(&id).await.ok();
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "cancelled");
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn every_tab_receives_changes_and_what_they_send_is_ignored() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut one = Socket::open(&pc.0, &id).await.unwrap();
    let mut other = Socket::open(&pc.0, &id).await.unwrap();
    let poll = start_waiting(&server, &pc, &id, "pending").await;
    assert_eq!((one.status().await, other.status().await), ("pending".to_owned(), "pending".to_owned()));
    one.send("{\"status\":\"confirmed\"}").await;
    let token = phone.token_for(&id).await;
    assert_eq!(poll.await.unwrap().ok()["status"], "scanned");
    assert_eq!((one.status().await, other.status().await), ("scanned".to_owned(), "scanned".to_owned()));
    drop(one);
    phone.confirm(&id, &token).await.ok();
    assert_eq!(other.status().await, "confirmed");
    until(|| waiting(&server, "websocket", 1)).await;
}

#[tokio::test]
async fn a_silent_socket_is_pinged_before_a_proxy_times_out() {
    let (server, hand) = Server::still(&["--ticket-ttl", "300"]).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    for _ in 0..2 {
        // Common reverse proxies close a connection that has been silent for a minute.
        hand.advance(Duration::from_secs(59));
        socket.pinged(1).await;
        socket.is_heard().await;
    }
}

#[tokio::test]
async fn a_socket_rejects_a_large_message() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    socket.send(&"x".repeat(1024)).await;
    Phone::new(&server, "dong").await.scan(&id).await.ok();
    assert_eq!(socket.status().await, "scanned", "one that is just not too large is ignored");
    socket.send(&"x".repeat(1025)).await;
    socket.ends_in_silence().await;
    until(|| waiting(&server, "websocket", 0)).await;
}
