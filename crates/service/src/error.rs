//! The error type of the use cases.

use crate::qr::QrError;
use crate::security::oidc_keys::OidcKeyError;
use crate::security::password::{PasswordError, QueueFull};
use crate::security::random::RandomError;
use crate::security::rate_limit::RateLimited;
use crate::security::sealing::SealError;
use crate::security::token::TokenError;
use domain::error::ErrorCode;
use domain::ticket::TransitionError;
use store::StoreError;

/// Why a use case failed. The HTTP layer logs the details that clients must not see.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request is refused, for the reason given by the code.
    #[error("{}", .0.message())]
    Refused(ErrorCode),
    /// The client exceeded a rate limit.
    #[error("{}", ErrorCode::RateLimited.message())]
    RateLimited {
        /// Seconds after which it may retry.
        retry_after: u64,
    },
    /// The server is overloaded.
    #[error("{}", ErrorCode::Unavailable.message())]
    Overloaded {
        /// Seconds after which to retry.
        retry_after: u64,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes were available.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A password could not be hashed or verified.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A token could not be issued.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no usable key for OpenID Connect.
    #[error(transparent)]
    OidcKey(#[from] OidcKeyError),
    /// What a service issued could not be encrypted or decrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A QR code could not be generated.
    #[error(transparent)]
    Qr(#[from] QrError),
}

impl ServiceError {
    /// Returns the error code for the client.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(code) => *code,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Overloaded { .. }
            | Self::Store(_)
            | Self::Random(_)
            | Self::Password(_)
            | Self::Token(_)
            | Self::OidcKey(_)
            | Self::Seal(_)
            | Self::Qr(_) => ErrorCode::Unavailable,
        }
    }
}

impl From<ErrorCode> for ServiceError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

impl From<RateLimited> for ServiceError {
    fn from(RateLimited { retry_after }: RateLimited) -> Self {
        Self::RateLimited { retry_after }
    }
}

impl From<QueueFull> for ServiceError {
    /// A full share of one address is the client's fault (429); a full queue means that the server is overloaded (503).
    fn from(error: QueueFull) -> Self {
        match error {
            QueueFull::ForAddress { retry_after } => Self::RateLimited { retry_after },
            QueueFull::ForAll { retry_after } => Self::Overloaded { retry_after },
        }
    }
}

impl From<TransitionError> for ServiceError {
    fn from(error: TransitionError) -> Self {
        Self::Refused(error.into())
    }
}
