//! Changes of accounts and their deletion, each within a transaction of the caller that has locked the account.

use super::accounts::{ACCOUNT_COLUMNS, encode_groups, read_account};
use super::ending::end_all;
use super::engine::Engine;
use super::query::Query;
use domain::account::{Account, AccountChange, InvalidAccount, Picture};
use domain::ids::SessionId;
use domain::time::Timestamp;

/// Changes the account, and returns it as it is then.
pub(super) async fn change<E: Engine>(
    id: &str,
    change: &AccountChange,
    connection: &mut E::Connection,
) -> Result<Result<Account, InvalidAccount>, sqlx::Error> {
    let select = Query::<E>::of(format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.id = $1")).bind(id);
    let before = select.fetch_optional(connection, |row| read_account(&row)).await?.ok_or(sqlx::Error::RowNotFound)?;
    let after = match change.apply(before) {
        Ok(after) => after,
        Err(error) => return Ok(Err(error)),
    };
    Query::<E>::new(
        "UPDATE accounts SET display_name = $2, avatar_url = $3, email = $4, email_verified = $5, group_names = $6
         WHERE id = $1",
    )
    .bind(id)
    .bind(&after.display_name)
    .bind(after.avatar_url.as_deref())
    .bind(after.email.as_deref())
    .bind(i64::from(after.email_verified))
    .bind(&encode_groups(&after.groups)?)
    .execute(connection)
    .await?;
    if let Some(picture) = &change.picture {
        put_picture::<E>(id, picture.as_ref(), connection).await?;
    }
    Ok(Ok(after))
}

async fn put_picture<E: Engine>(
    account: &str,
    picture: Option<&Picture>,
    connection: &mut E::Connection,
) -> Result<(), sqlx::Error> {
    let query = match picture {
        Some(picture) => Query::<E>::new(
            "INSERT INTO pictures (account_id, name, bytes) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, bytes = excluded.bytes",
        )
        .bind(account)
        .bind(&picture.id.to_string())
        .bind(picture.bytes.as_slice()),
        None => Query::new("DELETE FROM pictures WHERE account_id = $1").bind(account),
    };
    query.execute(connection).await?;
    Ok(())
}

/// Ends the account's live sessions, which notifies other nodes, and deletes the account with everything that is its
/// own. Tables that are not named here delete their rows by `ON DELETE CASCADE`. Returns the sessions that ended.
pub(super) async fn delete<E: Engine>(
    id: &str,
    now: Timestamp,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    let ended = end_all::<E>(id, now, connection).await?;
    for part in [
        "DELETE FROM sessions WHERE account_id = $1",
        "DELETE FROM devices WHERE account_id = $1",
        "DELETE FROM accounts WHERE id = $1",
    ] {
        Query::<E>::new(part).bind(id).execute(connection).await?;
    }
    Ok(ended)
}
