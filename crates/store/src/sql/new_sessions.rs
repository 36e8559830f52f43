//! Inserts into `sessions`.

use super::engine::Engine;
use super::loader::{Loader, Values};
use super::query::{Query, placeholders};
use domain::account::Session;
use domain::ids::{DeviceId, SessionId};
use domain::time::Timestamp;
use std::marker::PhantomData;
use std::slice::from_ref;
use uuid::Uuid;

/// Adds sessions that end no other session.
#[derive(Debug)]
pub(super) struct Insert<E>(PhantomData<E>);

impl<E: Engine> Loader for Insert<E> {
    type Engine = E;
    type Key = Session;
    type Value = ();
    const ACTION: &'static str = "keep a session";

    async fn load_all(sessions: &[Session], connection: &mut E::Connection) -> Result<Values<Self>, sqlx::Error> {
        match insert::<E>(sessions, connection).await {
            // The database rejects one of them, and with it the whole statement.
            Err(sqlx::Error::Database(_)) if sessions.len() > 1 => {
                let mut outcomes = Vec::with_capacity(sessions.len());
                for session in sessions {
                    outcomes.push(insert::<E>(from_ref(session), connection).await);
                }
                Ok(outcomes)
            }
            outcome => outcome.map(|()| sessions.iter().map(|_| Ok(())).collect()),
        }
    }
}

/// Inserts those sessions that do not exist yet.
pub(super) async fn insert<E: Engine>(sessions: &[Session], connection: &mut E::Connection) -> Result<(), sqlx::Error> {
    const COLUMNS: usize = 12;
    let rows: Vec<String> =
        (0..sessions.len()).map(|row| format!("({})", placeholders(1 + row * COLUMNS, COLUMNS))).collect();
    let mut query = Query::<E>::of(format!(
        "INSERT INTO sessions
             (id, account_id, kind, device_id, name, ip, created_at, last_seen_at, expires_at, revoked_at, began,
              device_secret)
         VALUES {} ON CONFLICT (id) DO NOTHING",
        rows.join(", ")
    ));
    // In id order, so that two nodes that insert overlapping batches cannot deadlock.
    let mut sessions: Vec<&Session> = sessions.iter().collect();
    sessions.sort_unstable_by_key(|session| Uuid::from(session.id));
    for session in sessions {
        query = query
            .bind(&session.id.to_string())
            .bind(&session.account.to_string())
            .bind(session.kind.as_str())
            .bind(session.device.as_ref().map(DeviceId::as_str))
            .bind(&session.name)
            .bind(&session.ip)
            .bind(session.created_at.as_millis())
            .bind(session.last_seen_at.as_millis())
            .bind(session.expires_at.map(Timestamp::as_millis))
            .bind(session.revoked_at.map(Timestamp::as_millis))
            .bind(session.began.as_str())
            .bind(session.device_secret.map(|hash| hash.to_hex()).as_deref());
    }
    query.execute(connection).await?;
    Ok(())
}

/// Adds a phone's session unless one with its id exists. The device's earlier sessions end, and are returned.
pub(super) async fn keep_phone<E: Engine>(
    session: &Session,
    device: &DeviceId,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    // Serialises concurrent sign-ins on one phone: PostgreSQL locks the row, SQLite the database.
    Query::<E>::new("UPDATE devices SET name = name WHERE account_id = $1 AND id = $2")
        .bind(&session.account.to_string())
        .bind(device.as_str())
        .execute(connection)
        .await?;
    let known = Query::<E>::new("SELECT 1 FROM sessions WHERE id = $1")
        .bind(&session.id.to_string())
        .fetch_optional(connection, |_| Ok(()))
        .await?;
    if known.is_some() {
        return Ok(Vec::new());
    }
    let ended = Query::<E>::new(
        "UPDATE sessions SET revoked_at = $3
         WHERE account_id = $1 AND device_id = $2 AND revoked_at IS NULL RETURNING id",
    )
    .bind(&session.account.to_string())
    .bind(device.as_str())
    .bind(session.created_at.as_millis())
    .fetch_all(connection, |row| row.parse("id"))
    .await?;
    insert::<E>(from_ref(session), connection).await?;
    Ok(ended)
}
