//! Rows of `accounts`. Compiled once for each SQL engine, which names itself `Engine` and its rows `EngineRow`.

use super::ending::end_all;
use super::{Engine, EngineRow, LOCK_ACCOUNT};
use crate::server::store::sql::Asked;
use crate::server::store::sql::batch::{Answers, Bulk};
use crate::server::store::{AccountStore, Credentials, StoreError};
use async_trait::async_trait;
use domain::account::Account;
use domain::ids::{AccountId, Secret, SessionId};
use domain::time::Timestamp;
use sqlx::{AssertSqlSafe, Database, QueryBuilder, Row, query};
use std::collections::HashMap;
use std::fmt;

/// The columns that [`read_account`] takes, of a table or alias `a`.
pub(super) const ACCOUNT_COLUMNS: &str = "a.id, a.username, a.display_name, a.avatar_url, a.disabled_at";

pub(super) fn read_account(row: &EngineRow) -> Result<Account, sqlx::Error> {
    let id: &str = row.try_get(0)?;
    Ok(Account {
        id: id.parse::<AccountId>().map_err(|error| sqlx::Error::Decode(error.into()))?,
        username: row.try_get(1)?,
        display_name: row.try_get(2)?,
        avatar_url: row.try_get(3)?,
        disabled: row.try_get::<Option<i64>, _>(4)?.is_some(),
    })
}

/// Reads accounts by their ids.
#[derive(Debug)]
pub(super) struct ById;

impl Bulk for ById {
    type Engine = <EngineRow as Row>::Database;
    type Question = AccountId;
    type Answer = Option<Account>;
    const ACTION: &'static str = "read an account";

    async fn run(
        ids: &[AccountId],
        connection: &mut <Self::Engine as Database>::Connection,
    ) -> Result<Answers<Self>, sqlx::Error> {
        let select = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.id");
        find(select, "id", ids, read_account, connection).await
    }
}

/// To each id the row that has it in the column `key`. `select` ends where the list of ids belongs.
pub(super) async fn find<T>(
    select: String,
    key: &str,
    ids: &[impl fmt::Display],
    read: impl Fn(&EngineRow) -> Result<T, sqlx::Error>,
    connection: &mut <<EngineRow as Row>::Database as Database>::Connection,
) -> Result<Vec<Result<Option<T>, sqlx::Error>>, sqlx::Error> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut query = QueryBuilder::new(select);
    query.push(" IN (");
    let mut list = query.separated(", ");
    for id in &ids {
        list.push_bind(id.clone());
    }
    query.push(")");
    let rows = query.build().fetch_all(connection).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        found.insert(row.try_get::<&str, _>(key)?, row);
    }
    Ok(ids.iter().map(|id| found.get(id.as_str()).map(|row| read(row)).transpose()).collect())
}

/// The id of the account of that name, and whether it is disabled. Until the transaction ends no session of it begins.
async fn lock(
    username: &str,
    connection: &mut <<EngineRow as Row>::Database as Database>::Connection,
) -> Result<Option<(String, bool)>, sqlx::Error> {
    query(LOCK_ACCOUNT)
        .bind(username)
        .try_map(|row: EngineRow| Ok((row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?.is_some())))
        .fetch_optional(connection)
        .await
}

#[async_trait]
impl AccountStore for Engine {
    async fn add_account(&self, account: &Account, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        query(
            "INSERT INTO accounts (id, username, display_name, avatar_url, password_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(account.id.to_string())
        .bind(&account.username)
        .bind(&account.display_name)
        .bind(&account.avatar_url)
        .bind(password_hash)
        .bind(now.as_millis())
        .execute(&self.pool)
        .or_fail("add an account")
        .await?;
        Ok(())
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, StoreError> {
        let sql = format!("SELECT {ACCOUNT_COLUMNS}, a.password_hash FROM accounts a WHERE a.username = $1");
        query(AssertSqlSafe(sql))
            .bind(username)
            .try_map(|row: EngineRow| {
                Ok(Credentials { account: read_account(&row)?, password_hash: Secret::new(row.try_get(5)?) })
            })
            .fetch_optional(&self.pool)
            .or_fail("read an account")
            .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.accounts.ask(id).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a ORDER BY a.username");
        query(AssertSqlSafe(sql))
            .try_map(|row: EngineRow| read_account(&row))
            .fetch_all(&self.pool)
            .or_fail("list the accounts")
            .await
    }

    async fn set_disabled(
        &self,
        username: &str,
        disabled: bool,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, was_disabled)) = lock(username, &mut transaction).await? else { return Ok(None) };
            if !disabled && !was_disabled {
                return Ok(Some(Vec::new()));
            }
            query("UPDATE accounts SET disabled_at = $2 WHERE id = $1")
                .bind(&id)
                .bind(disabled.then_some(now.as_millis()))
                .execute(&mut *transaction)
                .await?;
            // When it is enabled, too: an account that an earlier version disabled has kept its sessions.
            let ended = end_all(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("disable or enable an account").await
    }

    async fn set_password(
        &self,
        username: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, _)) = lock(username, &mut transaction).await? else { return Ok(None) };
            query("UPDATE accounts SET password_hash = $2 WHERE id = $1")
                .bind(&id)
                .bind(password_hash)
                .execute(&mut *transaction)
                .await?;
            let ended = end_all(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("change a password").await
    }

    async fn sign_out(&self, username: &str, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, _)) = lock(username, &mut transaction).await? else { return Ok(None) };
            let ended = end_all(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("end an account's sessions").await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        query("SELECT 1").execute(&self.pool).or_fail("reach the database").await?;
        Ok(())
    }
}
