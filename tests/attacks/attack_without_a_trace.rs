//! An attacker wants to stay unnoticed: no log line with the account, the address and the outcome.

use super::server::{PASSWORD, Server};
use std::io::Write;
use std::sync::{Arc, Mutex};
use testkit::{Answer, Client, Pc, Phone};
use tracing_subscriber::fmt::MakeWriter;

/// Captures the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Checks for a line with that event and outcome, which must contain the address, and the account if there is one.
    #[track_caller]
    fn has(&self, event: &str, outcome: &str, account: &str) {
        let text = self.text();
        let parts = [
            format!("event=\"{event}\""),
            format!("outcome=\"{outcome}\""),
            "address=127.0.0.1".to_owned(),
            format!("account={account}"),
        ];
        let found = text.lines().any(|line| line.contains(" audit ") && parts.iter().all(|part| line.contains(part)));
        assert!(found, "no line for {event} {outcome} {account} in\n{text}");
    }
}

/// Captures only this thread's log; the server of a test runs on the test's own thread.
fn listen() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone()).with_ansi(false).with_target(false).finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

async fn sign_in(server: &Server, username: &str, password: &str) -> Answer {
    Client::new(server).post("/api/login", &[("username", username), ("password", password)]).await
}

#[tokio::test]
async fn each_step_is_logged_whether_accepted_or_refused() {
    let (lines, _guard) = listen();
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let account = phone.user_info().await.ok()["id"].as_str().unwrap().to_owned();
    sign_in(&server, "owner", "wrong-guess").await.refused(401, "invalid_credentials");
    sign_in(&server, "no-such-name", "wrong-guess").await.refused(401, "invalid_credentials");
    let (pc, thief) = (Pc::new(&server), Pc::new(&server));
    let (id, declined) = (pc.ticket().await, pc.ticket().await);
    let token = phone.token_for(&declined).await;
    phone.cancel(&declined, &token).await.ok();
    let token = phone.token_for(&id).await;
    phone.confirm(&id, "wrong-token").await.refused(403, "invalid_confirm_token");
    phone.confirm(&id, &token).await.ok();
    thief.redeem(&id).await.refused(403, "wrong_browser");
    pc.redeem(&id).await.ok();
    pc.0.post("/api/sessions/revoke-others", &[]).await.refused(403, "step_up_required");
    pc.0.post("/api/step-up", &[("password", "wrong-guess")]).await.refused(401, "invalid_credentials");
    pc.0.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
    pc.0.post("/api/sessions/revoke-others", &[]).await.ok();
    pc.0.post("/api/logout", &[]).await.ok();
    let own = Phone::new(&server, "owner").await;
    own.client.post("/api/settings/profile", &[("display_name", "typed-name")]).await.ok();
    own.client.post("/api/settings/picture/remove", &[]).await.ok();
    own.client.upload("/api/settings/picture", &[], b"typed-file").await.refused(415, "picture_format");
    for (old, new) in [("wrong-guess", "typed-password"), (PASSWORD, "short"), (PASSWORD, "typed-password")] {
        own.client.post("/api/settings/password", &[("password", old), ("new_password", new)]).await;
    }
    let delete = async |username, password| {
        own.client.post("/api/settings/delete", &[("username", username), ("password", password)]).await
    };
    delete("typed-name", PASSWORD).await.refused(400, "wrong_username");
    delete("owner", "typed-password").await.ok();

    for event in ["picture", "password", "delete"] {
        lines.has(event, "refused", &account);
    }
    for event in ["profile", "picture", "password", "delete"] {
        lines.has(event, "accepted", &account);
    }
    lines.has("sign_in", "accepted", &account);
    lines.has("sign_in", "refused", &account);
    lines.has("sign_in", "refused", "-");
    for event in ["scan", "confirm", "cancel", "redeem", "step_up", "revoke", "sign_out"] {
        lines.has(event, "accepted", &account);
    }
    lines.has("confirm", "refused", &account);
    lines.has("redeem", "refused", "-");
    lines.has("revoke", "refused", &account);
    lines.has("step_up", "refused", &account);
    let text = lines.text();
    for typed in ["wrong-guess", "no-such-name", "wrong-token", "typed-", PASSWORD, &token, &phone.token, &phone.device]
    {
        assert!(!text.contains(typed), "{typed} is in the log:\n{text}");
    }
}

#[tokio::test]
async fn a_request_refused_before_it_is_attempted_is_logged() {
    let (lines, _guard) = listen();
    let server = Server::with(&["--rate-limit", "on"]).await;
    let id = Pc::new(&server).ticket().await;
    let stranger = Client::new(&server);
    stranger.post("/api/qrcode/scan", &[("id", &id)]).await.refused(401, "unauthenticated");
    let decision = [("id", id.as_str()), ("confirm_token", "x")];
    stranger.post("/api/qrcode/confirm", &decision).await.refused(401, "unauthenticated");
    stranger.post("/api/qrcode/cancel", &decision).await.refused(401, "unauthenticated");
    for event in ["scan", "confirm", "cancel"] {
        lines.has(event, "refused", "-");
    }
    // This address has as many sign-ins in progress as it may have.
    let address = Some([127, 0, 0, 1].into());
    let mut turns = Vec::new();
    while let Ok(turn) = server.app.passwords.turn(address) {
        turns.push(turn);
    }
    sign_in(&server, "owner", "wrong").await.refused(429, "rate_limited");
    lines.has("sign_in", "refused", "-");
}

/// A flood of refusals must not fill the disk, nor make the journal drop other lines.
#[tokio::test]
async fn a_flood_of_refusals_does_not_flood_the_log() {
    let (lines, _guard) = listen();
    let server = Server::with(&["--rate-limit", "on"]).await;
    let id = Pc::new(&server).ticket().await;
    let stranger = Client::new(&server);
    for _ in 0..500 {
        stranger.post("/api/qrcode/scan", &[("id", &id)]).await.refused(401, "unauthenticated");
    }
    let count = || lines.text().lines().filter(|line| line.contains("event=\"scan\"")).count();
    assert!((60..250).contains(&count()), "{}", count());
    let metrics = server.app.metrics.text().unwrap();
    let left_out: usize = metrics
        .lines()
        .find_map(|line| line.strip_prefix("qr_login_audit_lines_left_out_total "))
        .map(|count| count.parse().unwrap())
        .unwrap();
    assert_eq!(count() + left_out, 500);
    // Other events of the same address are still logged, and the next line has the number of suppressed lines.
    sign_in(&server, "owner", "wrong").await.refused(401, "invalid_credentials");
    lines.has("sign_in", "refused", "-");
    assert!(lines.text().contains(" left_out="), "{}", lines.text());
}

#[tokio::test]
async fn a_refusal_by_a_rate_limit_is_logged() {
    let (lines, _guard) = listen();
    let server = Server::with(&["--rate-limit", "on"]).await;
    while sign_in(&server, "victim", "wrong").await.status == 401 {}
    lines.has("sign_in", "refused", "-");
    assert!(lines.text().contains("reason=\"rate_limited\""), "{}", lines.text());
}
