//! Connections to services, by their device grant: from the page to a script's token. The service is scripted.

#[path = "connections/attempts.rs"]
mod attempts;
#[path = "connections/keys.rs"]
mod keys;
#[path = "connections/nodes.rs"]
mod nodes;
#[path = "connections/tokens.rs"]
mod tokens;

use super::server::{PASSWORD, Server, until_async};
use clock::ClockHand;
use serde_json::{Value, json};
use service::clients::Clients;
use std::time::Duration;
use testkit::{Answer, Client, Received, Receiver, bearer, browser_phone};

/// A server, its clock, a service, and a person's browser.
struct Site {
    server: Server,
    hand: ClockHand,
    forge: Receiver,
    browser: Client,
}

const OFFER: &str = r#"{"device_code": "the-device-code", "user_code": "WDJB-MJHT", "expires_in": 900, "interval": 5,
    "verification_uri": "https://forge.example/device",
    "verification_uri_complete": "https://forge.example/device?user_code=WDJB-MJHT"}"#;

/// Registers the service at `forge`.
fn register(server: &Server, forge: &Receiver, more: &str) {
    let (device, token, revoke) = (forge.url("/device"), forge.url("/token"), forge.url("/revoke"));
    let entry = format!(
        "[[connection]]\nid = \"forge\"\nname = \"Forge\"\nclient_id = \"qr\"\ndevice_authorization_endpoint = \
         \"{device}\"\ntoken_endpoint = \"{token}\"\nrevocation_endpoint = \"{revoke}\"\nscopes = [\"repo\"]\n{more}"
    );
    server.app.clients.replace(Clients::parse(&entry).unwrap());
}

impl Site {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(flags: &[&str]) -> Self {
        let (server, hand) = Server::still(flags).await;
        let forge = Receiver::start().await;
        register(&server, &forge, "");
        forge.answer("200 OK", OFFER);
        let browser = browser_phone(&server, "dong").await;
        Self { server, hand, forge, browser }
    }

    /// Presses a button.
    async fn press(&self, what: &str, id: &str) -> Answer {
        self.browser.post("/connections", &[("do", what), ("id", id)]).await
    }

    /// Starts an attempt and returns its id.
    async fn attempt(&mut self) -> String {
        self.forge.answer("200 OK", OFFER);
        let answer = self.browser.post("/connections", &[("do", "start"), ("service", "forge")]).await;
        let asked = self.forge.next().await;
        assert_eq!((asked.field("scope"), asked.field("client_id")), ("repo".to_owned(), "qr".to_owned()));
        answer.leads_to().strip_prefix("/connections?id=").unwrap().to_owned()
    }

    /// Lets the service answer the next poll so, and returns the poll.
    async fn poll(&mut self, status: &str, body: &Value) -> Received {
        self.forge.answer(status, &body.to_string());
        self.hand.advance(Duration::from_secs(5));
        self.forge.next().await
    }

    /// Waits for the state of a connection.
    async fn becomes(&self, id: &str, state: &str) {
        let row = format!("data-row=\"{id}\" data-state=\"{state}\"");
        until_async(async || self.browser.get("/connections").await.body.contains(&row)).await;
    }

    /// Connects, and returns the connection's id.
    async fn connected(&mut self, tokens: &Value) -> String {
        let id = self.attempt().await;
        self.poll("200 OK", tokens).await;
        self.becomes(&id, "connected").await;
        id
    }

    /// Makes a key.
    async fn key(&self, id: &str) -> String {
        let page = self.press("key", id).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let start = page.body.find("qrk_").unwrap();
        page.body[start..start + 47].to_owned()
    }

    async fn token(&self, id: &str, key: &str) -> Answer {
        bearer(&self.server, key).post(&format!("/api/connections/{id}/token"), &[]).await
    }
}

fn tokens(access: &str, refresh: &str) -> Value {
    json!({"access_token": access, "token_type": "bearer", "expires_in": 3600, "refresh_token": refresh})
}
