//! CSRF: a page of another origin wants to change state with a visitor's cookies, or to sign the visitor in to the
//! attacker's account: from the http twin of an https site, from a name rebound to our address, with a header that
//! disables the check.

use super::server::{PASSWORD, Server};
use testkit::{Client, Pc, browser_phone};

const HTTPS: [&str; 2] = ["--public-url", "https://login.example.com"];
const CREDENTIALS: [(&str, &str); 2] = [("username", "attacker"), ("password", PASSWORD)];

fn with(client: Client, headers: &[(&str, &str)]) -> Client {
    headers.iter().fold(client, |client, (name, value)| client.always(name, value))
}

#[tokio::test]
async fn the_http_twin_of_an_https_site() {
    let server = Server::with(&HTTPS).await;
    server.account("attacker").await;
    for headers in [
        &[("origin", "http://login.example.com"), ("host", "login.example.com")][..],
        &[("origin", "http://login.example.com"), ("host", "login.example.com"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://login.example.com"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://login.example.com:8443"), ("host", "login.example.com")],
        &[("origin", "https://evil.example"), ("host", "login.example.com")],
    ] {
        let answer = with(Client::new(&server), headers).post("/api/login", &CREDENTIALS).await;
        answer.refused(403, "cross_origin");
        assert!(answer.headers.get("set-cookie").is_none());
    }
    let own =
        [("origin", "https://login.example.com"), ("host", "login.example.com"), ("sec-fetch-site", "same-origin")];
    with(Client::new(&server), &own).post("/api/login", &CREDENTIALS).await.ok();
}

/// DNS rebinding: the attacker's name resolves to our address, so their page has the same origin as the server.
#[tokio::test]
async fn a_name_rebound_to_our_address() {
    for flags in [&[][..], &HTTPS] {
        let server = Server::with(flags).await;
        server.account("attacker").await;
        for host in ["evil.example", "evil.example:3000", "login.example.com.evil.example", "127.0.0.1.evil.example"] {
            let origin = format!("http://{host}");
            let page =
                with(Client::new(&server), &[("host", host), ("origin", &origin), ("sec-fetch-site", "same-origin")]);
            page.post("/api/login", &CREDENTIALS).await.refused(421, "misdirected_request");
            page.post("/api/qrcode/generate", &[]).await.refused(421, "misdirected_request");
            page.get("/api/userinfo").await.refused(421, "misdirected_request");
            for path in ["/", "/confirm", "/account", "/.well-known/jwks.json", "/icon.svg"] {
                let answer = page.get(path).await;
                assert_eq!(answer.status, 421, "{path}");
                assert!(!answer.body.contains(host), "nothing is reflected");
            }
            assert_eq!(page.get("/healthz").await.status, 200, "a probe may use any host name");
        }
        let request =
            format!("GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
        assert!(server.raw(request.as_bytes()).await.starts_with("HTTP/1.1 421 "));
        let request =
            format!("GET / HTTP/1.1\r\nHost: {}\r\nHost: evil.example\r\nConnection: close\r\n\r\n", server.address);
        assert!(server.raw(request.as_bytes()).await.starts_with("HTTP/1.1 421 "));
    }
}

/// Browsers send `Authorization: Basic` automatically, so it must not count as an app's token.
#[tokio::test]
async fn credentials_that_a_browser_sends_automatically() {
    let server = Server::start().await;
    server.account("attacker").await;
    for authorization in ["Basic eDp5", "Digest username=x", "Negotiate abc", "Bearer", ""] {
        let headers = [("authorization", authorization), ("origin", "https://evil.example")];
        with(Client::new(&server), &headers).post("/api/login", &CREDENTIALS).await.refused(403, "cross_origin");
    }
    // The cookies of a site behind such a proxy still work beside it.
    let owner = browser_phone(&server, "owner").await.always("authorization", "Basic eDp5");
    owner.get("/api/userinfo").await.ok();
}

/// Images of the sign-in page in another page would use up the codes of its visitors' address.
#[tokio::test]
async fn images_of_the_sign_in_page() {
    let server = Server::with(&["--rate-limit", "on"]).await;
    for destination in ["image", "iframe", "script", "empty", "style", "embed"] {
        for _ in 0..20 {
            let answer = Client::new(&server).always("sec-fetch-dest", destination).get("/").await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (403, ""));
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    let head = Client::new(&server).send(reqwest::Method::HEAD, "/", None, Vec::new()).await;
    assert_eq!(head.status, 200);
    assert!(head.headers.get("set-cookie").is_none(), "HEAD issues no code");
    // All 60 codes of the address are still available.
    for _ in 0..59 {
        Pc::new(&server).generate().await.ok();
    }
    let page = Client::new(&server).always("sec-fetch-dest", "document").get("/").await;
    assert_eq!(page.status, 200);
}
