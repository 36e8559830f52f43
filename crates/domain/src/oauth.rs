//! The errors of the OAuth endpoints that programs call (RFC 6749, section 5.2; RFC 6750, section 3.1).

/// The error code of a response of the token, introspection, revocation or userinfo endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OAuthErrorCode {
    /// A parameter is missing, repeated, malformed, or in the wrong place.
    InvalidRequest,
    /// The client is unknown, or its secret is wrong or missing.
    InvalidClient,
    /// The code or refresh token is unknown, expired, revoked, used, or belongs to another request.
    InvalidGrant,
    /// The client may not use this endpoint or grant type.
    UnauthorizedClient,
    /// The grant type is unknown.
    UnsupportedGrantType,
    /// A scope was not granted.
    InvalidScope,
    /// The resource was not granted (RFC 8707, section 2).
    InvalidTarget,
    /// The access token is unknown, expired or revoked.
    InvalidToken,
    /// The access token lacks a scope.
    InsufficientScope,
    /// The device has to wait: the request is undecided (RFC 8628, section 3.5).
    AuthorizationPending,
    /// The same, and the device has to poll less often.
    SlowDown,
    /// The person declined.
    AccessDenied,
    /// The device's code has expired.
    ExpiredToken,
    /// The client sends too many requests. The name is that of RFC 6749, section 4.1.2.1.
    TemporarilyUnavailable,
    /// The server failed.
    ServerError,
}

impl OAuthErrorCode {
    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// Returns the HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::TemporarilyUnavailable | Self::ServerError => 503,
            _ => 400,
        }
    }
}
