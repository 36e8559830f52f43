//! The files in `migrations`, compiled in. Not with `sqlx::migrate!`, which would build sqlx and SQLite a second time
//! as a build dependency.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The migrations of an engine: number and name, as sqlx derives them from the file's name, and the SQL.
pub(crate) type Files = [(i64, &'static str, &'static str)];

/// Builds sqlx's migrator.
pub(crate) fn migrator(files: &Files) -> Migrator {
    let migration = |&(number, name, text): &(i64, &'static str, &'static str)| {
        Migration::new(number, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(files.iter().map(migration).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::sql::Sql;
    use crate::{AccountStore, postgres, sqlite};
    use domain::account::Account;
    use sqlx::sqlite::SqlitePoolOptions;
    use std::path::Path;

    /// A migration that is in the folder but not in the program would never run.
    #[tokio::test]
    async fn every_file_is_compiled_in() {
        for (folder, files) in [("sqlite", sqlite::MIGRATIONS), ("postgres", postgres::MIGRATIONS)] {
            let read =
                Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder)).await.unwrap();
            let seen = |migrator: &Migrator| -> Vec<_> {
                migrator.iter().map(|one| (one.version, one.description.clone(), one.checksum.clone())).collect()
            };
            assert_eq!(seen(&migrator(files)), seen(&read), "{folder}");
        }
    }

    /// A deleted account takes everything with it, or cannot be deleted.
    #[tokio::test]
    async fn every_table_of_an_account_deletes_its_rows_with_it() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        migrator(sqlite::MIGRATIONS).run(&pool).await.unwrap();
        let sql = "SELECT m.name, f.on_delete FROM sqlite_master m, pragma_table_info(m.name) c
                   LEFT JOIN pragma_foreign_key_list(m.name) f ON f.\"from\" = c.name AND f.\"table\" = 'accounts'
                   WHERE m.type = 'table' AND (c.name IN ('account', 'account_id') OR f.on_delete IS NOT NULL)";
        let tables: Vec<(String, Option<String>)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
        assert!(tables.iter().any(|(table, _)| table == "pictures"), "{tables:?}");
        for (table, on_delete) in tables {
            // `delete_account` names the first two: they are older than that. The notices outlive an account until they
            // are delivered.
            let is_known = ["devices", "sessions", "logout_notices"].contains(&table.as_str());
            assert!(is_known || on_delete.as_deref() == Some("CASCADE"), "{table}: {on_delete:?}");
        }
    }

    /// In several nodes' database an earlier version still writes after the migration.
    #[tokio::test]
    async fn accounts_of_an_earlier_version_have_no_address_and_no_groups() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        let add = async |number: u8| {
            let sql = "INSERT INTO accounts (id, username, display_name, avatar_url, password_hash, created_at)
                       VALUES ($1, $2, 'Old', NULL, '$hash', 0)";
            let id = format!("00000000-0000-4000-8000-00000000000{number}");
            sqlx::query(sql).bind(id).bind(format!("old{number}")).execute(&pool).await.unwrap();
        };
        migrator(&sqlite::MIGRATIONS[..2]).run(&pool).await.unwrap();
        add(1).await;
        migrator(sqlite::MIGRATIONS).run(&pool).await.unwrap();
        add(2).await;
        let store = Sql::<sqlx::Sqlite>::over(pool.clone());
        for (account, username) in store.accounts().await.unwrap().into_iter().zip(["old1", "old2"]) {
            let expected = Account {
                id: account.id,
                username: username.to_owned(),
                display_name: "Old".to_owned(),
                email: None,
                email_verified: false,
                groups: Vec::new(),
                avatar_url: None,
                disabled: false,
            };
            assert_eq!(account, expected);
        }
    }
}
