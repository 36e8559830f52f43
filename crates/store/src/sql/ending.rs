//! Ends several sessions at once.

use super::engine::Engine;
use super::query::Query;
use domain::account::Session;
use domain::ids::SessionId;
use domain::time::Timestamp;

/// Maximum number of rows per statement, so that it does not block others for long.
const AT_ONCE: i64 = 1000;

/// Ends all live sessions of the account, and returns their ids. Its grants end, too: an app that may stay connected after
/// a sign-out is still one that a thief may have connected.
pub(super) async fn end_all<E: Engine>(
    account: &str,
    now: Timestamp,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    end_all_but::<E>(account, "", now, connection).await
}

/// The same, without the session `keep`, a text that may name none. Its grants end like all others, and what it approved
/// is void. So are the keys of scripts, which a thief may have made.
///
/// The sessions first: `put_grant` locks its session, so that each of the two finds what the other did.
pub(super) async fn end_all_but<E: Engine>(
    account: &str,
    keep: &str,
    now: Timestamp,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    let ended = end_others::<E>(account, keep, now, connection).await?;
    Query::<E>::new("UPDATE grants SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL")
        .bind(account)
        .bind(now.as_millis())
        .execute(connection)
        .await?;
    Query::<E>::new(
        "UPDATE connections SET script_key = NULL, version = version + 1
         WHERE account_id = $1 AND script_key IS NOT NULL",
    )
    .bind(account)
    .execute(connection)
    .await?;
    Ok(ended)
}

/// Ends all live sessions of the account but `keep`, whose approvals until now are void. Returns the ids of those that
/// ended.
pub(super) async fn end_others<E: Engine>(
    account: &str,
    keep: &str,
    now: Timestamp,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    let ended = Query::<E>::new(
        "UPDATE sessions SET revoked_at = $2
         WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND id <> $3
         RETURNING id",
    )
    .bind(account)
    .bind(now.as_millis())
    .bind(keep)
    .fetch_all(connection, |row| row.parse("id"))
    .await?;
    Query::<E>::new("UPDATE sessions SET approvals_void_until = $2 WHERE id = $1 AND account_id = $3")
        .bind(keep)
        .bind(now.as_millis())
        .bind(account)
        .execute(connection)
        .await?;
    Ok(ended)
}

/// Ends those live sessions of the account and of the kind of `newest` that are not among the `most` most recently
/// used, which include `newest`. Returns their ids.
pub(super) async fn end_surplus<E: Engine>(
    newest: &Session,
    most: u32,
    connection: &mut E::Connection,
) -> Result<Vec<SessionId>, sqlx::Error> {
    Query::<E>::new(
        "UPDATE sessions SET revoked_at = $4
         WHERE revoked_at IS NULL AND id IN (
             SELECT id FROM sessions
             WHERE account_id = $1 AND kind = $2 AND id <> $3
                 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4)
             ORDER BY last_seen_at DESC, created_at DESC, id LIMIT $5 OFFSET $6)
         RETURNING id",
    )
    .bind(&newest.account.to_string())
    .bind(newest.kind.as_str())
    .bind(&newest.id.to_string())
    .bind(newest.created_at.as_millis())
    .bind(AT_ONCE)
    .bind(i64::from(most.saturating_sub(1)))
    .fetch_all(connection, |row| row.parse("id"))
    .await
}
