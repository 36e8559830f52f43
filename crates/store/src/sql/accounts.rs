//! Queries on `accounts` and `pictures`.

use super::changes;
use super::ending::{end_all, end_all_but};
use super::engine::{Engine, Row};
use super::loader::{Loader, Values};
use super::query::{Query, placeholders};
use super::{Asked, Sql, failed};
use crate::{AccountStore, ChangeError, Credentials, StoreError, Whose};
use async_trait::async_trait;
use domain::account::{Account, AccountChange, PictureId};
use domain::ids::{AccountId, Secret, SessionId};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// The columns that [`read_account`] reads, of a table or alias `a`.
pub(super) const ACCOUNT_COLUMNS: &str = "a.id, a.username, a.display_name, a.avatar_url, a.disabled_at, a.email, \
                                            a.email_verified, a.group_names";

pub(super) fn read_account<E: Engine>(row: &Row<'_, E>) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: row.parse("id")?,
        username: row.text("username")?.to_owned(),
        display_name: row.text("display_name")?.to_owned(),
        email: row.text_or_null("email")?.map(str::to_owned),
        email_verified: row.number("email_verified")? != 0,
        groups: decode_groups(row.text("group_names")?)?,
        avatar_url: row.text_or_null("avatar_url")?.map(str::to_owned),
        disabled: row.number_or_null("disabled_at")?.is_some(),
    })
}

