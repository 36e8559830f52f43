//! An attacker has filled the disk (with uploads to another program, or with logs), or another process holds the
//! database's lock. They want every application that verifies sessions to be down with it.

use super::server::Server;
use sqlx::{Connection, Executor, SqliteConnection};
use std::time::Duration;
use testkit::{Phone, signed_in_pc};

#[tokio::test]
async fn sessions_can_be_verified_while_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.db");
    let url = format!("sqlite://{}", file.display());
    let (server, clock) = Server::still(&["--database-url", &url]).await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    // From now on each use causes a write.
    clock.advance(Duration::from_secs(61));
    for _ in 0..8 {
        phone.user_info().await.ok();
        pc.0.get("/api/userinfo").await.ok();
    }
    other.execute("ROLLBACK").await.unwrap();
    clock.advance(Duration::from_secs(61));
    phone.user_info().await.ok();
    let sessions = phone.client.get("/api/sessions").await.ok();
    assert!(sessions.as_array().unwrap().iter().any(|session| session["last_seen_at"] != session["created_at"]));
}
