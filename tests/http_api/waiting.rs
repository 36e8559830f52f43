//! How a PC hears of a change: long poll and WebSocket.

use super::client::{Pc, Phone};
use super::server::{BEFORE_THE_POLL_ENDS, Server, until};
use super::socket::Socket;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Whether that many PCs wait in that way.
pub fn waiting(server: &Server, transport: &str, count: u32) -> bool {
    let line = format!("qr_login_waiting_pcs{{transport=\"{transport}\"}} {count}\n");
    server.app.metrics.text().unwrap().contains(&line)
}

/// Starts a long poll and returns when the server holds it.
pub async fn start_waiting(
    server: &Server,
    pc: &Pc,
    id: &str,
    seen: &'static str,
) -> JoinHandle<super::client::Answer> {
    let (pc, id) = (pc.clone(), id.to_owned());
    let answer = tokio::spawn(async move { pc.wait(&id, seen).await });
    until(|| waiting(server, "long_poll", 1)).await;
    answer
}

#[tokio::test]
async fn a_long_poll_answers_each_change_as_it_happens() {
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
async fn a_long_poll_that_is_late_is_told_at_once() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    for seen in ["pending", "scanned", "redeemed", "expired"] {
        assert_eq!(pc.wait(&id, seen).await.ok()["status"], "confirmed");
    }
}

#[tokio::test]
async fn a_second_scan_by_the_same_phone_is_no_news_to_the_pc() {
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
async fn a_long_poll_answers_at_the_tickets_end() {
    let server = Server::with(&["--ticket-ttl", "1"]).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let answer = timeout(BEFORE_THE_POLL_ENDS, pc.wait(&id, "pending")).await.expect("woken by the ticket's end");
    let view = answer.ok();
    assert_eq!((&view["status"], &view["expires_in"]), (&json!("expired"), &json!(0)));
}

/// Takes the 25 seconds that a poll lasts at the most.
#[tokio::test]
async fn who_waits_for_what_does_not_happen_is_answered_before_a_proxy_gives_up() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let (poll, session) = tokio::join!(pc.wait(&id, "pending"), phone.client.get("/api/session/wait"));
    assert_eq!(poll.ok()["status"], "pending");
    assert_eq!(session.ok(), json!({ "status": "signed_in" }));
    phone.scan(&id).await.ok();
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
async fn a_socket_says_every_change_and_is_closed_by_the_server() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&server, &pc.0, &id).await.unwrap();
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
async fn a_socket_is_told_of_a_cancel_and_closed() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&server, &pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    let token = phone.token_for(&id).await;
    assert_eq!(socket.status().await, "scanned");
    phone.cancel(&id, &token).await.ok();
    assert_eq!(socket.status().await, "cancelled");
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn a_socket_is_told_of_the_tickets_end_and_closed() {
    let server = Server::with(&["--ticket-ttl", "1"]).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&server, &pc.0, &id).await.unwrap();
    let mut view = socket.view().await;
    if view["status"] == "pending" {
        view = socket.view().await;
    }
    assert_eq!((&view["status"], &view["expires_in"]), (&json!("expired"), &json!(0)));
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn a_socket_that_comes_after_the_end_hears_the_end_and_is_closed() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    pc.abandon(&id).await.ok();
    let mut socket = Socket::open(&server, &pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "cancelled");
    assert_eq!(socket.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn every_tab_that_watches_a_ticket_hears_of_it_and_what_they_say_is_ignored() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut one = Socket::open(&server, &pc.0, &id).await.unwrap();
    let mut other = Socket::open(&server, &pc.0, &id).await.unwrap();
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
