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
    use crate::{postgres, sqlite};
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
}
