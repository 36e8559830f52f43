//! The token endpoint: codes and refresh tokens become tokens.

use super::error::{INVALID_GRANT, OAuthError};
use super::{ClientCredentials, DAY, OidcService};
use crate::error::ServiceError;
use crate::security::grant_token::{GrantToken, Kind};
use crate::security::oidc_keys::JwtType;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::Account;
use domain::client::{AccessTokenFormat, Client, Scope, Scopes};
use domain::grant::{ACCESS_TTL, Exchange, Grant, GrantError, Refresh};
use domain::ids::{GrantId, Secret};
use domain::oauth::OAuthErrorCode;
use domain::time::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::grants::GrantRow;

/// A request to the token endpoint.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// `grant_type=authorization_code`.
    Code {
        /// The code.
        code: Secret,
        /// The redirect URI that the code was sent to.
        redirect_uri: Option<String>,
        /// The PKCE code verifier.
        verifier: Option<Secret>,
        /// The resource that the access token is for.
        resource: Option<String>,
    },
    /// `grant_type=refresh_token`.
    Refresh {
        /// The refresh token.
        token: Secret,
        /// Fewer scopes than were granted.
        scope: Option<String>,
        /// The resource that the access token is for.
        resource: Option<String>,
    },
}

/// The tokens (RFC 6749, section 5.1).
#[derive(Clone, Debug, Serialize)]
pub struct TokenResponse {
    /// Opaque, or a JWT for a client that wants one.
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// With `offline_access`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// With `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret>,
    /// The scopes of the access token, separated by spaces.
    pub scope: String,
}

impl OidcService {
    /// Exchanges a code or a refresh token.
    ///
    /// # Errors
    /// [`OAuthError`].
    pub async fn token(
        &self,
        credentials: &ClientCredentials,
        request: TokenRequest,
    ) -> Result<TokenResponse, OAuthError> {
        let client = self.client(credentials)?;
        match request {
            TokenRequest::Code { code, redirect_uri, verifier, resource } => {
                let token = self.tokens.read(Kind::Code, code.reveal()).ok_or(INVALID_GRANT)?;
                let verifier = verifier.map(|verifier| verifier.reveal().to_owned());
                self.exchange_code(&client, token.grant, redirect_uri, verifier, resource).await
            }
            TokenRequest::Refresh { token, scope, resource } => {
                let token = self.tokens.read(Kind::Refresh, token.reveal()).ok_or(INVALID_GRANT)?;
                self.refresh(&client, &token, scope, resource).await
            }
        }
    }

    async fn exchange_code(
        &self,
        client: &Client,
        id: GrantId,
        redirect_uri: Option<String>,
        verifier: Option<String>,
        resource: Option<String>,
    ) -> Result<TokenResponse, OAuthError> {
        let row = self.grants.grant(id).await?.ok_or(INVALID_GRANT)?;
        let now = self.clock.now();
        let challenge = verifier.as_deref().map(s256);
        let exchange =
            Exchange { client: &client.id, redirect_uri: redirect_uri.as_deref(), challenge: challenge.as_deref() };
        let checked = row.grant.check_exchange(&exchange, now);
        self.revoke_if_replayed(id, checked, now).await?;
        self.check_person(client, &row, now)?;
        check_resource(client, &row.grant, resource.as_deref())?;
        // Before there are tokens: an app that signs a person in must also learn of the end.
        let is_told = client.backchannel_logout_uri.is_some();
        if is_told && !self.notices.expect_end(row.grant.session, &client.id, now).await? {
            return Err(INVALID_GRANT);
        }
        if !self.grants.use_code(id, now).await? {
            // Another request exchanged it at the same moment.
            self.revoke_if_replayed(id, Err(GrantError::Replayed), now).await?;
        }
        let grant = Grant { resource: resource.or(row.grant.resource.clone()), ..row.grant };
        let scopes = grant.scopes.clone();
        let nonce = grant.nonce.clone();
        self.respond(client, &grant, &row.account, &scopes, 0, nonce).await
    }

    async fn refresh(
        &self,
        client: &Client,
        token: &GrantToken,
        scope: Option<String>,
        resource: Option<String>,
    ) -> Result<TokenResponse, OAuthError> {
        let id = token.grant;
        let counter = u32::try_from(token.number).map_err(|_| INVALID_GRANT)?;
        loop {
            let row = self.grants.grant(id).await?.ok_or(INVALID_GRANT)?;
            let now = self.clock.now();
            let checked = row.grant.check_refresh(&client.id, counter, now);
            let refresh = self.revoke_if_replayed(id, checked, now).await?;
            // Everything that the first sign-in depended on, again: people leave groups, and apps are removed.
            self.check_person(client, &row, now)?;
            let scopes = narrowed(&row.grant, client, scope.as_deref())?;
            check_resource(client, &row.grant, resource.as_deref())?;
            let number = match refresh {
                Refresh::Same(number) => number,
                Refresh::Next(number) => {
                    let expires_at = now + DAY * client.refresh_days;
                    if !self.grants.rotate_grant(id, counter, now, expires_at).await? {
                        // Another request was faster: the next turn finds the token that it got.
                        continue;
                    }
                    number
                }
            };
            let grant = Grant { resource: resource.or(row.grant.resource.clone()), ..row.grant };
            return self.respond(client, &grant, &row.account, &scopes, number, None).await;
        }
    }

