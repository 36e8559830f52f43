//! Sites behind a proxy that asks about each request (forward-auth): who is it, and may they in?
//!
//! A site's cookie names a grant, which is worth what its row says when it is read: so nothing outlives the session.
//! It is obtained like an app's tokens, by a code, except that this server plays the app's part, too:
//!
//! ```text
//! request without the cookie ──▶ visit (the URL, and a secret for this browser on the site's host)
//!   ──▶ our host: sign in ──code, id of the visit──▶ callback on the site's host: cookie ──▶ the visit's URL
//! ```

mod assertion;

use super::OidcService;
use super::error::OAuthError;
use super::exchange::s256;
use crate::error::ServiceError;
use crate::security::grant_token::{GrantToken, Kind};
use crate::security::secret::{hash, is_well_formed};
use assertion::Assertions;
use domain::account::Account;
use domain::authorization::{AuthorizationRequest, Interaction, Prompts, ResponseMode, Target};
use domain::client::{Client, Scopes, Site};
use domain::grant::Exchange;
use domain::ids::{AccountId, InteractionId, Secret};
use std::sync::Arc;
use store::StoreError;
use store::grants::GrantRow;

/// The use cases of sites behind a proxy.
#[derive(Clone, Debug)]
pub struct Sites {
    oidc: OidcService,
    assertions: Arc<Assertions>,
}

/// The answer to a proxy.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// A person who is let in, and what tells the site so.
    Welcome(Box<Account>, Arc<str>),
    /// No person is signed in to this site.
    Stranger,
    /// The person is not in one of the site's groups.
    Forbidden,
}

/// Why a visitor does not return to the site signed in.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The visit is unknown, expired, over, or another browser's, or the code is not for it.
    #[error("the visit is over")]
    Over,
    /// The person is not in one of the site's groups.
    #[error("the person may not enter")]
    Forbidden,
    /// The server failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for VisitError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<OAuthError> for VisitError {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::Refused(..) => Self::Over,
            OAuthError::Service(error) => Self::Service(error),
        }
    }
}

/// A visitor who has returned to the site.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who it is.
    pub account: AccountId,
    /// The value of the site's cookie.
    pub cookie: Secret,
    /// The URL that the visitor wanted, on the site.
    pub url: String,
}

impl Sites {
    /// Creates the service.
    pub fn new(oidc: OidcService) -> Self {
        Self { oidc, assertions: Arc::default() }
    }

