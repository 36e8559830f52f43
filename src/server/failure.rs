//! Maps failures to what the client sees and what is logged: the one place where a service's error becomes a response.

use crate::error::{ApiError, ErrorCode};
use domain::oauth::OAuthErrorCode;
use service::error::ServiceError;
use service::oidc::OAuthError;
use service::security::oidc_keys::OidcKeyError;
use service::security::password::QueueFull;
use service::security::random::RandomError;
use service::security::rate_limit::RateLimited;
use store::StoreError;

impl From<ServiceError> for ApiError {
    /// The client learns whether it may retry; the log has the cause.
    fn from(error: ServiceError) -> Self {
        let code = error.code();
        match error {
            ServiceError::Refused(_) => {}
            ServiceError::RateLimited { retry_after } => return Self::rate_limited(retry_after),
            ServiceError::Overloaded { retry_after } => return Self { retry_after: Some(retry_after), ..code.into() },
            // The store logs that itself, rate limited.
            ServiceError::Store(StoreError::Full) => return Self { retry_after: Some(10), ..code.into() },
            ServiceError::Store(error) => tracing::error!(%error, "a store failed"),
            ServiceError::Random(error) => tracing::error!(%error, "no secret could be generated"),
            ServiceError::Password(error) => tracing::error!(%error, "a password could not be handled"),
            ServiceError::Token(error) => tracing::error!(%error, "a token could not be written"),
            ServiceError::OidcKey(error) => tracing::error!(%error, "OpenID Connect has no key"),
            ServiceError::Seal(error) => tracing::error!(%error, "a connection's tokens cannot be used"),
            ServiceError::Qr(error) => tracing::error!(%error, "the public URL does not fit into a QR code"),
        }
        code.into()
    }
}

/// The same for the endpoints whose errors are OAuth's: the code and its description.
pub fn oauth_error(error: OAuthError) -> (OAuthErrorCode, &'static str) {
    let error = match error {
        OAuthError::Refused(code, description) => return (code, description),
        OAuthError::Service(error) => ApiError::from(error),
    };
    match error.code {
        ErrorCode::RateLimited => (OAuthErrorCode::TemporarilyUnavailable, "too many requests"),
        _ => (OAuthErrorCode::ServerError, "the service is unavailable, try again"),
    }
}

/// Maps errors that occur at the edge like the same error of a service.
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

as_of_a_service!(OidcKeyError, QueueFull, RandomError, RateLimited, StoreError);
