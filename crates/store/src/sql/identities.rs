//! Queries on `identities` and `jtis`.

use super::accounts::{ACCOUNT_COLUMNS, insert_account, read_account};
use super::engine::Engine;
use super::query::Query;
use super::{Asked, Sql};
use crate::StoreError;
use crate::identities::{Identity, IdentityStore};
use async_trait::async_trait;
use domain::account::Account;
use domain::time::Timestamp;

#[async_trait]
impl<E: Engine> IdentityStore for Sql<E> {
    async fn account_of(&self, identity: Identity<'_>) -> Result<Option<Account>, StoreError> {
        let sql = format!(
            "SELECT {ACCOUNT_COLUMNS} FROM identities i JOIN accounts a ON a.id = i.account_id
             WHERE i.issuer = $1 AND i.subject = $2"
        );
        let select = Query::of(sql).bind(identity.issuer).bind(identity.subject);
        self.fetch_optional("read an identity", select, |row| read_account(&row)).await
    }

    async fn add_account_of(
        &self,
        identity: Identity<'_>,
        account: &Account,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = async {
            let mut transaction = self.pool.begin().await?;
            insert_account::<E>(account, password_hash, now)?.execute(&mut transaction).await?;
            Query::<E>::new("INSERT INTO identities (issuer, subject, account_id, created_at) VALUES ($1, $2, $3, $4)")
                .bind(identity.issuer)
                .bind(identity.subject)
                .bind(&account.id.to_string())
                .bind(now.as_millis())
                .execute(&mut transaction)
                .await?;
            transaction.commit().await
        };
        change.or_fail("add an account of an issuer").await
    }

    async fn link(&self, identity: Identity<'_>, username: &str, now: Timestamp) -> Result<bool, StoreError> {
        let insert = Query::new(
            "INSERT INTO identities (issuer, subject, account_id, created_at)
             SELECT $1, $2, id, $4 FROM accounts WHERE username = $3",
        )
        .bind(identity.issuer)
        .bind(identity.subject)
        .bind(username)
        .bind(now.as_millis());
        Ok(self.execute("link an identity", insert).await? > 0)
    }

    async fn unlink(&self, identity: Identity<'_>, username: &str) -> Result<bool, StoreError> {
        let delete = Query::new(
            "DELETE FROM identities WHERE issuer = $1 AND subject = $2
             AND account_id = (SELECT id FROM accounts WHERE username = $3)",
        )
        .bind(identity.issuer)
        .bind(identity.subject)
        .bind(username);
        Ok(self.execute("take an identity from an account", delete).await? > 0)
    }

    async fn use_assertion(&self, issuer: &str, id: &str, until: Timestamp) -> Result<bool, StoreError> {
        let insert =
            Query::new("INSERT INTO jtis (issuer, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                .bind(issuer)
                .bind(id)
                .bind(until.as_millis());
        Ok(self.execute("note an assertion", insert).await? > 0)
    }

    async fn forget_assertions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let part_of = "DELETE FROM jtis WHERE (issuer, jti) IN (
                           SELECT issuer, jti FROM jtis WHERE expires_at < $1 LIMIT $2)";
        self.delete_in_batches("forget old assertions", part_of, before).await
    }
}
