//! docs/deploy/nginx.conf as it is, with TLS. `tests/nodes/proxy.rs` runs it in front of several nodes.

use super::documents::read;
use super::echo::{Echo, NEVER};
use super::https::{HOST, headers};
use super::nginx::Nginx;
use super::same_host::redirected;
use futures::future::join_all;
use std::net::Ipv4Addr;
use testkit::until;
use tokio::io::AsyncWriteExt;

/// Starts the load balancer in front of an echo server.
async fn balancer() -> (Nginx, Echo) {
    let echo = Echo::start().await;
    let upstreams = [("127.0.0.1:3000", echo.address), ("127.0.0.1:3001", echo.address)];
    (Nginx::start(&read("docs/deploy/nginx.conf"), &upstreams).await, echo)
}

#[tokio::test]
async fn a_node_gets_the_real_host_and_address_and_not_what_a_client_claims() {
    let (nginx, _echo) = balancer().await;
    let forged = [
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-Proto", "http"),
        ("X-Real-IP", "203.0.113.7"),
        ("Connection", "close"),
    ];
    let head = nginx.https.get("/some/page?a=1", &forged).await.body;
    assert!(head.starts_with("GET /some/page?a=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(headers(&head, "host"), [HOST], "{head}");
    assert_eq!(headers(&head, "x-forwarded-for"), ["127.0.0.1"], "{head}");
    assert_eq!(headers(&head, "x-forwarded-proto"), ["https"], "{head}");
    // A node rejects other hosts itself, so it has to see the host.
    let head = nginx.https.get("/", &[("Host", "evil.example")]).await.body;
    assert_eq!(headers(&head, "host"), ["evil.example"], "{head}");
    // And the headers of a WebSocket upgrade, with nothing else in `Connection`.
    let upgrade = [("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket")];
    let head = nginx.https.get("/api/qrcode/ws", &upgrade).await.body;
    assert_eq!(
        (headers(&head, "connection"), headers(&head, "upgrade")),
        (vec!["upgrade"], vec!["websocket"]),
        "{head}"
    );
}

#[tokio::test]
async fn operators_endpoints_and_large_bodies_are_rejected() {
    let (nginx, _echo) = balancer().await;
    for path in ["/metrics", "//metrics", "/%6detrics", "/metrics?x", "/readyz", "/x/../readyz"] {
        assert_eq!(nginx.https.get(path, &[]).await.status, 403, "{path}");
    }
    assert_eq!(nginx.https.get("/healthz", &[]).await.status, 200);
    assert_eq!(nginx.https.post("/api/login", &[], &"x".repeat(65 * 1024)).await.status, 413);
    // Files are larger.
    for path in ["/scan", "/api/settings/picture"] {
        assert_eq!(nginx.https.post(path, &[], &"x".repeat(65 * 1024)).await.status, 200, "{path}");
        assert_eq!(nginx.https.post(path, &[], &"x".repeat(10 * 1024 * 1024)).await.status, 413, "{path}");
    }
    assert_eq!(redirected(nginx.plain_port, "/confirm?id=1").await, format!("https://{HOST}/confirm?id=1"));
}

#[tokio::test]
async fn one_address_that_holds_many_requests_does_not_block_others() {
    let (nginx, echo) = balancer().await;
    let _held = join_all((0..200).map(async |_| {
        let mut line = nginx.https.connect_from(Ipv4Addr::LOCALHOST).await;
        let request = format!("GET {NEVER} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        line.write_all(request.as_bytes()).await.unwrap();
        line.flush().await.unwrap();
        line
    }))
    .await;
    until("200 requests are held", async || (echo.held() == 200).then_some(())).await;
    let one_more = nginx.https.get("/", &[]).await;
    assert_eq!(one_more.status, 429, "{}", one_more.head);
    let mut neighbour = super::https::Connection(nginx.https.connect_from(Ipv4Addr::new(127, 0, 0, 2)).await);
    assert_eq!(neighbour.send("GET", "/", &[], "").await.status, 200);
}
