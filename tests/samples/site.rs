//! qr-login and an application behind one host, as in the README's nginx configuration.

use super::documents::block;
use super::echo::Echo;
use super::https::{Answer, HOST, headers};
use super::nginx::Nginx;
use super::server::{PASSWORD, Server};

/// Cookies of a response or a browser, as `name=value`.
pub type Cookies = Vec<String>;

/// nginx, a server, and an application that echoes each request.
pub struct Site {
    pub nginx: Nginx,
    pub server: Server,
    _app: Echo,
}

impl Site {
    /// Starts the site with the configuration of this README.
    pub async fn of(readme: &str) -> Self {
        let server =
            Server::with(&["--public-url", &format!("https://{HOST}"), "--trusted-proxies", "127.0.0.1"]).await;
        let app = Echo::start().await;
        let sample = block(readme, "nginx", "auth_request");
        let upstreams = [("127.0.0.1:3000", server.address), ("127.0.0.1:8080", app.address)];
        Self { nginx: Nginx::start(&sample, &upstreams).await, server, _app: app }
    }

    /// Signs in a browser by password. Returns its cookies and its token.
    pub async fn signed_in(&self, account: &str, kind: &str) -> (Cookies, String) {
        self.server.account(account).await;
        let form = format!("username={account}&password={}&device_kind={kind}&remember=1", PASSWORD.replace(' ', "+"));
        let answer = self.nginx.https.post("/api/login", &[], &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = json(&answer)["token"].as_str().unwrap().to_owned();
        (answer.cookies(), token)
    }

    /// Returns the head of the request that reaches the application for a browser's request with these headers.
    pub async fn seen_by_app(&self, headers: &[(&str, &str)]) -> String {
        let answer = self.nginx.https.get("/app/", headers).await;
        assert_eq!(answer.status, 200, "{} {}", answer.head, answer.body);
        answer.body
    }
}

/// Returns the cookies in the application's `Cookie` header.
pub fn cookies_in(head: &str) -> Vec<&str> {
    let lines = headers(head, "cookie");
    assert!(lines.len() <= 1, "{head}");
    lines.iter().flat_map(|line| line.split(';')).map(str::trim).filter(|cookie| !cookie.is_empty()).collect()
}

/// Returns the JSON of a successful response.
pub fn json(answer: &Answer) -> serde_json::Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}
