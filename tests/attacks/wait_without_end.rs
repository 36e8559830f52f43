//! An attacker wants to exhaust the server's memory and the connections of the reverse proxy in front of it, and opens
//! thousands of WebSockets on one ticket. Or they have a photograph of a code and want to use up its owner's quota.

use super::flood::{log_in, phone_of};
use super::server::{Server, until};
use futures::future::join_all;
use testkit::Socket;
use testkit::{Client, Pc, Phone, browser_phone};

fn are_waiting(server: &Server, transport: &str, count: usize) -> bool {
    let line = format!("qr_login_waiting_pcs{{transport=\"{transport}\"}} {count}\n");
    server.app.metrics.text().unwrap().contains(&line)
}

#[tokio::test]
async fn one_ticket_has_at_most_four_waiters() {
    const ATTEMPTS: usize = 1_000;
    let server = Server::start().await;
    let phone = phone_of(&server, "dong").await;
    let pc = Pc::new(&server.origin());
    let id = pc.ticket().await;
    let mut sockets = Vec::new();
    let mut refused = Vec::new();
    for _ in 0..ATTEMPTS / 50 {
        for outcome in join_all((0..50).map(|_| Socket::open(&pc.0, &id))).await {
            match outcome {
                Ok(socket) => sockets.push(socket),
                Err(status) => refused.push(status),
            }
        }
    }
    assert_eq!((sockets.len(), refused), (4, vec![429; ATTEMPTS - 4]));
    let answer = pc.wait(&id, "pending").await;
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "5");
    log_in(server.address, &phone).await;

    // Polling still works, and a wait that ends makes room for another.
    assert_eq!(pc.status(&id).await, "pending");
    sockets.pop();
    until(|| are_waiting(&server, "websocket", 3)).await;
    Socket::open(&pc.0, &id).await.unwrap();
    phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    for mut socket in sockets {
        assert_eq!(socket.status().await, "pending");
        assert_eq!(socket.status().await, "scanned");
    }
}

/// The cookie keeps earlier secrets, and the holder of a ticket may put any other one before its own.
#[tokio::test]
async fn a_ticket_has_four_waiters_whatever_else_is_in_the_cookie() {
    let server = Server::start().await;
    let pc = Pc::new(&server.origin());
    let id = pc.ticket().await;
    let binding = pc.0.cookie("qr_browser").unwrap();
    let (mut held, mut refused) = (Vec::new(), 0);
    for number in 0..40 {
        let other = Client::new(&server.origin());
        other.plant("qr_browser", &format!("{number:A>43}.{binding}"));
        match Socket::open(&other, &id).await {
            Ok(socket) => held.push(socket),
            Err(status) => refused += usize::from(status == 429),
        }
        if number >= 4 {
            Pc(other).wait(&id, "pending").await.refused(429, "rate_limited");
        }
    }
    assert_eq!((held.len(), refused), (4, 36));
}

#[tokio::test]
async fn a_photograph_of_a_code_does_not_use_its_owners_quota() {
    let server = Server::start().await;
    let pc = Pc::new(&server.origin());
    let id = pc.ticket().await;
    let strangers: Vec<_> = (0..8).map(|_| Pc::new(&server.origin())).collect();
    for stranger in &strangers {
        stranger.ticket().await;
    }
    let asking = join_all(strangers.iter().cycle().take(200).map(|stranger| stranger.wait(&id, "pending")));
    let waiting = join_all((0..4).map(|_| Socket::open(&pc.0, &id)));
    let (asked, waits) = tokio::join!(asking, waiting);
    for answer in asked {
        answer.refused(403, "wrong_browser");
    }
    assert!(waits.iter().all(Result::is_ok), "{waits:?}");
}

#[tokio::test]
async fn one_browser_has_at_most_twenty_waits() {
    let server = Server::start().await;
    let pc = Pc::new(&server.origin());
    let mut held = Vec::new();
    for _ in 0..20 {
        let id = pc.ticket().await;
        held.push(Socket::open(&pc.0, &id).await.unwrap());
    }
    let id = pc.ticket().await;
    assert_eq!(Socket::open(&pc.0, &id).await.err(), Some(429));
    pc.wait(&id, "pending").await.refused(429, "rate_limited");
    let other = Pc::new(&server.origin());
    let id = other.ticket().await;
    Socket::open(&other.0, &id).await.unwrap();
}

#[tokio::test]
async fn one_session_has_at_most_twenty_waits() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let other = Phone::new(&server, "dong").await;
    let watching = (0..21).map(|_| async { phone.get("/api/session/wait").await });
    let mut watching: futures::stream::FuturesUnordered<_> = watching.collect();
    let refused = futures::StreamExt::next(&mut watching).await.unwrap();
    refused.refused(429, "rate_limited");
    // The twenty others are notified of the end.
    other.client.post("/api/sessions/revoke-others", &[]).await.ok();
    while let Some(answer) = futures::StreamExt::next(&mut watching).await {
        answer.refused(401, "token_revoked");
    }
}
