//! Queries on `grants`.

use super::accounts::{ACCOUNT_COLUMNS, find, read_account};
use super::engine::{Engine, Row};
use super::loader::{Loader, Values};
use super::query::Query;
use super::{Asked, Sql};
use crate::StoreError;
use crate::grants::{Connection, GrantRow, GrantStore, SessionSpan};
use async_trait::async_trait;
use domain::authorization::Interaction;
use domain::client::{ClientId, Scopes};
use domain::grant::{CODE_TTL, Grant};
use domain::ids::{AccountId, GrantId, InteractionId};
use domain::time::Timestamp;
use std::marker::PhantomData;

const GRANT_COLUMNS: &str = "g.id AS grant_id, g.client_id, g.account_id, g.session_id, g.scopes, g.resource, g.nonce, \
                             g.redirect_uri, g.code_challenge, g.code_used_at, g.counter, g.rotated_at, g.auth_time, \
                             g.began, g.created_at, g.expires_at, g.revoked_at";

fn read_grant<E: Engine>(row: &Row<'_, E>) -> Result<Grant, sqlx::Error> {
    let text_or_null = |column| Ok::<_, sqlx::Error>(row.text_or_null(column)?.map(str::to_owned));
    Ok(Grant {
        id: row.parse("grant_id")?,
        client: row.parse("client_id")?,
        account: row.parse("account_id")?,
        session: row.parse("session_id")?,
        scopes: Scopes::parse(row.text("scopes")?),
        resource: text_or_null("resource")?,
        nonce: text_or_null("nonce")?,
        redirect_uri: row.text("redirect_uri")?.to_owned(),
        code_challenge: text_or_null("code_challenge")?,
        code_used_at: row.time_or_null("code_used_at")?,
        counter: u32::try_from(row.number("counter")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        rotated_at: row.time_or_null("rotated_at")?,
        auth_time: row.time("auth_time")?,
        began: row.parse("began")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.time_or_null("revoked_at")?,
    })
}

/// Loads grants with their accounts and sessions by the grants' ids.
#[derive(Debug)]
pub(super) struct ById<E>(PhantomData<E>);

impl<E: Engine> Loader for ById<E> {
    type Engine = E;
    type Key = GrantId;
    type Value = Option<GrantRow>;
    const ACTION: &'static str = "read a grant";

    async fn load_all(ids: &[GrantId], connection: &mut E::Connection) -> Result<Values<Self>, sqlx::Error> {
        let select = format!(
            "SELECT {GRANT_COLUMNS}, {ACCOUNT_COLUMNS}, s.id AS span_id, s.expires_at AS span_expires_at,
                 s.revoked_at AS span_revoked_at
             FROM grants g JOIN accounts a ON a.id = g.account_id LEFT JOIN sessions s ON s.id = g.session_id
             WHERE g.id"
        );
        let read = |row: &Row<'_, E>| {
            let span = match row.text_or_null("span_id")? {
                Some(_) => Some(SessionSpan {
                    expires_at: row.time_or_null("span_expires_at")?,
                    revoked_at: row.time_or_null("span_revoked_at")?,
                }),
                None => None,
            };
            Ok(GrantRow { grant: read_grant(row)?, account: read_account(row)?, session: span })
        };
        find::<E, _>(select, "grant_id", ids, read, connection).await
    }
}

#[async_trait]
impl<E: Engine> GrantStore for Sql<E> {
    async fn put_interaction(&self, interaction: &Interaction) -> Result<(), StoreError> {
        self.insert_interaction(interaction).await
    }

    async fn interaction(&self, id: InteractionId) -> Result<Option<Interaction>, StoreError> {
        self.select_interaction(id).await
    }

    async fn consent(
        &self,
        interaction: &Interaction,
        account: AccountId,
        remember: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.insert_consent(interaction, account, remember, now).await
    }

    async fn take_interaction(&self, id: InteractionId) -> Result<bool, StoreError> {
        self.delete_interaction(id).await
    }

    async fn consented(&self, account: AccountId, client: &ClientId) -> Result<Option<Scopes>, StoreError> {
        self.select_consent(account, client).await
    }

