//! An attacker wants more guesses verified than the documented limit allows, by sending them in parallel, from many
//! addresses, and to several nodes at once.

use super::server::{PASSWORD, Server};
use futures::future::join_all;
use std::time::{Duration, Instant};
use testkit::{Answer, Client};
use uuid::Uuid;

const LIMITED: [&str; 4] = ["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"];
/// The documented bursts per username, from one address and from all.
const FROM_ONE: u32 = 10;
const FROM_ALL: u32 = 30;
/// The shorter of the two refill intervals.
const REFILL: Duration = Duration::from_secs(10);

async fn guess(server: &Server, address: &str, username: &str, password: &str) -> Answer {
    let client = Client::new(server).always("x-forwarded-for", address);
    client.post("/api/login", &[("username", username), ("password", password)]).await
}

/// Counts the responses that say that a guess was verified.
fn compared(answers: &[Answer]) -> u32 {
    for answer in answers {
        match answer.status.as_u16() {
            401 => drop(answer.refused(401, "invalid_credentials")),
            _ => drop(answer.refused(429, "rate_limited")),
        }
    }
    u32::try_from(answers.iter().filter(|answer| answer.status == 401).count()).unwrap()
}

/// Returns how many the limit allows from `began` until now.
fn allowed(burst: u32, began: Instant) -> u32 {
    burst + u32::try_from(began.elapsed().as_millis() / REFILL.as_millis()).unwrap()
}

#[tokio::test]
async fn from_one_address() {
    let server = Server::with(&LIMITED).await;
    server.account("victim").await;
    let began = Instant::now();
    let mut count = 0;
    for _ in 0..3 {
        let volley = (0..20).map(|_| guess(&server, "203.0.113.1", "victim", "wrong"));
        count += compared(&join_all(volley).await);
    }
    assert!((FROM_ONE..=allowed(FROM_ONE, began)).contains(&count), "{count}");
    guess(&server, "203.0.113.1", "victim", PASSWORD).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn from_many_addresses() {
    let server = Server::with(&LIMITED).await;
    server.account("victim").await;
    let began = Instant::now();
    let addresses: Vec<String> = (1..=12).map(|host| format!("203.0.113.{host}")).collect();
    let volley = addresses.iter().cycle().take(96).map(|address| guess(&server, address, "victim", "wrong"));
    let count = compared(&join_all(volley).await);
    assert!((FROM_ALL..=allowed(FROM_ALL, began)).contains(&count), "{count}");
    let other_case = guess(&server, "203.0.113.99", "VICTIM", PASSWORD).await;
    other_case.refused(429, "rate_limited");
}

/// Once the limit is reached, even the right password is refused.
#[tokio::test]
async fn with_the_right_password_after_the_limit() {
    let server = Server::with(&LIMITED).await;
    server.account("victim").await;
    for host in 1..=3 {
        for _ in 0..FROM_ONE {
            guess(&server, &format!("203.0.113.{host}"), "victim", "wrong").await.refused(401, "invalid_credentials");
        }
    }
    guess(&server, "203.0.113.200", "victim", PASSWORD).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn from_one_ipv6_network() {
    let server = Server::with(&LIMITED).await;
    let began = Instant::now();
    let volley =
        (0..40).map(async |host| guess(&server, &format!("2001:db8::{host:x}:0:0:1"), "victim", "wrong").await);
    let count = compared(&join_all(volley).await);
    assert!((FROM_ONE..=allowed(FROM_ONE, began)).contains(&count), "{count}");
}

#[tokio::test]
async fn at_two_nodes_that_share_redis() {
    let redis = std::env::var("QR_LOGIN_TEST_REDIS_URL").expect("run by scripts/with-engines.sh");
    let flags = [&LIMITED[..], &["--redis-url", &redis]].concat();
    let nodes = [Server::with(&flags).await, Server::with(&flags).await];
    let username = Uuid::new_v4().to_string();
    let began = Instant::now();
    let volley = (0..80).map(|number| {
        let address = format!("203.0.113.{}", 1 + number / 10);
        let (node, username) = (&nodes[number % 2], &username);
        async move { guess(node, &address, username, "wrong").await }
    });
    let count = compared(&join_all(volley).await);
    assert!((FROM_ALL..=allowed(FROM_ALL, began)).contains(&count), "{count}");
}

/// A right password is refunded, however often it is sent.
#[tokio::test]
async fn while_its_owner_signs_in_again_and_again() {
    let server = Server::with(&LIMITED).await;
    server.account("owner").await;
    for _ in 0..FROM_ONE + 5 {
        guess(&server, "203.0.113.1", "owner", PASSWORD).await.ok();
    }
}
