//! Rows of `devices` and `sessions`. Compiled once for each SQL engine, which names itself `Engine` and its rows
//! `EngineRow`.

use super::accounts::{ACCOUNT_COLUMNS, find, read_account};
use super::ending::end_surplus;
use super::{Engine, EngineRow};
use crate::server::feed::Feed;
use crate::server::store::sql::Asked;
use crate::server::store::sql::batch::{Answers, Bulk};
use crate::server::store::{MOST_LISTED, RevokeScope, SessionStore, StoreError};
use async_trait::async_trait;
use domain::account::{Account, Device, Session};
use domain::ids::{AccountId, DeviceId, Secret, SessionId};
use domain::time::Timestamp;
use sqlx::{AssertSqlSafe, Database, QueryBuilder, Row, query};
use std::slice::from_ref;
use std::str::FromStr;
use uuid::Uuid;

const SESSION_COLUMNS: &str = "s.id AS session_id, s.account_id, s.kind, s.device_id, s.name, s.ip, s.created_at, \
                               s.last_seen_at, s.expires_at, s.revoked_at, s.began, s.stepped_up_at, s.device_secret";

pub(super) fn parse<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|error: T::Err| sqlx::Error::Decode(error.into()))
}

fn read_session(row: &EngineRow) -> Result<Session, sqlx::Error> {
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Timestamp::from_millis));
    Ok(Session {
        id: parse(row.try_get("session_id")?)?,
        account: parse(row.try_get("account_id")?)?,
        kind: parse(row.try_get("kind")?)?,
        device: row.try_get::<Option<&str>, _>("device_id")?.map(parse).transpose()?,
        device_secret: row.try_get::<Option<&str>, _>("device_secret")?.map(parse).transpose()?,
        began: parse(row.try_get("began")?)?,
        stepped_up_at: time("stepped_up_at")?,
        name: row.try_get("name")?,
        ip: row.try_get("ip")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        last_seen_at: Timestamp::from_millis(row.try_get("last_seen_at")?),
        expires_at: time("expires_at")?,
        revoked_at: time("revoked_at")?,
    })
}

/// Reads sessions with their accounts by the sessions' ids.
#[derive(Debug)]
pub(super) struct ById;

impl Bulk for ById {
    type Engine = <EngineRow as Row>::Database;
    type Question = SessionId;
    type Answer = Option<(Session, Account)>;
    const ACTION: &'static str = "read a session";

    async fn run(
        ids: &[SessionId],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> Result<Answers<Self>, sqlx::Error> {
        let select = format!(
            "SELECT {ACCOUNT_COLUMNS}, {SESSION_COLUMNS} FROM sessions s JOIN accounts a ON a.id = s.account_id \
             WHERE s.id"
        );
        let read = |row: &EngineRow| Ok((read_session(row)?, read_account(row)?));
        find(select, "session_id", ids, read, connection).await
    }
}

/// Adds sessions that end no other.
#[derive(Debug)]
pub(super) struct Insert;

impl Bulk for Insert {
    type Engine = <EngineRow as Row>::Database;
    type Question = Session;
    type Answer = ();
    const ACTION: &'static str = "keep a session";