fn decode_groups(json: &str) -> Result<Vec<String>, sqlx::Error> {
    if json == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn encode_groups(groups: &[String]) -> Result<String, sqlx::Error> {
    serde_json::to_string(groups).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Loads accounts by their ids.
#[derive(Debug)]
pub(super) struct ById<E>(PhantomData<E>);

impl<E: Engine> Loader for ById<E> {
    type Engine = E;
    type Key = AccountId;
    type Value = Option<Account>;
    const ACTION: &'static str = "read an account";

    async fn load_all(ids: &[AccountId], connection: &mut E::Connection) -> Result<Values<Self>, sqlx::Error> {
        let select = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.id");
        find::<E, _>(select, "id", ids, read_account, connection).await
    }
}

/// Returns for each id the row whose column `key` has it. `select` ends where the list of ids belongs.
pub(super) async fn find<E: Engine, T: Send>(
    select: String,
    key: &str,
    ids: &[impl fmt::Display],
    read: impl Fn(&Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    connection: &mut E::Connection,
) -> Result<Vec<Result<Option<T>, sqlx::Error>>, sqlx::Error> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut query = Query::<E>::of(format!("{select} IN ({})", placeholders(1, ids.len())));
    for id in &ids {
        query = query.bind(id);
    }
    let rows = query.rows(connection).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        found.insert(Row::<E>(row).text(key)?, Row::<E>(row));
    }
    Ok(ids.iter().map(|id| found.get(id.as_str()).map(&read).transpose()).collect())
}

/// Returns the id of the account, and whether it is disabled. No session of it can begin until the
/// transaction ends.
async fn lock<E: Engine>(
    whose: Whose<'_>,
    connection: &mut E::Connection,
) -> Result<Option<(String, bool)>, sqlx::Error> {
    let select = match whose {
        Whose::Name(username) => Query::<E>::new(E::LOCK_ACCOUNT).bind(username),
        Whose::Id(id) => Query::new(E::LOCK_ACCOUNT_BY_ID).bind(&id.to_string()),
    };
    select
        .fetch_optional(connection, |row| {
            Ok((row.text("id")?.to_owned(), row.number_or_null("disabled_at")?.is_some()))
        })
        .await
}

/// Returns the statement that adds an account.
pub(super) fn insert_account<E: Engine>(
    account: &Account,
    password_hash: &str,
    now: Timestamp,
) -> Result<Query<E>, sqlx::Error> {
    let groups = encode_groups(&account.groups)?;
    let insert = Query::new(
        "INSERT INTO accounts
             (id, username, display_name, avatar_url, password_hash, created_at, email, email_verified, group_names)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    Ok(insert
        .bind(&account.id.to_string())
        .bind(&account.username)
        .bind(&account.display_name)
        .bind(account.avatar_url.as_deref())
        .bind(password_hash)
        .bind(now.as_millis())
        .bind(account.email.as_deref())
        .bind(i64::from(account.email_verified))
        .bind(&groups))
}

#[async_trait]
impl<E: Engine> AccountStore for Sql<E> {
    async fn add_account(&self, account: &Account, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        let insert = insert_account(account, password_hash, now).map_err(failed("add an account"))?;
        self.execute("add an account", insert).await?;
        Ok(())
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, StoreError> {
        let sql = format!("SELECT {ACCOUNT_COLUMNS}, a.password_hash FROM accounts a WHERE a.username = $1");
        let select = Query::of(sql).bind(username);
        self.fetch_optional("read an account", select, |row| {
            let password_hash = Secret::new(row.text("password_hash")?.to_owned());
            Ok(Credentials { account: read_account(&row)?, password_hash })
        })
        .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.accounts.load(id).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let select = Query::of(format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a ORDER BY a.username"));
        self.fetch_all("list the accounts", select, |row| read_account(&row)).await
    }

    async fn picture(&self, id: PictureId) -> Result<Option<Vec<u8>>, StoreError> {
        let select = Query::new("SELECT bytes FROM pictures WHERE name = $1 LIMIT 1").bind(&id.to_string());
        self.fetch_optional("read a picture", select, |row| Ok(row.bytes("bytes")?.to_vec())).await
    }

    async fn change_account(&self, whose: Whose<'_>, change: &AccountChange) -> Result<Option<Account>, ChangeError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, _)) = lock::<E>(whose, &mut transaction).await? else { return Ok(None) };
            let changed = changes::change::<E>(&id, change, &mut transaction).await?;
            if changed.is_ok() {
                transaction.commit().await?;
            }
            Ok(Some(changed))
        };
        Ok(change.or_fail("change an account").await?.transpose()?)
    }

    async fn delete_account(&self, whose: Whose<'_>, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, _)) = lock::<E>(whose, &mut transaction).await? else { return Ok(None) };
            let ended = changes::delete::<E>(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("delete an account").await
    }

    async fn set_disabled(
        &self,
        username: &str,
        disabled: bool,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, was_disabled)) = lock::<E>(username.into(), &mut transaction).await? else { return Ok(None) };
            if !disabled && !was_disabled {
                return Ok(Some(Vec::new()));
            }
            Query::<E>::new("UPDATE accounts SET disabled_at = $2 WHERE id = $1")
                .bind(&id)
                .bind(disabled.then_some(now.as_millis()))
                .execute(&mut transaction)
                .await?;
            // Also when enabling it: an account that an earlier version disabled has kept its sessions.
            let ended = end_all::<E>(&id, now, &mut transaction).await?;
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
            let Some((id, _)) = lock::<E>(username.into(), &mut transaction).await? else { return Ok(None) };
            Query::<E>::new("UPDATE accounts SET password_hash = $2 WHERE id = $1")
                .bind(&id)
                .bind(password_hash)
                .execute(&mut transaction)
                .await?;
            let ended = end_all::<E>(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("change a password").await
    }

    async fn change_password(
        &self,
        account: AccountId,
        verified: &Secret,
        password_hash: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let (account, keep) = (account.to_string(), keep.to_string());
        let change = async {
            let mut transaction = self.pool.begin().await?;
            // Locks the row: of several changes that verified the same password, one finds it.
            let changed = Query::<E>::new(
                "UPDATE accounts SET password_hash = $2
                 WHERE id = $1 AND password_hash = $3 AND disabled_at IS NULL",
            )
            .bind(&account)
            .bind(password_hash)
            .bind(verified.reveal())
            .execute(&mut transaction)
            .await?;
            if changed == 0 {
                return Ok(None);
            }
            let ended = end_all_but::<E>(&account, &keep, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("change a password").await
    }

    async fn sign_out(&self, username: &str, now: Timestamp) -> Result<Option<Vec<SessionId>>, StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let Some((id, _)) = lock::<E>(username.into(), &mut transaction).await? else { return Ok(None) };
            let ended = end_all::<E>(&id, now, &mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        };
        change.or_fail("end an account's sessions").await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.execute("reach the database", Query::new("SELECT 1")).await?;
        Ok(())
    }
}
