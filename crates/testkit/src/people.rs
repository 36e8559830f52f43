//! A PC's browser, a phone's app and a phone's browser.

use crate::PASSWORD;
use crate::client::{Answer, Client, bearer};
use crate::place::Place;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A PC's browser, identified by its cookies.
#[derive(Clone, Debug)]
pub struct Pc(pub Client);

impl Pc {
    pub fn new(place: &(impl Place + ?Sized)) -> Self {
        Self(Client::new(place))
    }

    /// Creates a browser without a place; set one with [`Self::at`].
    pub fn anywhere() -> Self {
        Self(Client::anywhere())
    }

    /// Returns the same browser for another place.
    pub fn at(&self, place: &(impl Place + ?Sized)) -> Self {
        Self(self.0.at(place))
    }

    /// Creates another browser that shares the connections.
    pub fn beside(&self) -> Self {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).unwrap();
        Self(self.0.clone().always("cookie", &format!("qr_browser={}", URL_SAFE_NO_PAD.encode(secret))))
    }

    /// Requests a code and returns the ticket's id.
    pub async fn ticket(&self) -> String {
        self.generate().await.text("id")
    }

    pub async fn generate(&self) -> Answer {
        self.0.post("/api/qrcode/generate", &[]).await
    }

    pub async fn check(&self, id: &str) -> Answer {
        self.0.ask("/api/qrcode/check", &[("id", id)]).await
    }

    pub async fn status(&self, id: &str) -> String {
        self.check(id).await.text("status")
    }

    pub async fn wait(&self, id: &str, seen: &str) -> Answer {
        self.0.ask("/api/qrcode/wait", &[("id", id), ("status", seen)]).await
    }

    pub async fn redeem(&self, id: &str) -> Answer {
        self.0.post("/api/qrcode/redeem", &[("id", id)]).await
    }

    /// The same; `None` if the server dies meanwhile.
    pub async fn try_redeem(&self, id: &str) -> Option<Answer> {
        self.0.try_post("/api/qrcode/redeem", &[("id", id)]).await
    }

    pub async fn abandon(&self, id: &str) -> Answer {
        self.0.post("/api/qrcode/abandon", &[("id", id)]).await
    }
}

/// A phone's app, identified by its bearer token and device id.
#[derive(Clone, Debug)]
pub struct Phone {
    pub client: Client,
    pub token: String,
    pub device: String,
}

impl Phone {
    /// Signs in to the account on a new phone.
    pub async fn new(place: &(impl Place + ?Sized), account: &str) -> Self {
        place.account(account).await;
        let answer = sign_in(place, account).await;
        Self::holding(place, &answer.text("token"), &answer.text("device_id"))
    }

    /// Creates a phone with these credentials.
    pub fn holding(place: &(impl Place + ?Sized), token: &str, device: &str) -> Self {
        let client = bearer(place, token).always("x-device-id", device);
        Self { client, token: token.to_owned(), device: device.to_owned() }
    }

    /// Returns the same phone for another place.
    pub fn at(&self, place: &(impl Place + ?Sized)) -> Self {
        Self { client: self.client.at(place), ..self.clone() }
    }

    pub async fn scan(&self, id: &str) -> Answer {
        self.client.post("/api/qrcode/scan", &[("id", id)]).await
    }

    /// Scans and returns the confirm token.
    pub async fn token_for(&self, id: &str) -> String {
        self.scan(id).await.text("confirm_token")
    }

    pub async fn confirm(&self, id: &str, token: &str) -> Answer {
        self.client.post("/api/qrcode/confirm", &[("id", id), ("confirm_token", token)]).await
    }

    pub async fn cancel(&self, id: &str, token: &str) -> Answer {
        self.client.post("/api/qrcode/cancel", &[("id", id), ("confirm_token", token)]).await
    }

    /// Calls `confirm` or `cancel`.
    pub async fn decide(&self, decision: &str, id: &str, token: &str) -> Answer {
        self.client.post(&format!("/api/qrcode/{decision}"), &[("id", id), ("confirm_token", token)]).await
    }

    /// Scans and confirms.
    pub async fn approve(&self, id: &str) {
        let token = self.token_for(id).await;
        self.confirm(id, &token).await.ok();
    }

    pub async fn user_info(&self) -> Answer {
        self.client.get("/api/userinfo").await
    }

    pub async fn session_id(&self) -> String {
        self.user_info().await.ok()["session"]["id"].as_str().unwrap().to_owned()
    }
}

/// Signs in a phone's browser by the page; it is identified by its cookies.
pub async fn browser_phone(server: &(impl Place + ?Sized), account: &str) -> Client {
    server.account(account).await;
    let client = Client::new(server);
    let page = client.clone().always("sec-fetch-site", "same-origin");
    page.post("/api/login", &[("username", account), ("password", PASSWORD)]).await.ok();
    client
}

/// Signs in a PC with a ticket that the phone approves. Returns its browser, and a client that only has its token.
pub async fn signed_in_pc(server: &(impl Place + ?Sized), phone: &Phone) -> (Pc, Client) {
    let pc = Pc::new(server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let token = pc.redeem(&id).await.text("token");
    (pc, bearer(server, &token))
}

/// Signs a new phone in by password.
pub async fn sign_in(place: &(impl Place + ?Sized), account: &str) -> Answer {
    Client::new(place).post("/api/login", &[("username", account), ("password", PASSWORD)]).await
}
