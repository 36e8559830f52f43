//! The error type of the OAuth endpoints that programs call.

use crate::error::ServiceError;
use domain::oauth::OAuthErrorCode;
use store::StoreError;

/// Why a program's request failed.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// The request is refused. The description is for the app's developer: plain ASCII without quotes or backslashes.
    #[error("{}: {}", .0.as_str(), .1)]
    Refused(OAuthErrorCode, &'static str),
    /// The server failed. The HTTP layer logs the details.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// `invalid_grant`, which hides the reason from a client that may be an attacker.
pub(super) const INVALID_GRANT: OAuthError =
    OAuthError::Refused(OAuthErrorCode::InvalidGrant, "the code or token is not valid for this request");
/// `invalid_token`.
pub(super) const INVALID_TOKEN: OAuthError =
    OAuthError::Refused(OAuthErrorCode::InvalidToken, "the access token is not valid");
