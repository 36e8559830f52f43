//! Queries on `logout_notices`.

use super::engine::{Engine, Row};
use super::query::{Query, placeholders};
use super::{Asked, Sql};
use crate::StoreError;
use crate::notices::NoticeStore;
use async_trait::async_trait;
use domain::client::ClientId;
use domain::ids::SessionId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;

fn read_notice<E: Engine>(row: &Row<'_, E>) -> Result<LogoutNotice, sqlx::Error> {
    Ok(LogoutNotice {
        session: row.parse("session_id")?,
        client: row.parse("client_id")?,
        account: row.parse("account_id")?,
        due_at: row.time("due_at")?,
        attempts: u32::try_from(row.number("attempts")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}

#[async_trait]
impl<E: Engine> NoticeStore for Sql<E> {
    async fn expect_end(&self, session: SessionId, client: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        let session = session.to_string();
        let change = async {
            let mut transaction = self.pool.begin().await?;
            // Locks the session's row, so that it ends either before this, or after the notice is there.
            let live = Query::<E>::new(
                "UPDATE sessions SET kind = kind
                 WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
            )
            .bind(&session)
            .bind(now.as_millis())
            .execute(&mut transaction)
            .await?;
            if live == 0 {
                return Ok(false);
            }
            Query::<E>::new(
                "INSERT INTO logout_notices (session_id, client_id, account_id, due_at, attempts)
                 SELECT id, $2, account_id, expires_at, 0 FROM sessions WHERE id = $1
                 ON CONFLICT (session_id, client_id) DO NOTHING",
            )
            .bind(&session)
            .bind(client.as_str())
            .execute(&mut transaction)
            .await?;
            transaction.commit().await?;
            Ok(true)
        };
        change.or_fail("keep a logout notice").await
    }

    async fn due_notices(
        &self,
        now: Timestamp,
        busy: &[ClientId],
        most: usize,
    ) -> Result<Vec<LogoutNotice>, StoreError> {
        let others = match busy.len() {
            0 => String::new(),
            count => format!("AND client_id NOT IN ({})", placeholders(3, count)),
        };
        let sql = format!("SELECT * FROM logout_notices WHERE due_at <= $1 {others} ORDER BY due_at LIMIT $2");
        let mut select = Query::of(sql).bind(now.as_millis()).bind(i64::try_from(most).unwrap_or(i64::MAX));
        for client in busy {
            select = select.bind(client.as_str());
        }
        self.fetch_all("list the logout notices", select, |row| read_notice(&row)).await
    }

    async fn move_notice(&self, known: &LogoutNotice, to: &LogoutNotice) -> Result<bool, StoreError> {
        let update = Query::new(
            "UPDATE logout_notices SET due_at = $5, attempts = $6
             WHERE session_id = $1 AND client_id = $2 AND due_at = $3 AND attempts = $4",
        )
        .bind(&known.session.to_string())
        .bind(known.client.as_str())
        .bind(known.due_at.as_millis())
        .bind(i64::from(known.attempts))
        .bind(to.due_at.as_millis())
        .bind(i64::from(to.attempts));
        Ok(self.execute("note an attempt of a logout notice", update).await? > 0)
    }

    async fn drop_notice(&self, session: SessionId, client: &ClientId) -> Result<(), StoreError> {
        let delete = Query::new("DELETE FROM logout_notices WHERE session_id = $1 AND client_id = $2")
            .bind(&session.to_string())
            .bind(client.as_str());
        self.execute("forget a logout notice", delete).await?;
        Ok(())
    }
}
