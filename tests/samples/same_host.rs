//! The README's nginx in front of qr-login and an application: the redirect of a visitor who is not signed in, a whole
//! login through it, and what it hides.

use super::documents::{READMES, block, without_comments};
use super::https::{HOST, headers};
use super::site::{Site, cookies_in, json};
use futures::StreamExt;
use serde_json::Value;
use std::net::Ipv4Addr;
use testkit::Client;
use testkit::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[test]
fn both_readmes_have_the_same_configuration() {
    let [english, chinese] = READMES.map(|readme| without_comments(&block(readme, "nginx", "auth_request")));
    assert_eq!(english, chinese);
}

#[tokio::test]
async fn an_anonymous_visitor_is_redirected_to_the_sign_in_page_and_back() {
    for readme in READMES {
        let site = Site::of(readme).await;
        let answer = site.nginx.https.get("/app/page?a=1", &[("Cookie", "session=abc")]).await;
        assert_eq!(answer.status, 302, "{}", answer.head);
        let location = answer.header("location").to_owned();
        assert!(location.ends_with("/?next=/app/page?a=1"), "{location}");
        let page = site.nginx.https.get("/?next=/app/page?a=1", &[]).await;
        assert!(page.status == 200 && page.body.contains("<svg"), "{}", page.body);

        let (cookies, _) = site.signed_in("dong", "pc").await;
        let signed_in = ("Cookie", cookies.join("; "));
        let back = site.nginx.https.get("/?next=/app/page?a=1", &[(signed_in.0, &signed_in.1)]).await;
        assert_eq!((back.status, back.header("location")), (303, "/app/page?a=1"), "{}", back.head);
        let page = site.nginx.https.get("/app/page?a=1", &[(signed_in.0, &signed_in.1)]).await;
        assert!(page.status == 200 && page.body.starts_with("GET /app/page?a=1 HTTP/1."), "{}", page.body);
    }
}

#[tokio::test]
async fn a_pc_signs_in_by_its_phone_and_the_application_learns_who_it_is() {
    let site = Site::of(READMES[0]).await;
    let https = &site.nginx.https;
    let (phone, _) = site.signed_in("dong", "phone").await;
    let phone = phone.join("; ");
    let as_phone = [("Cookie", phone.as_str())];

    let generated = https.post("/api/qrcode/generate", &[], "").await;
    let id = json(&generated)["id"].as_str().unwrap().to_owned();
    let pc = generated.cookies().join("; ");
    let as_pc = [("Cookie", pc.as_str())];
    assert!(pc.starts_with("__Host-qr_browser="), "{pc}");

    // The PC waits on a WebSocket, which nginx has to forward.
    let mut request = format!("wss://{HOST}/api/qrcode/ws?id={id}").into_client_request().unwrap();
    request.headers_mut().insert("cookie", pc.parse().unwrap());
    request.headers_mut().insert("origin", format!("https://{HOST}").parse().unwrap());
    let line = https.connect_from(Ipv4Addr::LOCALHOST).await;
    let (mut socket, _) = within("the WebSocket opens", client_async(request, line)).await.unwrap();
    let mut hears = async |status: &str| loop {
        match within(status, socket.next()).await.expect("the socket is open").unwrap() {
            Message::Text(text) if text.contains(&format!("\"status\":\"{status}\"")) => return,
            Message::Ping(_) | Message::Text(_) => {}
            other => panic!("{other:?}"),
        }
    };
    hears("pending").await;
    let scanned = json(&https.post("/api/qrcode/scan", &as_phone, &format!("id={id}")).await);
    assert_eq!(scanned["requester"]["ip"], "127.0.0.1", "the browser's address and not nginx's: {scanned}");
    hears("scanned").await;
    let decision = format!("id={id}&confirm_token={}", scanned["confirm_token"].as_str().unwrap());
    json(&https.post("/api/qrcode/confirm", &as_phone, &decision).await);
    hears("confirmed").await;
    let redeemed = https.post("/api/qrcode/redeem", &as_pc, &format!("id={id}")).await;
    let token = json(&redeemed)["token"].as_str().unwrap().to_owned();

    // The application gets the token, and uses it to query the account.
    let session = redeemed.cookies().join("; ");
    let head = site.seen_by_app(&[("Cookie", &format!("{session}; own=1"))]).await;
    assert_eq!(cookies_in(&head), ["own=1"], "{head}");
    assert_eq!(headers(&head, "x-qr-login-token"), [token.as_str()], "{head}");
    let who = Client::new(&site.server).always("authorization", &format!("Bearer {token}")).get("/api/userinfo").await;
    let who = who.ok();
    assert_eq!((who["username"].as_str(), who["session"]["kind"].as_str()), (Some("dong"), Some("pc")), "{who}");
    // The fields shown in the README.
    for readme in READMES {
        let sample: Value = serde_json::from_str(&block(readme, "json", "\"avatar_url\"")).unwrap();
        for (written, real) in [(&sample, &who), (&sample["session"], &who["session"])] {
            for field in written.as_object().unwrap().keys() {
                assert!(real.get(field).is_some(), "{readme} shows {field}: {real}");
            }
        }
    }
}

#[tokio::test]
async fn private_paths_are_hidden_however_they_are_spelt() {
    let site = Site::of(READMES[0]).await;
    let https = &site.nginx.https;
    for path in
        ["/metrics", "//metrics", "/%6detrics", "/./metrics", "/app/../metrics", "/metrics?x", "/readyz", "/ready%7a"]
    {
        assert_eq!(https.get(path, &[]).await.status, 403, "{path}");
    }
    assert_eq!(https.get("/signed-in", &[]).await.status, 404, "for nginx itself");
    assert_eq!(https.get("/healthz", &[]).await.status, 200);
    // By the server, while nginx still sends the body, and by nginx itself.
    for length in [65 * 1024, 512 * 1024, 9 * 1024 * 1024 + 1] {
        assert_eq!(https.post("/api/login", &[], &"x".repeat(length)).await.status, 413);
    }
}

#[tokio::test]
async fn plain_http_redirects_to_https() {
    let site = Site::of(READMES[0]).await;
    assert_eq!(redirected(site.nginx.plain_port, "/app/?a=1").await, format!("https://{HOST}/app/?a=1"));
}

/// Returns where a request without TLS, to any host, is redirected.
pub async fn redirected(port: u16, path: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("the redirect", socket.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 301 "), "{answer}");
    headers(&answer, "location")[0].to_owned()
}
