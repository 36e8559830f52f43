//! Why a use case was not done.

use crate::qr::QrError;
use crate::security::password::{PasswordError, QueueFull};
use crate::security::rate_limit::RateLimited;
use crate::security::secret::RandomError;
use crate::security::token::TokenError;
use domain::error::ErrorCode;
use domain::ticket::TransitionError;
use store::StoreError;

/// Why a use case was not done. Whoever shows it to a client logs what is no client's business.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request is refused, and the code says why.
    #[error("{}", .0.message())]
    Refused(ErrorCode),
    /// The client asks too often.
    #[error("{}", ErrorCode::RateLimited.message())]
    RateLimited {
        /// Seconds after which it may try again.
        retry_after: u64,
    },
    /// The server has more to do than it can.
    #[error("{}", ErrorCode::Unavailable.message())]
    Overloaded {
        /// Seconds after which to try again.
        retry_after: u64,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There were no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A password was neither hashed nor compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A token was not written.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A QR code was not drawn.
    #[error(transparent)]
    Qr(#[from] QrError),
}

impl ServiceError {
    /// What a client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(code) => *code,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Overloaded { .. }
            | Self::Store(_)
            | Self::Random(_)
            | Self::Password(_)
            | Self::Token(_)
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
    /// An address with too many is told that it asks too often; a server with too many, that it is overloaded.
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
