//! The interface between the queries and an engine, so that each query is written once.
//!
//! sqlx has no single bound for "can encode, decode and run a query": a generic query would have to repeat a dozen. All
//! of our columns are texts, numbers and bytes, so an engine only handles these three, and `driver!` implements that for
//! each.

use crate::feed::Feed;
use domain::ids::SessionId;
use domain::time::Timestamp;
use sqlx::error::{BoxDynError, UnexpectedNullError};
use sqlx::{Database, Pool, SqlStr};
use std::str::FromStr;

/// An SQL engine. Its file contains only what is specific to it.
pub trait Engine: Database {
    /// Selects id and `disabled_at` of the account with a name, and locks it until the transaction ends.
    const LOCK_ACCOUNT: &'static str;

    /// The same for the account with an id.
    const LOCK_ACCOUNT_BY_ID: &'static str;

    /// Ends a select from accounts `a` and sessions `s`, so that a session that it finds cannot end before the transaction.
    const LOCK_OWNER: &'static str;

    /// Publishes which sessions end on other nodes, for as long as it is polled.
    fn follow(pool: &Pool<Self>, ended: &Feed<SessionId, ()>) -> impl Future<Output = ()> + Send;

    /// Adds an argument to a statement's arguments.
    ///
    /// # Errors
    /// If it cannot be encoded.
    fn bind(arguments: &mut Self::Arguments, argument: Argument<'_>) -> Result<(), BoxDynError>;

    /// Runs a statement, and returns how many rows it changed.
    fn execute(
        connection: &mut Self::Connection,
        sql: SqlStr,
        arguments: Result<Self::Arguments, BoxDynError>,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Runs a statement, and returns its rows.
    fn fetch_all(
        connection: &mut Self::Connection,
        sql: SqlStr,
        arguments: Result<Self::Arguments, BoxDynError>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Returns a column's text.
    ///
    /// # Errors
    /// If there is no such column, or it has another type.
    fn text<'r>(row: &'r Self::Row, column: &str) -> Result<Option<&'r str>, sqlx::Error>;

    /// Returns a column's number.
    ///
    /// # Errors
    /// If there is no such column, or it has another type.
    fn number(row: &Self::Row, column: &str) -> Result<Option<i64>, sqlx::Error>;

    /// Returns a column's bytes.
    ///
    /// # Errors
    /// If there is no such column, or it has another type.
    fn bytes<'r>(row: &'r Self::Row, column: &str) -> Result<Option<&'r [u8]>, sqlx::Error>;
}

/// Implements the part of [`Engine`] that differs only in the types of the driver.
macro_rules! driver {
    () => {
        fn bind(arguments: &mut Self::Arguments, argument: Argument<'_>) -> Result<(), BoxDynError> {
            match argument {
                Argument::Text(text) => sqlx::Arguments::add(arguments, text),
                Argument::Number(number) => sqlx::Arguments::add(arguments, number),
                Argument::Bytes(bytes) => sqlx::Arguments::add(arguments, bytes),
            }
        }

        async fn execute(
            connection: &mut Self::Connection,
            sql: SqlStr,
            arguments: Result<Self::Arguments, BoxDynError>,
        ) -> Result<u64, sqlx::Error> {
            Ok(sqlx::query_with(sql, arguments.map_err(sqlx::Error::Encode)?)
                .execute(connection)
                .await?
                .rows_affected())
        }

        async fn fetch_all(
            connection: &mut Self::Connection,
            sql: SqlStr,
            arguments: Result<Self::Arguments, BoxDynError>,
        ) -> Result<Vec<Self::Row>, sqlx::Error> {
            sqlx::query_with(sql, arguments.map_err(sqlx::Error::Encode)?).fetch_all(connection).await
        }

        fn text<'r>(row: &'r Self::Row, column: &str) -> Result<Option<&'r str>, sqlx::Error> {
            sqlx::Row::try_get(row, column)
        }

        fn number(row: &Self::Row, column: &str) -> Result<Option<i64>, sqlx::Error> {
            sqlx::Row::try_get(row, column)
        }

        fn bytes<'r>(row: &'r Self::Row, column: &str) -> Result<Option<&'r [u8]>, sqlx::Error> {
            sqlx::Row::try_get(row, column)
        }
    };
}

pub(crate) use driver;

/// The value of a placeholder such as `$1`.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// For a text column.
    Text(Option<&'a str>),
    /// For a numeric column, including times in milliseconds.
    Number(Option<i64>),
    /// For a column of bytes.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Argument<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Argument<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i64> for Argument<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Argument<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

/// A row of a result.
pub(crate) struct Row<'r, E: Engine>(pub(super) &'r E::Row);

impl<'r, E: Engine> Row<'r, E> {
    pub(crate) fn text(&self, column: &str) -> Result<&'r str, sqlx::Error> {
        self.text_or_null(column)?.ok_or_else(|| is_null(column))
    }

    pub(crate) fn text_or_null(&self, column: &str) -> Result<Option<&'r str>, sqlx::Error> {
        E::text(self.0, column)
    }

    pub(crate) fn number(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.number_or_null(column)?.ok_or_else(|| is_null(column))
    }

    pub(crate) fn number_or_null(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
        E::number(self.0, column)
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<&'r [u8], sqlx::Error> {
        E::bytes(self.0, column)?.ok_or_else(|| is_null(column))
    }

    /// Returns a time in milliseconds.
    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, sqlx::Error> {
        self.number(column).map(Timestamp::from_millis)
    }

    pub(crate) fn time_or_null(&self, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
        self.number_or_null(column).map(|at| at.map(Timestamp::from_millis))
    }

    /// Parses the text of a column.
    pub(crate) fn parse<T: Parse>(&self, column: &str) -> Result<T, sqlx::Error> {
        parse(self.text(column)?)
    }

    pub(crate) fn parse_or_null<T: Parse>(&self, column: &str) -> Result<Option<T>, sqlx::Error> {
        self.text_or_null(column)?.map(parse).transpose()
    }
}

/// A type that is stored as text.
pub(crate) trait Parse: FromStr<Err: std::error::Error + Send + Sync + 'static> {}

impl<T: FromStr<Err: std::error::Error + Send + Sync + 'static>> Parse for T {}

fn parse<T: Parse>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|error: T::Err| sqlx::Error::Decode(error.into()))
}

fn is_null(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: format!("{column:?}"), source: UnexpectedNullError.into() }
}
