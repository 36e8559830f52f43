//! Queries on `devices` and `sessions`.

use super::accounts::{ACCOUNT_COLUMNS, find, read_account};
use super::ending::{end_others, end_surplus};
use super::engine::{Engine, Row};
use super::loader::{Loader, Values};
use super::new_sessions::{insert, keep_phone};
use super::query::Query;
use super::{Asked, Sql};
use crate::feed::Feed;
use crate::{MOST_LISTED, RevokeScope, SessionStore, StoreError};
use async_trait::async_trait;
use domain::account::{Account, Device, Session};
use domain::ids::{AccountId, Secret, SessionId};
use domain::time::Timestamp;
use std::marker::PhantomData;
use std::slice::from_ref;

const SESSION_COLUMNS: &str = "s.id AS session_id, s.account_id, s.kind, s.device_id, s.name, s.ip, s.created_at, \
                               s.last_seen_at, s.expires_at, s.revoked_at, s.began, s.stepped_up_at, s.device_secret, \
                               s.approvals_void_until";

fn read_session<E: Engine>(row: &Row<'_, E>) -> Result<Session, sqlx::Error> {
    Ok(Session {
        id: row.parse("session_id")?,
        account: row.parse("account_id")?,
        kind: row.parse("kind")?,
        device: row.parse_or_null("device_id")?,
        device_secret: row.parse_or_null("device_secret")?,
        began: row.parse("began")?,
        stepped_up_at: row.time_or_null("stepped_up_at")?,
        approvals_void_until: row.time_or_null("approvals_void_until")?,
        name: row.text("name")?.to_owned(),
        ip: row.text("ip")?.to_owned(),
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time_or_null("expires_at")?,
        revoked_at: row.time_or_null("revoked_at")?,
    })
}

/// Loads sessions with their accounts by the sessions' ids.
#[derive(Debug)]
pub(super) struct ById<E>(PhantomData<E>);

impl<E: Engine> Loader for ById<E> {
    type Engine = E;
    type Key = SessionId;
    type Value = Option<(Session, Account)>;
    const ACTION: &'static str = "read a session";

    async fn load_all(ids: &[SessionId], connection: &mut E::Connection) -> Result<Values<Self>, sqlx::Error> {
        let select = format!(
            "SELECT {ACCOUNT_COLUMNS}, {SESSION_COLUMNS} FROM sessions s JOIN accounts a ON a.id = s.account_id \
             WHERE s.id"
        );
        let read = |row: &Row<'_, E>| Ok((read_session(row)?, read_account(row)?));
        find::<E, _>(select, "session_id", ids, read, connection).await
    }
}

#[async_trait]
impl<E: Engine> SessionStore for Sql<E> {
    async fn put_device(&self, device: &Device, now: Timestamp) -> Result<(), StoreError> {
        let insert = Query::new(
            "INSERT INTO devices (account_id, id, name, kind, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, kind = excluded.kind",
        )
        .bind(&device.account.to_string())
        .bind(device.id.as_str())
        .bind(&device.name)
        .bind(&device.kind)
        .bind(now.as_millis());
        self.execute("keep a device", insert).await?;
        Ok(())
    }

    async fn put_session(&self, session: &Session) -> Result<Vec<SessionId>, StoreError> {
        let Some(device) = &session.device else {
            // A PC's session ends no other session.
            self.new_sessions.load(session.clone()).await?;
            return Ok(Vec::new());
        };
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let ended = keep_phone::<E>(session, device, &mut transaction).await?;
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
            // Serialises concurrent sign-ins, and also a new password or `user disable`, which lock the row as well.
            let accounts = Query::<E>::new(
                "UPDATE accounts SET username = username WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
            )
            .bind(&session.account.to_string())
            .bind(password_hash.reveal())
            .execute(&mut transaction)
            .await?;
            if accounts == 0 {
                return Ok(None);
            }
            let mut ended = match &session.device {
                Some(device) => keep_phone::<E>(session, device, &mut transaction).await?,
                None => insert::<E>(from_ref(session), &mut transaction).await.map(|()| Vec::new())?,
            };
            ended.extend(end_surplus::<E>(session, most, &mut transaction).await?);
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("keep a session").await
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        self.sessions.load(id).await
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
        let select = Query::of(sql).bind(&account.to_string()).bind(now.as_millis());
        self.fetch_all("list sessions", select, |row| read_session(&row)).await
    }

    async fn touch_session(&self, id: SessionId, ip: &str, now: Timestamp) -> Result<(), StoreError> {
        let update = Query::new("UPDATE sessions SET last_seen_at = $2, ip = $3 WHERE id = $1")
            .bind(&id.to_string())
            .bind(now.as_millis())
            .bind(ip);
        self.execute("note a session's use", update).await?;
        Ok(())
    }

    async fn step_up_session(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        let update = Query::new("UPDATE sessions SET stepped_up_at = $2 WHERE id = $1")
            .bind(&id.to_string())
            .bind(now.as_millis());
        self.execute("note that the password was given", update).await?;
        Ok(())
    }

    async fn revoke_sessions(
        &self,
        account: AccountId,
        scope: &RevokeScope,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        const ACTION: &str = "end sessions";
        let account = account.to_string();
        match scope {
            RevokeScope::One(id) => {
                let id = id.to_string();
                let update = Query::new(
                    "UPDATE sessions SET revoked_at = $2
                     WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND id = $3
                     RETURNING id",
                )
                .bind(&account)
                .bind(now.as_millis())
                .bind(&id);
                self.fetch_all(ACTION, update, |row| row.parse("id")).await
            }
            RevokeScope::Others(keep) => {
                let change = async {
                    let mut transaction = self.pool.begin().await?;
                    let ended = end_others::<E>(&account, &keep.to_string(), now, &mut transaction).await?;
                    transaction.commit().await?;
                    Ok(ended)
                };
                change.or_fail(ACTION).await
            }
        }
    }

    async fn follow(&self, ended: &Feed<SessionId, ()>) {
        E::follow(&self.pool, ended).await;
    }
}
