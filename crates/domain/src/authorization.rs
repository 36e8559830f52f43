//! The authorization endpoint's rules (RFC 6749, section 4.1; OpenID Connect Core, section 3.1.2): what a request may
//! ask for, and what has to happen before it is granted.

mod request;
mod step;

pub use request::{
    ACR_ASSERTION, ACR_PASSWORD, ACR_SCAN, AuthorizationRequest, InvalidTarget, Parameters, Prompts, RequestError,
    ResponseMode, Target, read_request,
};
pub use step::{Facts, SignedInFacts, Step, granted_scopes, next_step};

use crate::client::ClientId;
use crate::ids::{AccountId, InteractionId, SecretHash};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a person has to answer an authorization request.
pub const INTERACTION_TTL: Duration = Duration::from_secs(15 * 60);

/// The error codes of an authorization response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationErrorCode {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The person or the server refuses.
    AccessDenied,
    /// Only `code` is supported.
    UnsupportedResponseType,
    /// The server failed.
    ServerError,
    /// `prompt=none`, and the person is not signed in (OpenID Connect Core, section 3.1.2.6).
    LoginRequired,
    /// `prompt=none`, and the person has not consented.
    ConsentRequired,
    /// The parameter `request` is not supported.
    RequestNotSupported,
    /// The parameter `request_uri` is not supported.
    RequestUriNotSupported,
    /// The parameter `registration` is not supported.
    RegistrationNotSupported,
    /// The resource is not one of the client's (RFC 8707, section 2).
    InvalidTarget,
}

impl AuthorizationErrorCode {
    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidTarget => "invalid_target",
        }
    }
}

/// An authorization request that waits for a person: to sign in, to consent, or both. Kept by the server, so that its
/// URL contains nothing but an id, and bound to the browser that made the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Its id, the only part that is in a URL.
    pub id: InteractionId,
    /// Hash of the secret of the browser that made the request. No other browser can continue it.
    pub browser: SecretHash,
    /// The validated request.
    pub request: AuthorizationRequest,
    /// The account that has consented to exactly this request, on the phone or on the consent page.
    pub consented_by: Option<AccountId>,
    /// When the request was made.
    pub started_at: Timestamp,
}

impl Interaction {
    /// Returns when it expires.
    pub fn expires_at(&self) -> Timestamp {
        self.started_at + INTERACTION_TTL
    }
}

/// An app that an account has signed in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedApp {
    /// The client id.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// URL of its logo.
    pub logo_url: Option<String>,
    /// What it may learn: the names of scopes, separated by spaces.
    pub scope: String,
    /// When the person first signed in to it, RFC 3339 UTC.
    pub since: String,
}