    async fn run(
        sessions: &[Session],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> Result<Answers<Self>, sqlx::Error> {
        match insert(sessions, connection).await {
            // One of them is refused, and with it the whole statement.
            Err(sqlx::Error::Database(_)) if sessions.len() > 1 => {
                let mut outcomes = Vec::with_capacity(sessions.len());
                for session in sessions {
                    outcomes.push(insert(from_ref(session), connection).await);
                }
                Ok(outcomes)
            }
            outcome => outcome.map(|()| sessions.iter().map(|_| Ok(())).collect()),
        }
    }
}

/// Adds a row for each session of which there is none.
async fn insert(
    sessions: &[Session],
    connection: &mut <<EngineRow as Row>::Database as Database>::Connection,
) -> Result<(), sqlx::Error> {
    let mut query = QueryBuilder::<<EngineRow as Row>::Database>::new(
        "INSERT INTO sessions
             (id, account_id, kind, device_id, name, ip, created_at, last_seen_at, expires_at, revoked_at, began,
              device_secret) ",
    );
    // In id order, so that two nodes that insert overlapping batches cannot deadlock.
    let mut sessions: Vec<&Session> = sessions.iter().collect();
    sessions.sort_unstable_by_key(|session| Uuid::from(session.id));
    query.push_values(sessions, |mut row, session| {
        row.push_bind(session.id.to_string())
            .push_bind(session.account.to_string())
            .push_bind(session.kind.as_str())
            .push_bind(session.device.as_ref().map(DeviceId::to_string))
            .push_bind(session.name.clone())
            .push_bind(session.ip.clone())
            .push_bind(session.created_at.as_millis())
            .push_bind(session.last_seen_at.as_millis())
            .push_bind(session.expires_at.map(Timestamp::as_millis))
            .push_bind(session.revoked_at.map(Timestamp::as_millis))
            .push_bind(session.began.as_str())
            .push_bind(session.device_secret.map(|hash| hash.to_hex()));
    });
    query.push(" ON CONFLICT (id) DO NOTHING");
    query.build().execute(connection).await?;
    Ok(())
}

/// Adds a phone's session unless one of its id is there. The device's earlier sessions end, and are returned.
async fn keep_phone(
    session: &Session,
    device: &DeviceId,
    connection: &mut <<EngineRow as Row>::Database as Database>::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    // Of several sign-ins on one phone each waits here for the one before: PostgreSQL locks the row, SQLite all.
    query("UPDATE devices SET name = name WHERE account_id = $1 AND id = $2")
        .bind(session.account.to_string())
        .bind(device.as_str())
        .execute(&mut *connection)
        .await?;
    let known = query("SELECT 1 FROM sessions WHERE id = $1")
        .bind(session.id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_some() {
        return Ok(Vec::new());
    }
    let ended = query(
        "UPDATE sessions SET revoked_at = $3
         WHERE account_id = $1 AND device_id = $2 AND revoked_at IS NULL RETURNING id",
    )
    .bind(session.account.to_string())
    .bind(device.as_str())
    .bind(session.created_at.as_millis())
    .try_map(|row: EngineRow| parse(row.try_get(0)?))
    .fetch_all(&mut *connection)
    .await?;
    insert(from_ref(session), connection).await?;
    Ok(ended)
}

#[async_trait]
impl SessionStore for Engine {
    async fn put_device(&self, device: &Device, now: Timestamp) -> Result<(), StoreError> {
        query(
            "INSERT INTO devices (account_id, id, name, kind, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, kind = excluded.kind",
        )
        .bind(device.account.to_string())
        .bind(device.id.as_str())
        .bind(&device.name)
        .bind(&device.kind)
        .bind(now.as_millis())
        .execute(&self.pool)
        .or_fail("keep a device")
        .await?;
        Ok(())
    }

    async fn put_session(&self, session: &Session) -> Result<Vec<SessionId>, StoreError> {
        let Some(device) = &session.device else {
            // A PC's session ends no other.
            self.new_sessions.ask(session.clone()).await?;
            return Ok(Vec::new());
        };
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let ended = keep_phone(session, device, &mut transaction).await?;
            transaction.commit().await?;
            Ok(ended)
        };
        change.or_fail("keep a session").await
    }

    async fn put_session_by_password(
        &self,
        session: &Session,
        password_hash: &Secret,
        most: u32,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            // Several sign-ins wait for each other, and for a new password or `user disable`, which lock the row, too.
            let account = query(
                "UPDATE accounts SET username = username WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
            )
            .bind(session.account.to_string())
            .bind(password_hash.reveal())
            .execute(&mut *transaction)
            .await?;
            if account.rows_affected() == 0 {
                return Ok(None);
            }
            let mut ended = match &session.device {
                Some(device) => keep_phone(session, device, &mut transaction).await?,
                None => insert(from_ref(session), &mut transaction).await.map(|()| Vec::new())?,
            };
            ended.extend(end_surplus(session, most, &mut transaction).await?);
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("keep a session").await
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        self.sessions.ask(id).await
    }

    async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} FROM (
                 SELECT * FROM sessions
                 WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                 ORDER BY kind DESC, last_seen_at DESC LIMIT {}) s
             ORDER BY s.last_seen_at DESC, s.created_at DESC, s.id",
            2 * MOST_LISTED
        );
        query(AssertSqlSafe(sql))
            .bind(account.to_string())
            .bind(now.as_millis())
            .try_map(|row: EngineRow| read_session(&row))
            .fetch_all(&self.pool)
            .or_fail("list sessions")
            .await
    }

    async fn touch_session(&self, id: SessionId, ip: &str, now: Timestamp) -> Result<(), StoreError> {
        query("UPDATE sessions SET last_seen_at = $2, ip = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(now.as_millis())
            .bind(ip)
            .execute(&self.pool)
            .or_fail("note a session's use")
            .await?;
        Ok(())
    }

    async fn step_up_session(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        query("UPDATE sessions SET stepped_up_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(now.as_millis())
            .execute(&self.pool)
            .or_fail("note that the password was given")
            .await?;
        Ok(())
    }

    async fn revoke_sessions(
        &self,
        account: AccountId,
        scope: &RevokeScope,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let (condition, value) = match scope {
            RevokeScope::One(id) => ("id = $3", id.to_string()),
            RevokeScope::Others(id) => ("id <> $3", id.to_string()),
        };
        let sql = format!(
            "UPDATE sessions SET revoked_at = $2
             WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND {condition}
             RETURNING id"
        );
        query(AssertSqlSafe(sql))
            .bind(account.to_string())
            .bind(now.as_millis())
            .bind(value)
            .try_map(|row: EngineRow| parse(row.try_get(0)?))
            .fetch_all(&self.pool)
            .or_fail("end sessions")
            .await
    }

    async fn follow(&self, ended: &Feed<SessionId, ()>) {
        self.listen(ended).await;
    }
}
