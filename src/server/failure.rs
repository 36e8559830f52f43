//! What a client is told of a failure on the server, and what the log is.

use crate::error::{ApiError, ErrorCode};
use store::StoreError;

impl From<StoreError> for ApiError {
    /// The client learns that it may try again; the log learns why.
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Full) {
            return Self { retry_after: Some(10), ..ErrorCode::Unavailable.into() };
        }
        tracing::error!(%error, "a store failed");
        ErrorCode::Unavailable.into()
    }
}
