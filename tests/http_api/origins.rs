//! Requests that pages of other sites make with a user's cookies are refused (CSRF).

use super::server::Server;
use testkit::{Client, Pc, Phone, browser_phone};

const UPGRADE: [(&str, &str); 4] = [
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

fn with(client: &Client, headers: &[(&str, &str)]) -> Client {
    headers.iter().fold(client.clone(), |client, (name, value)| client.always(name, value))
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    let with_port_of_another = format!("http://127.0.0.1:{}", server.address.port() ^ 1);
    let subdomain = format!("http://evil.{}", server.address);
    let suffixed = format!("{}.evil.example", server.origin());
    for origin in ["https://evil.example", "null", "", "garbage", &with_port_of_another, &subdomain, &suffixed] {
        let foreign = phone.clone().always("origin", origin);
        for path in ["/api/qrcode/scan", "/api/qrcode/confirm", "/api/qrcode/cancel", "/api/qrcode/generate"] {
            foreign.post(path, &[("id", &id), ("confirm_token", "x")]).await.refused(403, "cross_origin");
        }
        for path in ["/api/login", "/api/logout", "/api/sessions/revoke", "/api/sessions/revoke-others"] {
            let answer = foreign.post(path, &[("username", "x"), ("password", "x")]).await;
            answer.refused(403, "cross_origin");
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    phone.get("/api/userinfo").await.ok();
    phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
}

#[tokio::test]
async fn our_own_pages_may_post() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let own = server.origin();
    for headers in [
        &[("origin", own.as_str())][..],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        &[("origin", "null"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin")],
        &[],
    ] {
        with(&phone, headers).post("/api/qrcode/generate", &[]).await.ok();
    }
}

#[tokio::test]
async fn fetch_metadata_decides_if_the_origin_is_null() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    for headers in [
        &[("origin", "null")][..],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null"), ("sec-fetch-site", "same-site")],
        &[("origin", "null"), ("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        with(&phone, headers).post("/api/qrcode/generate", &[]).await.refused(403, "cross_origin");
    }
}

#[tokio::test]
async fn a_configured_public_url_is_the_only_origin() {
    let server = Server::with(&["--public-url", "https://login.example"]).await;
    let client = Client::new(&server);
    client.clone().always("origin", "https://login.example").post("/api/qrcode/generate", &[]).await.ok();
    for origin in
        [&server.origin(), "http://login.example", "https://login.example:8443", "https://login.example.evil.example"]
    {
        client.clone().always("origin", origin).post("/api/qrcode/generate", &[]).await.refused(403, "cross_origin");
    }
}

#[tokio::test]
async fn an_app_with_a_bearer_token_but_no_cookie_may_have_any_origin() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let app = phone.client.clone().always("origin", "capacitor://localhost");
    let id = Pc::new(&server).ticket().await;
    app.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    let with_cookie =
        Phone::holding(&server, &phone.token, &phone.device).client.always("origin", "https://evil.example");
    with_cookie.plant("anything", "x");
    with_cookie.post("/api/qrcode/scan", &[("id", &id)]).await.refused(403, "cross_origin");
}

#[tokio::test]
async fn a_socket_opened_by_a_page_of_another_site_is_refused() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    for foreign in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let client = with(&with(&pc.0, &UPGRADE), &[foreign]);
        client.ask("/api/qrcode/ws", &[("id", &id)]).await.refused(403, "cross_origin");
    }
}

#[tokio::test]
async fn cross_origin_reads_are_answered_without_cors() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await.always("origin", "https://evil.example");
    let answer = phone.get("/api/userinfo").await;
    answer.ok();
    let cors = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).count();
    assert_eq!(cors, 0, "a page of another site may send this, but never read it");
}

#[tokio::test]
async fn a_plain_form_of_another_site_is_redirected_without_any_effect() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let answer = phone.clone().plain_forms().always("origin", "https://evil.example").post("/api/logout", &[]).await;
    assert!(answer.leads_to().contains("cross_origin"));
    assert!(answer.headers.get("set-cookie").is_none());
    phone.get("/api/userinfo").await.ok();
}