    /// Decides about a request to the site, made with this cookie. Reads one row.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn check(&self, site: &Site, cookie: Option<&str>) -> Result<Verdict, ServiceError> {
        let Some(row) = self.row(site, cookie).await? else { return Ok(Verdict::Stranger) };
        if !site.admits(&row.account.groups) {
            return Ok(Verdict::Forbidden);
        }
        let assertion = self.assertions.of(&self.oidc, site, &row).await?;
        Ok(Verdict::Welcome(Box::new(row.account), assertion))
    }

    /// Returns the live grant of the site's cookie.
    async fn row(&self, site: &Site, cookie: Option<&str>) -> Result<Option<GrantRow>, ServiceError> {
        let Some(token) = cookie.and_then(|cookie| self.oidc.tokens.read(Kind::Site, cookie)) else { return Ok(None) };
        let now = self.oidc.clock.now();
        let is_live = |row: &GrantRow| {
            let grant = &row.grant;
            let is_its_own = grant.client == Site::client_id() && grant.redirect_uri == Site::callback(&site.host);
            is_its_own && grant.code_used_at.is_some() && row.lives_at(now)
        };
        Ok(self.oidc.grants.grant(token.grant).await?.filter(is_live))
    }

    /// Returns the secret that binds a browser's visits to a site: the one of its cookie, so that several tabs can sign in
    /// at once, or a new one.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub fn secret(&self, cookie: Option<&str>) -> Result<Secret, ServiceError> {
        match cookie.filter(|cookie| is_well_formed(cookie)) {
            Some(secret) => Ok(Secret::new(secret.to_owned())),
            None => Ok(self.oidc.random.secret()?),
        }
    }

    /// Remembers where a visitor of a site wants to go, as the request that will sign them in. Its code can only be used
    /// by the browser that has the secret, as by PKCE.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn remember(&self, site: &Site, url: String, secret: &Secret) -> Result<InteractionId, ServiceError> {
        let client = site.client();
        let request = AuthorizationRequest {
            target: Target {
                redirect_uri: Site::callback(&site.host),
                response_mode: ResponseMode::Query,
                state: Some(url),
                client: client.id,
            },
            scopes: client.scopes,
            nonce: None,
            code_challenge: Some(s256(secret.reveal())),
            prompts: Prompts::default(),
            max_age: None,
            wants_scan: false,
            login_hint: None,
            resource: None,
            hinted: None,
        };
        let id = self.oidc.random.uuid()?.into();
        let started_at = self.oidc.clock.now();
        let visit = Interaction { id, browser: hash(secret), request, consented_by: None, started_at };
        self.oidc.grants.put_interaction(&visit).await?;
        Ok(id)
    }

    /// Returns the request that signs the visitor in, and the site as its client.
    ///
    /// # Errors
    /// [`VisitError`].
    pub async fn request(&self, id: InteractionId) -> Result<(AuthorizationRequest, Arc<Client>), VisitError> {
        let visit = self.visit(id).await?;
        let client = self.oidc.party(&visit.request.target).ok_or(VisitError::Over)?;
        let mut request = visit.request;
        request.target.state = Some(id.to_string());
        Ok((request, client))
    }

    async fn visit(&self, id: InteractionId) -> Result<Interaction, VisitError> {
        let visit = self.oidc.grants.interaction(id).await?.ok_or(VisitError::Over)?;
        let Target { client, redirect_uri, .. } = &visit.request.target;
        let is_visit = Site::host_of(client, redirect_uri).is_some() && self.oidc.clock.now() < visit.expires_at();
        if is_visit { Ok(visit) } else { Err(VisitError::Over) }
    }

    /// Exchanges the code that a visitor brings to the site's callback. Only the browser whose visit it is, on the host
    /// where it began, can do that, once.
    ///
    /// # Errors
    /// [`VisitError`].
    pub async fn arrive(
        &self,
        site: &Site,
        id: InteractionId,
        code: &str,
        secret: Option<&str>,
    ) -> Result<Arrival, VisitError> {
        let secret = Secret::new(secret.ok_or(VisitError::Over)?.to_owned());
        let visit = self.visit(id).await?;
        let callback = Site::callback(&site.host);
        // The sign-in on our own host is a request of the same form. Its state is an id.
        let url = visit.request.target.state.clone().filter(|url| {
            let parts = Site::split_url(url);
            parts.is_some_and(|(host, path)| host == site.host && path.starts_with('/'))
        });
        let url = url.ok_or(VisitError::Over)?;
        if visit.browser != hash(&secret) || visit.request.target.redirect_uri != callback {
            return Err(VisitError::Over);
        }
        let token = self.oidc.tokens.read(Kind::Code, code).ok_or(VisitError::Over)?;
        let row = self.oidc.grants.grant(token.grant).await?.ok_or(VisitError::Over)?;
        let now = self.oidc.clock.now();
        let challenge = s256(secret.reveal());
        let exchange =
            Exchange { client: &Site::client_id(), redirect_uri: Some(&callback), challenge: Some(&challenge) };
        let checked = row.grant.check_exchange(&exchange, now);
        self.oidc.revoke_if_replayed(token.grant, checked, now).await?;
        if !row.lives_at(now) {
            return Err(VisitError::Over);
        }
        if !site.admits(&row.account.groups) {
            return Err(VisitError::Forbidden);
        }
        let is_first =
            self.oidc.grants.take_interaction(id).await? && self.oidc.grants.use_code(token.grant, now).await?;
        if !is_first {
            return Err(VisitError::Over);
        }
        let cookie = GrantToken { grant: token.grant, number: 0, scopes: Scopes::default() };
        Ok(Arrival { account: row.account.id, cookie: self.oidc.tokens.issue(Kind::Site, &cookie), url })
    }

    /// Signs out of one site. Idempotent. The session on our own host lives on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn leave(&self, site: &Site, cookie: Option<&str>) -> Result<Option<AccountId>, ServiceError> {
        let Some(row) = self.row(site, cookie).await? else { return Ok(None) };
        self.oidc.grants.revoke_grant(row.grant.id, self.oidc.clock.now()).await?;
        Ok(Some(row.account.id))
    }
}
