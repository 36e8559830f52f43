//! A network attacker wants the browser to use plain HTTP: they respond for `http://login.example.com` and show their
//! own sign-in form there.

use super::server::Server;
use testkit::Client;

/// Every kind of response: page, file, error, redirect, health check.
async fn answers(server: &Server) -> Vec<String> {
    let client = Client::new(server).always("host", "login.example.com").always("origin", "https://login.example.com");
    let forms = client.clone().plain_forms();
    let mut found = Vec::new();
    for path in ["/", "/confirm", "/account", "/nothing", "/api/userinfo", "/api/nothing", "/healthz", "/icon.svg"] {
        found.push(client.get(path).await.header("strict-transport-security"));
    }
    let wrong = [("username", "x"), ("password", "x")];
    found.push(client.post("/api/login", &wrong).await.header("strict-transport-security"));
    found.push(forms.post("/api/login", &wrong).await.header("strict-transport-security"));
    found
}

#[tokio::test]
async fn every_response_pins_the_browser_to_tls_for_a_year() {
    let server = Server::with(&["--public-url", "https://login.example.com"]).await;
    for value in answers(&server).await {
        assert_eq!(value, "max-age=31536000", "without subdomains");
    }
}

#[tokio::test]
async fn a_site_without_tls_does_not_send_it() {
    let server = Server::with(&["--public-url", "http://login.example.com"]).await;
    assert!(answers(&server).await.iter().all(String::is_empty));
}
