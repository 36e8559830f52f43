//! Sign-in by another provider (OpenID Connect, the client's side): the authorization code flow with PKCE, `state`, `nonce`
//! and the check of `iss` (RFC 9207).
//!
//! A sign-in is kept in the browser's cookie alone: everything that must not be guessed is derived from one secret in it. So
//! strangers who begin sign-ins leave nothing here, any node can finish one, and no other browser can.

mod attempt;
mod claims;

pub use attempt::{Attempt, LIFE};

use crate::audit::{Audit, Event};
use crate::clients::Registry;
use crate::error::ServiceError;
use crate::security::random::Random;
use crate::security::rate_limit::RateLimits;
use crate::sign_in::Begun;
use crate::upstream::{Metadata, Tokens, UpstreamError, Upstreams};
use crate::vouching::VouchingService;
use clock::Clock;
use domain::account::SignIn;
use domain::client::Provider;
use domain::error::ErrorCode;
use domain::ids::AccountId;
use domain::limits::Key;
use std::net::IpAddr;
use std::sync::Arc;
use url::Url;

/// Longest authorization code, in bytes.
const LONGEST_CODE: usize = 4096;

/// Why a sign-in came to nothing. Pages say no more than this; the log has the cause.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It was begun in another browser, is finished, or took too long.
    #[error("the sign-in is over")]
    Over,
    /// The person declined at the provider.
    #[error("the person declined")]
    Declined,
    /// The provider is down, refused, or answered what cannot be believed.
    #[error("the provider failed")]
    Failed,
    /// The person has no account here, and is not to get one.
    #[error("the person has no account here")]
    NoAccount,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The server failed, or a limit was reached.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl ProviderError {
    /// Returns the code for the audit log.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Over => ErrorCode::WrongBrowser,
            Self::Failed => ErrorCode::UpstreamUnavailable,
            Self::Declined | Self::NoAccount | Self::Disabled => ErrorCode::InvalidCredentials,
            Self::Service(error) => error.code(),
        }
    }
}

impl From<UpstreamError> for ProviderError {
    fn from(error: UpstreamError) -> Self {
        tracing::warn!(%error, "a provider did not answer as it should");
        Self::Failed
    }
}

/// What the provider sends back by the browser. Each may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Response<'a> {
    /// `code`.
    pub code: Option<&'a str>,
    /// `state`.
    pub state: Option<&'a str>,
    /// `iss` (RFC 9207).
    pub issuer: Option<&'a str>,
    /// `error`.
    pub error: Option<&'a str>,
}

/// The use cases.
#[derive(Clone, Debug)]
pub struct ProviderService {
    /// The providers.
    pub clients: Registry,
    /// Talks to them.
    pub upstreams: Upstreams,
    /// Whose accounts are whose, the providers' keys, and how sessions begin.
    pub vouching: VouchingService,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The audit log.
    pub audit: Audit,
    /// The time source.
    pub clock: Clock,
    /// The source of secrets.
    pub random: Random,
}

