//! An SQL statement and its arguments.

use super::engine::{Argument, Engine, Row};
use sqlx::error::BoxDynError;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::fmt::Write;

/// A statement, for any engine.
pub(crate) struct Query<E: Engine> {
    sql: SqlStr,
    arguments: Result<E::Arguments, BoxDynError>,
}

impl<E: Engine> Query<E> {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql: sql.into_sql_str(), arguments: Ok(E::Arguments::default()) }
    }

    /// Creates a statement from a text that was built from constants only: values are bound.
    pub(crate) fn of(sql: String) -> Self {
        Self { sql: AssertSqlSafe(sql).into_sql_str(), arguments: Ok(E::Arguments::default()) }
    }

    /// Binds the next argument: the first one is `$1`.
    pub(crate) fn bind<'a>(mut self, argument: impl Into<Argument<'a>>) -> Self {
        self.arguments =
            self.arguments.and_then(|mut arguments| E::bind(&mut arguments, argument.into()).map(|()| arguments));
        self
    }

    /// Runs it, and returns how many rows it changed.
    pub(crate) async fn execute(self, connection: &mut E::Connection) -> Result<u64, sqlx::Error> {
        E::execute(connection, self.sql, self.arguments).await
    }

    /// Runs it, and returns its rows.
    pub(crate) async fn rows(self, connection: &mut E::Connection) -> Result<Vec<E::Row>, sqlx::Error> {
        E::fetch_all(connection, self.sql, self.arguments).await
    }

    /// Runs it, and reads each row.
    pub(crate) async fn fetch_all<T>(
        self,
        connection: &mut E::Connection,
        read: impl Fn(Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    ) -> Result<Vec<T>, sqlx::Error> {
        let rows = self.rows(connection).await?;
        rows.iter().map(|row| read(Row(row))).collect()
    }

    /// Runs a statement that returns at most one row.
    pub(crate) async fn fetch_optional<T>(
        self,
        connection: &mut E::Connection,
        read: impl Fn(Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    ) -> Result<Option<T>, sqlx::Error> {
        Ok(self.fetch_all(connection, read).await?.pop())
    }
}

/// Returns `$1, $2, …`: `count` of them, starting at `first`.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let mut list = String::new();
    for number in first..first + count {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}${number}");
    }
    list
}
