//! A statement with its arguments.

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

    /// Of a text that was put together, from constants alone: values are bound.
    pub(crate) fn of(sql: String) -> Self {
        Self { sql: AssertSqlSafe(sql).into_sql_str(), arguments: Ok(E::Arguments::default()) }
    }

    /// The next argument: the first stands for `$1`.
    pub(crate) fn bind<'a>(mut self, argument: impl Into<Argument<'a>>) -> Self {
        self.arguments =
            self.arguments.and_then(|mut arguments| E::bind(&mut arguments, argument.into()).map(|()| arguments));
        self
    }

    /// Runs it, and says how many rows it changed.
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

    /// Runs one that finds one row at the most.
    pub(crate) async fn fetch_optional<T>(
        self,
        connection: &mut E::Connection,
        read: impl Fn(Row<'_, E>) -> Result<T, sqlx::Error> + Send,
    ) -> Result<Option<T>, sqlx::Error> {
        Ok(self.fetch_all(connection, read).await?.pop())
    }
}

/// `$1, $2, …`: `count` of them, from number `first`.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let mut list = String::new();
    for number in first..first + count {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}${number}");
    }
    list
}
