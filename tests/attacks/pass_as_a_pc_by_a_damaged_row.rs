//! A row of `sessions` with a kind that this version does not know (written by a later version, by hand, or corrupt)
//! used to be read as a PC's session, which needs no device. What cannot be parsed must be an error, not a guess.

use super::server::{PASSWORD, Server};
use domain::account::SessionKind;
use sqlx::{Connection, SqliteConnection};
use store::connect::Database;
use testkit::{Client, Pc, Phone};

#[tokio::test]
async fn a_session_of_an_unknown_kind_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("damaged.db").display());
    let server = Server::with(&["--database-url", &url]).await;
    let (phone, other) = (Phone::new(&server, "dong").await, Phone::new(&server, "guang").await);
    let id = phone.session_id().await;

    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA ignore_check_constraints = ON").execute(&mut connection).await.unwrap();
    let changed = sqlx::query("UPDATE sessions SET kind = 'tablet' WHERE id = $1").bind(&id).execute(&mut connection);
    assert_eq!(changed.await.unwrap().rows_affected(), 1);

    phone.user_info().await.refused(503, "unavailable");
    let pc = Pc::new(&server);
    let ticket = pc.ticket().await;
    phone.scan(&ticket).await.refused(503, "unavailable");
    let store = Database::open(&url).await.unwrap().sessions;
    let error = store.session(id.parse().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("kind"), "the log says why: {error}");
    // Other sessions are not affected.
    let account = other.user_info().await.ok();
    assert_eq!(account["session"]["kind"], SessionKind::Phone.as_str());
    let form = [("username", "guang"), ("password", PASSWORD)];
    Client::new(&server).post("/api/login", &form).await.ok();
}
