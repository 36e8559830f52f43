//! An attacker without an account wants the server to run out of memory. They request password sign-ins and disconnect
//! once the hash has started, which takes 19 MiB each. Or they fill the queue, so that other sign-ins never complete.

use super::flood::{log_in, phone, send};
use super::program::Program;
use super::server::{PASSWORD, Server, within};
use futures::future::join_all;
use testkit::{Client, encode};

const HASHES: &str = "qr_login_password_hashes_total";
/// Number of clients that disconnect.
const CLIENTS: u32 = 2_000;
/// Number of concurrent connections.
const VOLLEY: u32 = 50;
/// Memory that all of them together may use.
const MOST: u64 = 128 * 1024 * 1024;

/// Builds a sign-in request that appears to come from a separate address.
fn sign_in(number: u32) -> Vec<u8> {
    let form = encode(&[("username", &format!("name-{number}")), ("password", "wrong")]);
    let length = form.len();
    let [_, a, b, c] = number.to_be_bytes();
    format!(
        "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.{a}.{b}.{c}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .into_bytes()
}

#[tokio::test]
async fn cancelled_sign_ins_do_not_exceed_the_memory_bound() {
    let program = Program::start(&["--trusted-proxies", "127.0.0.1", "--log", "warn"]);
    let phone = phone(&program.origin(), "dong", "111").await;
    log_in(program.address, &phone).await;
    program.forget_peak();
    let idle = program.memory("VmRSS");
    let flooding = async {
        for volley in 0..CLIENTS / VOLLEY {
            let begun = program.metric(HASHES).await;
            let requests: Vec<_> = (0..VOLLEY).map(|number| sign_in(volley * VOLLEY + number)).collect();
            let clients = join_all(requests.iter().map(|request| send(program.address, request))).await;
            program.until_metric(HASHES, |now| now > begun).await;
            drop(clients);
        }
    };
    let signing_in = async {
        for _ in 0..3 {
            log_in(program.address, &phone).await;
        }
    };
    tokio::join!(flooding, signing_in);
    let grown = program.memory("VmHWM").saturating_sub(idle);
    assert!(grown <= MOST, "{CLIENTS} clients cost {} MiB", grown >> 20);
    let hashes = program.metric(HASHES).await;
    assert!(hashes < u64::from(CLIENTS) / 2, "cancelled requests are not hashed: {hashes}");
}

#[tokio::test]
async fn one_address_does_not_fill_the_queue() {
    let server = Server::with(&["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"]).await;
    server.account("dong").await;
    let from = |address: &str| Client::connecting_anew(&server.origin()).always("x-forwarded-for", address);
    let attacker = from("203.0.113.7");
    let names: Vec<_> = (0..60).map(|number| format!("name-{number}")).collect();
    let flood = names.iter().map(|name| async {
        let fields = [("username", name.as_str()), ("password", "wrong")];
        attacker.post("/api/login", &fields).await
    });
    let right = [("username", "dong"), ("password", PASSWORD)];
    let neighbour = from("203.0.113.8");
    let (answers, signed_in) =
        within(async { tokio::join!(join_all(flood), neighbour.post("/api/login", &right)) }).await;
    signed_in.ok();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 401).collect();
    assert!(!refused.is_empty(), "sixty at once are more than its share");
    for answer in refused {
        answer.refused(429, "rate_limited");
        assert_eq!(answer.header("retry-after"), "2");
    }
}
