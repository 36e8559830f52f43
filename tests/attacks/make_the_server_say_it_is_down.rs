//! A stranger without an account sends text that PostgreSQL cannot store, in particular a NUL. A username with one used
//! to be a `503 unavailable`, with two ERROR lines in the log: an alarm on demand, and a response unlike that for any
//! other name. `tests/nodes/database.rs` sends the same to PostgreSQL itself.

use super::server::{PASSWORD, Server};
use testkit::{Client, Fields, Phone};

#[tokio::test]
async fn an_impossible_username_gets_the_same_response_as_an_unknown_one() {
    let server = Server::start().await;
    server.account("dong").await;
    let client = Client::new(&server);
    let unknown = client.post("/api/login", &[("username", "nobody"), ("password", PASSWORD)]).await;
    let longest = "x".repeat(65);
    for username in ["a\0b", "\0", "dong\0", "dong\u{1b}[2J", "a\nb", "\u{85}a", longest.as_str()] {
        for password in [PASSWORD, "\0", "a\0b"] {
            let answer = client.post("/api/login", &[("username", username), ("password", password)]).await;
            answer.refused(401, "invalid_credentials");
            assert_eq!(answer.body, unknown.body, "{username:?}");
        }
    }
}

#[tokio::test]
async fn control_characters_reach_no_row_and_no_page() {
    let server = Server::start().await;
    server.account("dong").await;
    let form: Fields<'_> = &[
        ("username", "dong"),
        ("password", PASSWORD),
        ("device_name", "my\0 \u{1b}[31mphone\r\n"),
        ("device_kind", "pho\0ne\n"),
    ];
    let answer = Client::new(&server).post("/api/login", form).await.ok();
    let text = |field: &str| answer[field].as_str().unwrap();
    let phone = Phone::holding(&server, text("token"), text("device_id"));
    let sessions = phone.client.get("/api/sessions").await.ok();
    assert_eq!(sessions[0]["name"], "my [31mphone");
    assert_eq!(sessions[0]["kind"], "phone");
    for device in ["a\0b", "\0", "a\nb"] {
        let form = [("username", "dong"), ("password", PASSWORD), ("device_id", device)];
        Client::new(&server).post("/api/login", &form).await.refused(400, "invalid_request");
    }
    for id in ["\0", "00000000-0000-4000-8000-00000000000\0"] {
        phone.client.post("/api/sessions/revoke", &[("session_id", id)]).await.refused(400, "invalid_id");
        phone.scan(id).await.refused(400, "invalid_id");
    }
}