    /// Revokes the grant if a code or refresh token was used twice: one of the two is a thief, and it is unknown which
    /// (RFC 6749, section 4.1.2; RFC 9700, section 4.14.2).
    pub(super) async fn revoke_if_replayed<T>(
        &self,
        id: GrantId,
        checked: Result<T, GrantError>,
        now: Timestamp,
    ) -> Result<T, OAuthError> {
        match checked {
            Ok(value) => Ok(value),
            Err(error) => {
                if error == GrantError::Replayed {
                    tracing::warn!(grant = %id, "a code or refresh token was used twice: its grant is revoked");
                    self.grants.revoke_grant(id, now).await?;
                }
                Err(INVALID_GRANT)
            }
        }
    }

    /// Checks that the account, its session and its groups still permit the grant.
    pub(super) fn check_person(&self, client: &Client, row: &GrantRow, now: Timestamp) -> Result<(), OAuthError> {
        if row.lives_at(now) && client.admits(&row.account.groups) { Ok(()) } else { Err(INVALID_GRANT) }
    }

    pub(super) async fn respond(
        &self,
        client: &Client,
        grant: &Grant,
        account: &Account,
        scopes: &Scopes,
        number: u32,
        nonce: Option<String>,
    ) -> Result<TokenResponse, OAuthError> {
        let now = self.clock.now();
        let id_token = if scopes.contains(Scope::Openid) {
            let mut claims = self.id_token(grant, account, nonce, now);
            claims.person = if *scopes == grant.scopes { claims.person } else { self.person(account, scopes) };
            Some(self.sign(JwtType::IdToken, &claims).await?)
        } else {
            None
        };
        let is_jwt = client.access_token == AccessTokenFormat::Jwt || grant.resource.is_some();
        let access_token = if is_jwt {
            let jti = self.random.uuid().map_err(ServiceError::from)?.to_string();
            self.sign(JwtType::AccessToken, &self.access_token(grant, client, scopes, jti, now)).await?
        } else {
            let expires = u64::try_from((now + ACCESS_TTL).as_millis()).unwrap_or(0);
            let token = GrantToken { grant: grant.id, number: expires, scopes: scopes.clone() };
            self.tokens.issue(Kind::Access, &token)
        };
        let refresh_token = grant.is_offline().then(|| {
            let token = GrantToken { grant: grant.id, number: u64::from(number), scopes: Scopes::default() };
            self.tokens.issue(Kind::Refresh, &token)
        });
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in: ACCESS_TTL.as_secs(),
            refresh_token,
            id_token,
            scope: scopes.to_string(),
        })
    }

    pub(super) async fn sign(&self, kind: JwtType, claims: &(impl Serialize + Sync)) -> Result<Secret, OAuthError> {
        let signed = self.keys.sign(kind, claims).await;
        Ok(Secret::new(signed.map_err(ServiceError::from)?))
    }
}

/// Returns the scopes of a refresh: those that were asked for, of those that were granted and that the client may still
/// have.
fn narrowed(grant: &Grant, client: &Client, asked: Option<&str>) -> Result<Scopes, OAuthError> {
    let granted = grant.scopes.intersection(&client.scopes);
    let Some(asked) = asked else { return Ok(granted) };
    let scopes = Scopes::parse(asked);
    let knows_all = asked.split(' ').filter(|name| !name.is_empty()).count() == scopes.iter().count();
    if knows_all && scopes.is_subset_of(&granted) {
        Ok(scopes)
    } else {
        Err(OAuthError::Refused(OAuthErrorCode::InvalidScope, "a scope was not granted"))
    }
}

fn check_resource(client: &Client, grant: &Grant, asked: Option<&str>) -> Result<(), OAuthError> {
    let is_granted = |asked: &str| match &grant.resource {
        Some(granted) => granted == asked,
        None => client.resources.iter().any(|known| known == asked),
    };
    if asked.is_none_or(is_granted) {
        Ok(())
    } else {
        Err(OAuthError::Refused(OAuthErrorCode::InvalidTarget, "this resource was not granted"))
    }
}

/// The code challenge of a verifier (RFC 7636, section 4.2).
pub(super) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
