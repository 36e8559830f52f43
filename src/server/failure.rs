//! What a client is told of a failure, and what the log is: the one place where a failure of a service becomes an answer.

use crate::error::ApiError;
use service::error::ServiceError;
use service::security::password::QueueFull;
use service::security::rate_limit::RateLimited;
use service::security::secret::RandomError;
use store::StoreError;

impl From<ServiceError> for ApiError {
    /// The client learns whether it may try again; the log learns why.
    fn from(error: ServiceError) -> Self {
        let code = error.code();
        match error {
            ServiceError::Refused(_) => {}
            ServiceError::RateLimited { retry_after } => return Self::rate_limited(retry_after),
            ServiceError::Overloaded { retry_after } => return Self { retry_after: Some(retry_after), ..code.into() },
            // The store logs that itself, at a limited rate.
            ServiceError::Store(StoreError::Full) => return Self { retry_after: Some(10), ..code.into() },
            ServiceError::Store(error) => tracing::error!(%error, "a store failed"),
            ServiceError::Random(error) => tracing::error!(%error, "no secret could be generated"),
            ServiceError::Password(error) => tracing::error!(%error, "a password could not be handled"),
            ServiceError::Token(error) => tracing::error!(%error, "a token could not be written"),
            ServiceError::Qr(error) => tracing::error!(%error, "the public URL does not fit into a QR code"),
        }
        code.into()
    }
}

/// What the edge meets by itself is told and logged as if a service had met it.
macro_rules! as_of_a_service {
    ($($error:ty),+) => {
        $(
            impl From<$error> for ApiError {
                fn from(error: $error) -> Self {
                    ServiceError::from(error).into()
                }
            }
        )+
    };
}

as_of_a_service!(QueueFull, RandomError, RateLimited, StoreError);
