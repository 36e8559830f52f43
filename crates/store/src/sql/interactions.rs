//! Queries on `interactions` and `consents`.

use super::engine::{Engine, Row};
use super::query::Query;
use super::{Asked, Sql};
use crate::StoreError;
use domain::authorization::Interaction;
use domain::client::{ClientId, Scopes};
use domain::ids::{AccountId, InteractionId};
use domain::time::Timestamp;

fn read_interaction<E: Engine>(row: &Row<'_, E>) -> Result<Interaction, sqlx::Error> {
    let request = serde_json::from_str(row.text("request")?).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Interaction {
        id: row.parse("id")?,
        browser: row.parse("browser")?,
        request,
        consented_by: row.parse_or_null("consented_by")?,
        started_at: Timestamp::from_millis(row.number("started_at")?),
    })
}

impl<E: Engine> Sql<E> {
    pub(super) async fn insert_interaction(&self, interaction: &Interaction) -> Result<(), StoreError> {
        const ACTION: &str = "keep an authorization request";
        let request =
            serde_json::to_string(&interaction.request).map_err(|error| StoreError::unavailable(ACTION, error))?;
        let insert = Query::new(
            "INSERT INTO interactions (id, browser, request, started_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&interaction.id.to_string())
        .bind(&interaction.browser.to_hex())
        .bind(&request)
        .bind(interaction.started_at.as_millis())
        .bind(interaction.expires_at().as_millis());
        self.execute(ACTION, insert).await?;
        Ok(())
    }

    pub(super) async fn select_interaction(&self, id: InteractionId) -> Result<Option<Interaction>, StoreError> {
        let select =
            Query::new("SELECT id, browser, request, consented_by, started_at FROM interactions WHERE id = $1")
                .bind(&id.to_string());
        self.fetch_optional("read an authorization request", select, |row| read_interaction(&row)).await
    }

    pub(super) async fn delete_interaction(&self, id: InteractionId) -> Result<bool, StoreError> {
        let delete = Query::new("DELETE FROM interactions WHERE id = $1").bind(&id.to_string());
        Ok(self.execute("finish an authorization request", delete).await? > 0)
    }

    pub(super) async fn insert_consent(
        &self,
        interaction: &Interaction,
        account: AccountId,
        remember: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let request = &interaction.request;
        let change = async {
            let mut transaction = self.pool.begin().await?;
            let updated = Query::<E>::new("UPDATE interactions SET consented_by = $2 WHERE id = $1")
                .bind(&interaction.id.to_string())
                .bind(&account.to_string())
                .execute(&mut transaction)
                .await?;
            if updated > 0 && remember {
                let client = &request.target.client;
                let earlier = consented::<E>(account, client, &mut transaction).await?;
                let scopes: Scopes = earlier.iter().flat_map(Scopes::iter).chain(request.scopes.iter()).collect();
                Query::<E>::new(
                    "INSERT INTO consents (account_id, client_id, scopes, created_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes",
                )
                .bind(&account.to_string())
                .bind(client.as_str())
                .bind(&scopes.to_string())
                .bind(now.as_millis())
                .execute(&mut transaction)
                .await?;
            }
            transaction.commit().await
        };
        change.or_fail("keep a consent").await
    }

    pub(super) async fn select_consent(
        &self,
        account: AccountId,
        client: &ClientId,
    ) -> Result<Option<Scopes>, StoreError> {
        let select = async { consented::<E>(account, client, &mut *self.pool.acquire().await?).await };
        select.or_fail("read a consent").await
    }
}

async fn consented<E: Engine>(
    account: AccountId,
    client: &ClientId,
    connection: &mut E::Connection,
) -> Result<Option<Scopes>, sqlx::Error> {
    Query::<E>::new("SELECT scopes FROM consents WHERE account_id = $1 AND client_id = $2")
        .bind(&account.to_string())
        .bind(client.as_str())
        .fetch_optional(connection, |row| Ok(Scopes::parse(row.text("scopes")?)))
        .await
}
