//! An attacker wants more guesses at one account than its limit allows, and spells its name in many ways, so that each
//! counts as another name and all are looked up as the same one.

use super::server::{PASSWORD, Server};
use testkit::Client;

const LIMITED: [&str; 4] = ["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"];

async fn sign_in(server: &Server, address: &str, username: &str, password: &str) -> u16 {
    let client = Client::new(server).always("x-forwarded-for", address);
    client.post("/api/login", &[("username", username), ("password", password)]).await.status.as_u16()
}

/// Spellings that were, or might be, taken for the name itself.
fn spellings(name: &str) -> Vec<String> {
    let blanks = " \t\u{a0}\u{3000}\u{2003}".repeat(60);
    vec![
        format!("{name}{blanks}x"),
        format!("{name}{}x", " ".repeat(256 - name.len())),
        format!("{name}{}x", "\u{3000}".repeat(300)),
        format!(" {name}\u{3000}"),
        format!("{name}\u{85}"),
        name.to_uppercase(),
        format!("{name}\u{0}"),
        format!("{blanks}{name}"),
    ]
}

#[tokio::test]
async fn by_padding_the_name() {
    let server = Server::with(&LIMITED).await;
    server.account("victim").await;
    for host in 1..=3 {
        for _ in 0..10 {
            assert_eq!(sign_in(&server, &format!("203.0.113.{host}"), "victim", "wrong").await, 401);
        }
    }
    assert_eq!(sign_in(&server, "203.0.113.9", "victim", PASSWORD).await, 429);
    for spelling in spellings("victim") {
        let status = sign_in(&server, "203.0.113.9", &spelling, PASSWORD).await;
        assert!(matches!(status, 401 | 429), "{spelling:?}: {status}");
    }
}

/// The limits must not reveal either which names exist: one that does counts like one that does not.
#[tokio::test]
async fn by_learning_which_names_exist() {
    let server = Server::with(&LIMITED).await;
    server.account("victim").await;
    for (name, address) in [("victim", "203.0.113.1"), ("nobody", "203.0.113.2")] {
        for _ in 0..10 {
            assert_eq!(sign_in(&server, address, name, "wrong").await, 401);
        }
        for spelling in [name.to_uppercase(), format!("  {name} "), name.to_owned()] {
            assert_eq!(sign_in(&server, address, &spelling, "wrong").await, 429, "{spelling}");
        }
    }
}
