//! The error type that clients see: the body of every error response under `/api`.

pub use domain::error::ErrorCode;

use domain::account::InvalidUsername;
use domain::ids::MalformedId;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::fmt;

/// The body of every error response under `/api`. Contains no secret, because it may end up in a log or a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Seconds after which a rate-limited caller may try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ApiError {
    /// Creates an `invalid_request` error whose message names the field.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, message: message.into(), retry_after: None }
    }

    /// Creates a `rate_limited` error with a `Retry-After` of `seconds`.
    pub fn rate_limited(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..ErrorCode::RateLimited.into() }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: code.message().to_owned(), retry_after: None }
    }
}

impl From<MalformedId> for ApiError {
    fn from(_: MalformedId) -> Self {
        ErrorCode::InvalidId.into()
    }
}

impl From<InvalidUsername> for ApiError {
    fn from(error: InvalidUsername) -> Self {
        Self::invalid(error.to_string())
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => Self::invalid(detail),
            ServerFnErrorErr::Deserialization(_) => Self::invalid("The body is malformed."),
            ServerFnErrorErr::Request(detail) => {
                Self { code: ErrorCode::Unreachable, message: detail, retry_after: None }
            }
            _ => Self {
                code: ErrorCode::Unavailable,
                message: "The server function did not run.".to_owned(),
                retry_after: None,
            },
        }
    }
}