impl ProviderService {
    /// Begins a sign-in that ends at `next`, a path of this site: returns where to send the browser, and what it keeps in its
    /// cookie. `callback` is our redirect URI for that provider.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn begin(
        &self,
        id: &str,
        next: &str,
        callback: &str,
        ip: IpAddr,
    ) -> Result<(String, Attempt), ProviderError> {
        let provider = self.clients.current().provider(id).ok_or(ErrorCode::NotFound).map_err(ServiceError::from)?;
        self.limits.charge(Key::SignInFrom(ip)).await.map_err(ServiceError::from)?;
        let metadata = self.upstreams.metadata(&provider.identity.iss).await?;
        let endpoint = metadata.authorization_endpoint.as_deref().and_then(|url| Url::parse(url).ok());
        let mut url = endpoint.ok_or(UpstreamError::Metadata("authorization_endpoint"))?;
        let secret = self.random.secret().map_err(ServiceError::from)?;
        let attempt = Attempt::new(id, secret, next, self.clock.now());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.registration.client_id)
            .append_pair("redirect_uri", callback)
            .append_pair("scope", &provider.scope)
            .append_pair("state", &attempt.state())
            .append_pair("nonce", &attempt.nonce())
            .append_pair("code_challenge", &attempt.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((url.into(), attempt))
    }

    /// Finishes the sign-in that this browser keeps, and begins a session.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn finish(
        &self,
        id: &str,
        attempt: Option<&Attempt>,
        response: Response<'_>,
        callback: &str,
        sign_in: SignIn,
        ip: IpAddr,
    ) -> Result<Begun, ProviderError> {
        let mut account = None;
        let outcome = self.verify(id, attempt, response, callback, sign_in, ip, &mut account).await;
        let noted = outcome.as_ref().map(drop).map_err(ProviderError::code);
        self.audit.record(Event::Provider, account, ip, noted);
        outcome
    }

    #[allow(clippy::too_many_arguments, reason = "those of `finish`")]
    async fn verify(
        &self,
        id: &str,
        attempt: Option<&Attempt>,
        response: Response<'_>,
        callback: &str,
        sign_in: SignIn,
        ip: IpAddr,
        account: &mut Option<AccountId>,
    ) -> Result<Begun, ProviderError> {
        let attempt = attempt.filter(|attempt| attempt.is_for(id, self.clock.now())).ok_or(ProviderError::Over)?;
        // First, so that the response to another sign-in is not looked at any further.
        if !response.state.is_some_and(|state| attempt.has_state(state)) {
            return Err(ProviderError::Over);
        }
        let provider = self.clients.current().provider(id).ok_or(ProviderError::Over)?;
        let metadata = self.upstreams.metadata(&provider.identity.iss).await?;
        check_issuer(&metadata, response.issuer)?;
        match response.error {
            Some("access_denied") => return Err(ProviderError::Declined),
            Some(_) => {
                tracing::warn!(provider = id, "a provider refused a sign-in");
                return Err(ProviderError::Failed);
            }
            None => {}
        }
        let code =
            response.code.filter(|code| (1..=LONGEST_CODE).contains(&code.len())).ok_or(ProviderError::Failed)?;
        self.limits.charge(Key::SignInFrom(ip)).await.map_err(ServiceError::from)?;
        let tokens = self.exchange(&provider, &metadata, code, callback, attempt).await?;
        let (subject, claims) = self.person(&provider, &metadata, &tokens, attempt).await?;
        let issuer = &provider.identity;
        self.limits.charge(Key::VouchedBy(issuer.iss.clone())).await.map_err(ServiceError::from)?;
        let found = self.vouching.account(issuer, &subject, &claims).await?.ok_or(ProviderError::NoAccount)?;
        *account = Some(found.id);
        if found.disabled {
            return Err(ProviderError::Disabled);
        }
        self.vouching.sign_in.by_provider(&found, sign_in, ip).await.map_err(|error| match error.code() {
            ErrorCode::InvalidCredentials | ErrorCode::TokenRevoked => ProviderError::Disabled,
            _ => error.into(),
        })
    }

    async fn exchange(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        code: &str,
        callback: &str,
        attempt: &Attempt,
    ) -> Result<Tokens, ProviderError> {
        let verifier = attempt.verifier();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", verifier.reveal()),
        ];
        let at = metadata.located();
        let reply = self.upstreams.post(&at.token, &provider.registration, at.wants_post, &form).await?;
        Ok(Tokens::read(&reply)?)
    }
}

/// Checks that the response is of the provider that was asked (RFC 9207, section 2.4).
fn check_issuer(metadata: &Metadata, issuer: Option<&str>) -> Result<(), ProviderError> {
    let is_right = match issuer {
        Some(issuer) => issuer == metadata.issuer,
        None => !metadata.authorization_response_iss_parameter_supported,
    };
    if is_right {
        return Ok(());
    }
    tracing::warn!(provider = metadata.issuer, "a sign-in was answered by another provider");
    Err(ProviderError::Failed)
}
