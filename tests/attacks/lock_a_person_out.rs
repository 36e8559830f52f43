//! A stranger who knows a username wants to lock its owner out of password sign-in, by wrong guesses alone.

use super::server::{PASSWORD, Server};
use testkit::{Answer, Client, Phone, browser_phone, signed_in_pc};

const LIMITED: [&str; 4] = ["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"];

fn at(client: &Client, address: &str) -> Client {
    client.clone().always("x-forwarded-for", address)
}

async fn sign_in(client: &Client, password: &str) -> Answer {
    client.post("/api/login", &[("username", "owner"), ("password", password)]).await
}

/// Guesses from as many addresses as it takes until strangers are refused from everywhere.
async fn lock(server: &Server) {
    for host in 1..=4 {
        let stranger = at(&Client::new(server), &format!("203.0.113.{host}"));
        while sign_in(&stranger, "wrong").await.status == 401 {}
    }
    let newcomer = at(&Client::new(server), "203.0.113.250");
    sign_in(&newcomer, PASSWORD).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn whose_browser_signed_in_before() {
    let server = Server::with(&LIMITED).await;
    let browser = at(&browser_phone(&server, "owner").await, "198.51.100.1");
    browser.post("/api/logout", &[]).await.ok();
    lock(&server).await;
    sign_in(&browser, PASSWORD).await.ok();
}

#[tokio::test]
async fn whose_pc_was_signed_in_by_a_code_before() {
    let server = Server::with(&LIMITED).await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    pc.0.post("/api/logout", &[]).await.ok();
    lock(&server).await;
    sign_in(&at(&pc.0, "198.51.100.1"), PASSWORD).await.ok();
}

#[tokio::test]
async fn whose_app_sends_its_last_token() {
    let server = Server::with(&LIMITED).await;
    let phone = Phone::new(&server, "owner").await;
    phone.client.post("/api/logout", &[]).await.ok();
    lock(&server).await;
    sign_in(&at(&phone.client, "198.51.100.1"), PASSWORD).await.ok();
}

#[tokio::test]
async fn from_a_single_address() {
    let server = Server::with(&LIMITED).await;
    server.account("owner").await;
    let stranger = at(&Client::new(&server), "203.0.113.1");
    while sign_in(&stranger, "wrong").await.status == 401 {}
    sign_in(&at(&Client::new(&server), "198.51.100.1"), PASSWORD).await.ok();
}

/// A device that is known for another account, or a forged cookie, counts as a stranger's.
#[tokio::test]
async fn by_posing_as_a_device_of_the_owner() {
    let server = Server::with(&LIMITED).await;
    server.account("owner").await;
    let stranger = at(&browser_phone(&server, "stranger").await, "203.0.113.9");
    let cookie = stranger.cookie("qr_known").unwrap();
    lock(&server).await;
    sign_in(&stranger, PASSWORD).await.refused(429, "rate_limited");
    let changed = Client::new(&server);
    changed.plant("qr_known", &format!("A{}", &cookie[1..]));
    sign_in(&at(&changed, "203.0.113.10"), PASSWORD).await.refused(429, "rate_limited");
    let token = Phone::new(&server, "stranger").await;
    sign_in(&at(&token.client, "203.0.113.11"), PASSWORD).await.refused(429, "rate_limited");
}

/// A stolen device cookie buys as many guesses as strangers have in total, and no more, for any client that presents it.
#[tokio::test]
async fn with_a_stolen_device_cookie() {
    let server = Server::with(&LIMITED).await;
    let owner = browser_phone(&server, "owner").await;
    let cookie = owner.cookie("qr_known").unwrap();
    let mut compared = 0;
    for host in 1..=8 {
        let thief = at(&Client::new(&server), &format!("203.0.113.{host}"));
        thief.plant("qr_known", &cookie);
        while sign_in(&thief, "wrong").await.status == 401 {
            compared += 1;
            assert!(compared <= 60, "more than twice the documented number of guesses");
        }
    }
    assert!(compared >= 10, "{compared}");
}
