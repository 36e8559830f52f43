//! An attacker without an account wants to make the server unreachable by holding connections: with an unfinished head,
//! a body that is never sent, a response that is never read. Each costs the attacker nothing, and the server a file
//! descriptor and buffers.

use super::flood::{ANSWERED, Flood, SILENCE, UNFINISHED_HEAD, UNSENT_BODY, closed, log_in, phone_of, send};
use super::server::{Server, until, within};
use futures::future::join_all;
use qr_login::server::listener::ConnectionLimits;
use std::time::Duration;
use testkit::Socket;
use testkit::{Client, Pc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

/// Replaces the real timeouts of ten seconds and more.
const SOON: Duration = Duration::from_millis(200);

async fn limited(change: impl FnOnce(&mut ConnectionLimits)) -> Server {
    Server::limited(&[], change).await
}

/// Returns the number of connections that the server has closed for this reason.
fn closed_for(server: &Server, reason: &str) -> usize {
    let name = format!("qr_login_connections_closed_total{{reason=\"{reason}\"}} ");
    let text = server.app.metrics.text().unwrap();
    text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = limited(|limits| limits.head = SOON).await;
    for bytes in [UNFINISHED_HEAD, SILENCE] {
        assert_eq!(closed(send(server.address, bytes).await.unwrap()).await, "");
    }
    assert_eq!(closed_for(&server, "head"), 2);
    // The head of a later request has the same timeout.
    let mut stream = send(server.address, ANSWERED).await.unwrap();
    assert_ne!(within(stream.read(&mut [0; 4096])).await.unwrap(), 0);
    stream.write_all(UNFINISHED_HEAD).await.unwrap();
    closed(stream).await;
    assert_eq!(closed_for(&server, "head"), 3);
}

#[tokio::test]
async fn a_head_that_trickles_in_gets_no_extra_time() {
    let server = limited(|limits| limits.head = SOON).await;
    let mut stream = send(server.address, UNFINISHED_HEAD).await.unwrap();
    let mut trickle = interval(SOON / 20);
    within(async {
        while stream.write_all(b"x").await.is_ok() {
            trickle.tick().await;
        }
    })
    .await;
    assert_eq!(closed_for(&server, "head"), 1);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_before_it_has_ended() {
    let server = Server::start().await;
    let cookie =
        |length| format!("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {}", "x".repeat(length));
    let fields = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-A: b\r\n".repeat(200));
    for head in [cookie(16 * 1024), fields] {
        assert!(server.raw(head.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    }
    let most = cookie(15 * 1024) + "\r\n\r\n";
    assert!(server.raw(most.as_bytes()).await.starts_with("HTTP/1.1 200 "), "more than any browser sends");
}

#[tokio::test]
async fn a_body_that_never_comes_times_out() {
    let server = limited(|limits| limits.body = SOON).await;
    let request = str::from_utf8(UNSENT_BODY).unwrap();
    for path in ["/api/login", "/api/qrcode/generate", "/language", "/api/nothing"] {
        closed(send(server.address, request.replace("/api/login", path).as_bytes()).await.unwrap()).await;
    }
    assert_eq!(closed_for(&server, "body"), 4);
}

#[tokio::test]
async fn a_refused_body_is_read_on_for_a_moment_and_not_for_ever() {
    let server = limited(|limits| limits.refused = SOON).await;
    let head = |length: usize| {
        format!("POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(20_000))
    };
    let mut slow = send(server.address, head(1_000_000_000).as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(slow.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut trickle = interval(SOON / 20);
    within(async {
        while slow.write_all(b"x").await.is_ok() {
            trickle.tick().await;
        }
    })
    .await;
    assert_eq!(closed_for(&server, "body"), 1);
    // One that sends fast is closed before its time, after some bytes.
    let server = limited(|limits| limits.refused = Duration::from_secs(3_600)).await;
    let mut fast = send(server.address, head(1_000_000_000).as_bytes()).await.unwrap();
    let sent = within(async {
        let mut sent = 0;
        while fast.write_all(&[b'x'; 4096]).await.is_ok() {
            sent += 4096;
        }
        sent
    })
    .await;
    assert!((1 << 20..1 << 26).contains(&sent), "{sent}");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = limited(|limits| limits.idle = SOON).await;
    let said = closed(send(server.address, ANSWERED).await.unwrap()).await;
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with('}'), "{said}");
    assert_eq!(closed_for(&server, "idle"), 1);
}

#[tokio::test]
async fn a_connection_that_is_never_read_is_closed() {
    let server = limited(|limits| limits.stall = SOON).await;
    let mut stream = send(server.address, SILENCE).await.unwrap();
    // More responses than the system's buffers hold.
    let asking = tokio::spawn(async move {
        let requests = ANSWERED.repeat(1_000);
        while stream.write_all(&requests).await.is_ok() {}
    });
    until(|| closed_for(&server, "unread") == 1).await;
    within(asking).await.unwrap();
}

#[tokio::test]
async fn a_socket_is_closed_unless_it_answers_pings() {
    let server = limited(|limits| limits.ping = SOON).await;
    let phone = phone_of(&server, "dong").await;
    let (lively, dead) = (Pc(Client::connecting_anew(&server.origin())), Pc::new(&server.origin()));
    let (id, other) = (lively.ticket().await, dead.ticket().await);
    let mut socket = Socket::open(&lively.0, &id).await.unwrap();
    let _held = Socket::open(&dead.0, &other).await.unwrap();
    let waiting = |count: usize| {
        let line = format!("qr_login_waiting_pcs{{transport=\"websocket\"}} {count}\n");
        server.app.metrics.text().unwrap().contains(&line)
    };
    assert_eq!(socket.status().await, "pending");
    socket.pinged(4).await;
    until(|| waiting(1)).await;
    phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    assert_eq!(socket.status().await, "scanned");
}

/// Floods with more attackers than the cap allows, all of which reconnect when evicted, and signs in meanwhile.
async fn others_sign_in_while(bytes: &'static [u8]) {
    const ROOM: usize = 32;
    let server = limited(|limits| {
        (limits.connections, limits.quiet, limits.grace) = (ROOM, ROOM, SOON / 4);
    })
    .await;
    let phone = phone_of(&server, "dong").await;
    let _flood = Flood::of(server.address, 3 * ROOM, bytes).await;
    log_in(server.address, &phone).await;
    assert!(closed_for(&server, "room") > 0, "the flood was larger than the room");
}

#[tokio::test]
async fn a_login_completes_during_a_flood_of_unfinished_heads() {
    others_sign_in_while(UNFINISHED_HEAD).await;
}

#[tokio::test]
async fn a_login_completes_during_a_flood_of_silent_connections() {
    others_sign_in_while(SILENCE).await;
}

#[tokio::test]
async fn a_login_completes_during_a_flood_of_idle_connections() {
    others_sign_in_while(ANSWERED).await;
}

#[tokio::test]
async fn a_login_completes_during_a_flood_of_unsent_bodies() {
    others_sign_in_while(UNSENT_BODY).await;
}

/// A request with a large response.
const ICON: &[u8] = b"GET /icon-512.png HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Requests more than the system's buffers hold, and reads none of it.
async fn ask_and_never_read(server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let requests = ICON.repeat(100);
    // Times out once the server stops reading requests, because it cannot send.
    let _ = timeout(SOON, stream.write_all(&requests)).await;
    stream
}

#[tokio::test]
async fn a_login_completes_while_all_others_never_read_responses() {
    const ROOM: usize = 16;
    let server = limited(|limits| {
        (limits.connections, limits.quiet, limits.unread_grace) = (ROOM, ROOM, SOON / 4);
        limits.stall = Duration::from_secs(600);
    })
    .await;
    let phone = phone_of(&server, "dong").await;
    let held = join_all((0..ROOM).map(|_| ask_and_never_read(&server))).await;
    log_in(server.address, &phone).await;
    assert!(closed_for(&server, "room") > 0, "all places were taken: {}", server.app.metrics.text().unwrap());
    drop(held);
}

/// The attacker uses each connection occasionally, so that none is quiet for long.
#[tokio::test]
async fn a_login_completes_while_all_others_send_occasional_requests() {
    const ROOM: usize = 16;
    let server = limited(|limits| {
        (limits.connections, limits.quiet, limits.grace) = (ROOM, ROOM, SOON);
    })
    .await;
    let phone = phone_of(&server, "dong").await;
    let mut attackers = tokio::task::JoinSet::new();
    for _ in 0..2 * ROOM {
        let address = server.address;
        attackers.spawn(async move {
            loop {
                let Ok(mut stream) = send(address, ANSWERED).await else { continue };
                let mut now_and_then = interval(SOON / 4);
                while stream.write_all(ANSWERED).await.is_ok() {
                    let _ = timeout(SOON / 8, stream.read(&mut [0; 4096])).await;
                    now_and_then.tick().await;
                }
            }
        });
    }
    log_in(server.address, &phone).await;
}

#[tokio::test]
async fn quiet_connections_have_a_separate_cap() {
    let server = limited(|limits| limits.quiet = 8).await;
    let mut held = Vec::new();
    for _ in 0..9 {
        held.push(send(server.address, UNFINISHED_HEAD).await.unwrap());
    }
    // The one that has been quiet for longest is evicted.
    closed(held.remove(0)).await;
    assert_eq!(closed_for(&server, "room"), 1);
}

#[tokio::test]
async fn one_address_cannot_use_up_the_cap() {
    let change = |limits: &mut ConnectionLimits| limits.per_address = Some(8);
    let server = limited(change).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(send(server.address, SILENCE).await.unwrap());
    }
    assert_eq!(closed(send(server.address, ANSWERED).await.unwrap()).await, "");
    assert_eq!(closed_for(&server, "address"), 1);
    held.pop();
    within(async { while closed(send(server.address, b"GET / HTTP/1.0\r\n\r\n").await.unwrap()).await.is_empty() {} })
        .await;

    // All connections of a reverse proxy come from one address.
    let proxied = Server::limited(&["--trusted-proxies", "127.0.0.1"], change).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(send(proxied.address, SILENCE).await.unwrap());
    }
    Pc(Client::connecting_anew(&proxied.origin())).ticket().await;
}