    async fn put_grant(&self, grant: &Grant) -> Result<bool, StoreError> {
        let insert = Query::of(format!(
            "INSERT INTO grants (id, client_id, account_id, session_id, scopes, resource, nonce, redirect_uri,
                 code_challenge, counter, auth_time, began, created_at, expires_at, code_used_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
             FROM accounts a JOIN sessions s ON s.account_id = a.id
             WHERE s.id = $4 AND a.id = $3 AND a.disabled_at IS NULL
                 AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $13) {}",
            E::LOCK_OWNER
        ))
        .bind(&grant.id.to_string())
        .bind(grant.client.as_str())
        .bind(&grant.account.to_string())
        .bind(&grant.session.to_string())
        .bind(&grant.scopes.to_string())
        .bind(grant.resource.as_deref())
        .bind(grant.nonce.as_deref())
        .bind(&grant.redirect_uri)
        .bind(grant.code_challenge.as_deref())
        .bind(i64::from(grant.counter))
        .bind(grant.auth_time.as_millis())
        .bind(grant.began.as_str())
        .bind(grant.created_at.as_millis())
        .bind(grant.expires_at.as_millis())
        .bind(grant.code_used_at.map(Timestamp::as_millis));
        Ok(self.execute("keep a grant", insert).await? > 0)
    }

    async fn grant(&self, id: GrantId) -> Result<Option<GrantRow>, StoreError> {
        self.grants.load(id).await
    }

    async fn use_code(&self, id: GrantId, now: Timestamp) -> Result<bool, StoreError> {
        let update = Query::new(
            "UPDATE grants SET code_used_at = $2 WHERE id = $1 AND code_used_at IS NULL AND revoked_at IS NULL",
        )
        .bind(&id.to_string())
        .bind(now.as_millis());
        Ok(self.execute("exchange a code", update).await? > 0)
    }

    async fn rotate_grant(
        &self,
        id: GrantId,
        counter: u32,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Query::new(
            "UPDATE grants SET counter = counter + 1, rotated_at = $3, expires_at = $4
             WHERE id = $1 AND counter = $2 AND revoked_at IS NULL",
        )
        .bind(&id.to_string())
        .bind(i64::from(counter))
        .bind(now.as_millis())
        .bind(expires_at.as_millis());
        Ok(self.execute("refresh a grant", update).await? > 0)
    }

    async fn revoke_grant(&self, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
        let update = Query::new("UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(&id.to_string())
            .bind(now.as_millis());
        self.execute("revoke a grant", update).await?;
        Ok(())
    }

    async fn connections(&self, account: AccountId, now: Timestamp) -> Result<Vec<Connection>, StoreError> {
        // Also apps that never asked for consent but have a grant.
        let select = Query::new(
            "SELECT client_id, scopes, created_at FROM consents WHERE account_id = $1
             UNION ALL
             SELECT client_id, scopes, MIN(created_at) AS created_at FROM grants g
             WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND code_used_at IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.account_id = $1 AND c.client_id = g.client_id)
             GROUP BY client_id, scopes
             ORDER BY created_at, client_id",
        )
        .bind(&account.to_string())
        .bind(now.as_millis());
        let found = self
            .fetch_all("list the connected apps", select, |row| {
                Ok(Connection {
                    client: row.parse("client_id")?,
                    scopes: Scopes::parse(row.text("scopes")?),
                    since: row.time("created_at")?,
                })
            })
            .await?;
        Ok(merge(found))
    }

    async fn disconnect(&self, account: AccountId, client: &ClientId, now: Timestamp) -> Result<(), StoreError> {
        let account = account.to_string();
        let change = async {
            let mut transaction = self.pool.begin().await?;
            Query::<E>::new("DELETE FROM consents WHERE account_id = $1 AND client_id = $2")
                .bind(&account)
                .bind(client.as_str())
                .execute(&mut transaction)
                .await?;
            Query::<E>::new(
                "UPDATE grants SET revoked_at = $3 WHERE account_id = $1 AND client_id = $2 AND revoked_at IS NULL",
            )
            .bind(&account)
            .bind(client.as_str())
            .bind(now.as_millis())
            .execute(&mut transaction)
            .await?;
            // Of other apps, too: which app a request is of is in its JSON, and asking once more does no harm.
            Query::<E>::new("UPDATE interactions SET consented_by = NULL WHERE consented_by = $1")
                .bind(&account)
                .execute(&mut transaction)
                .await?;
            transaction.commit().await
        };
        change.or_fail("disconnect an app").await
    }

    async fn forget_interactions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let part_of =
            "DELETE FROM interactions WHERE id IN (SELECT id FROM interactions WHERE expires_at <= $1 LIMIT $2)";
        self.delete_in_batches("forget expired authorization requests", part_of, now).await
    }

    async fn forget_grants(&self, before: Timestamp) -> Result<u64, StoreError> {
        const ACTION: &str = "forget old grants";
        let mut forgotten = 0;
        for (part_of, until) in [
            (
                "DELETE FROM grants WHERE id IN (
                     SELECT id FROM grants WHERE expires_at < $1 OR revoked_at < $1 LIMIT $2)",
                before,
            ),
            (
                "DELETE FROM grants WHERE id IN (
                     SELECT id FROM grants WHERE code_used_at IS NULL AND created_at < $1 LIMIT $2)",
                before - CODE_TTL,
            ),
        ] {
            forgotten += self.delete_in_batches(ACTION, part_of, until).await?;
        }
        Ok(forgotten)
    }
}

/// Joins rows of the same client: several grants may have different scopes.
fn merge(rows: Vec<Connection>) -> Vec<Connection> {
    let mut connections: Vec<Connection> = Vec::new();
    for row in rows {
        match connections.iter_mut().find(|known| known.client == row.client) {
            Some(known) => known.scopes = known.scopes.iter().chain(row.scopes.iter()).collect(),
            None => connections.push(row),
        }
    }
    connections
}
