//! Access tokens: who they speak for, whether they are valid, and their end.

use super::claims::{AccessTokenClaims, UserInfoClaims};
use super::error::{INVALID_TOKEN, OAuthError};
use super::{ClientCredentials, OidcService};
use crate::error::ServiceError;
use crate::security::grant_token::Kind;
use crate::security::oidc_keys::{JwtType, VerifyError};
use domain::client::{Client, Scope, Scopes};
use domain::ids::GrantId;
use domain::oauth::OAuthErrorCode;
use domain::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use store::grants::GrantRow;

/// The response of the introspection endpoint (RFC 7662, section 2.2).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Introspection {
    /// Whether the token is valid. If not, there is nothing else.
    pub active: bool,
    /// The scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The username, with the scope `profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer` for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// When it expires, in seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When the grant was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}

/// A token that this server issued. Whether its grant is live is another question.
struct Issued {
    grant: GrantId,
    kind: Kind,
    /// When an access token expires.
    expires_at: Option<Timestamp>,
    /// The number of a refresh token.
    number: u64,
    scopes: Scopes,
    /// The audience of a JWT.
    audience: Option<String>,
}

/// A valid token.
struct Valid {
    issued: Issued,
    row: GrantRow,
    client: Arc<Client>,
}

impl OidcService {
    /// Returns what the app may know of the person.
    ///
    /// # Errors
    /// `invalid_token`, or `insufficient_scope` if the token is not for this endpoint.
    pub async fn user_info(&self, token: &str) -> Result<UserInfoClaims, OAuthError> {
        let valid = self.valid(token).await?.filter(|valid| valid.issued.kind == Kind::Access).ok_or(INVALID_TOKEN)?;
        // A token for another audience is not for us (RFC 9068, section 4).
        if valid.issued.audience.as_ref().is_some_and(|audience| **audience != *self.issuer) {
            return Err(INVALID_TOKEN);
        }
        if !valid.issued.scopes.contains(Scope::Openid) {
            return Err(OAuthError::Refused(OAuthErrorCode::InsufficientScope, "the scope openid is required"));
        }
        let account = &valid.row.account;
        Ok(UserInfoClaims { sub: account.id, person: self.person(account, &valid.issued.scopes) })
    }

    /// Returns whether a token of this client is valid, and for what.
    ///
    /// # Errors
    /// `invalid_client`, or `unauthorized_client` for a public one, which cannot be told from a stranger.
    pub async fn introspect(&self, credentials: &ClientCredentials, token: &str) -> Result<Introspection, OAuthError> {
        let client = self.client(credentials)?;
        if client.is_public {
            let description = "a public client may not introspect tokens";
            return Err(OAuthError::Refused(OAuthErrorCode::UnauthorizedClient, description));
        }
        let own = self.valid(token).await?.filter(|valid| valid.client.id == client.id);
        let Some(Valid { issued, row, client }) = own else { return Ok(Introspection::default()) };
        let expires_at = issued.expires_at.unwrap_or(row.grant.expires_at);
        Ok(Introspection {
            active: true,
            scope: Some(issued.scopes.to_string()),
            client_id: Some(client.id.to_string()),
            // What the person has not agreed to tell the app, it does not learn here either.
            username: issued.scopes.contains(Scope::Profile).then_some(row.account.username),
            token_type: (issued.kind == Kind::Access).then_some("Bearer"),
            exp: Some(expires_at.as_secs()),
            iat: Some(row.grant.created_at.as_secs()),
            sub: Some(row.account.id.to_string()),
            aud: Some(issued.audience.unwrap_or_else(|| client.id.to_string())),
            iss: Some(self.issuer.to_string()),
        })
    }

    /// Ends the grant of a token of this client. Succeeds for any other token without effect (RFC 7009, section 2.2).
    ///
    /// # Errors
    /// `invalid_client`.
    pub async fn revoke(&self, credentials: &ClientCredentials, token: &str) -> Result<(), OAuthError> {
        let client = self.client(credentials)?;
        let Some(issued) = self.read(token).await? else { return Ok(()) };
        let own = self.grants.grant(issued.grant).await?.filter(|row| row.grant.client == client.id);
        if let Some(row) = own {
            self.grants.revoke_grant(row.grant.id, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Returns the token if everything that it depends on is live.
    async fn valid(&self, token: &str) -> Result<Option<Valid>, OAuthError> {
        let Some(issued) = self.read(token).await? else { return Ok(None) };
        let now = self.clock.now();
        if issued.expires_at.is_some_and(|end| now >= end) {
            return Ok(None);
        }
        let Some(row) = self.grants.grant(issued.grant).await? else { return Ok(None) };
        let Some(client) = self.clients.current().client(row.grant.client.as_str()) else { return Ok(None) };
        let is_current = issued.kind != Kind::Refresh
            || u32::try_from(issued.number)
                .is_ok_and(|counter| row.grant.check_refresh(&client.id, counter, now).is_ok());
        let is_live = is_current && self.check_person(&client, &row, now).is_ok() && row.grant.code_used_at.is_some();
        let scopes = if issued.kind == Kind::Refresh { row.grant.scopes.clone() } else { issued.scopes.clone() };
        let issued = Issued { scopes: scopes.intersection(&client.scopes), ..issued };
        Ok(is_live.then_some(Valid { issued, row, client }))
    }

    /// Returns the contents of an access or refresh token that this server issued.
    async fn read(&self, token: &str) -> Result<Option<Issued>, OAuthError> {
        for kind in [Kind::Access, Kind::Refresh] {
            if let Some(read) = self.tokens.read(kind, token) {
                let expires_at = (kind == Kind::Access).then(|| read.expires_at());
                let (grant, number, scopes) = (read.grant, read.number, read.scopes);
                return Ok(Some(Issued { grant, kind, expires_at, number, scopes, audience: None }));
            }
        }
        let claims = match self.keys.verify::<AccessTokenClaims>(token, JwtType::AccessToken).await {
            Ok(claims) => claims,
            Err(VerifyError::Refused(_)) => return Ok(None),
            Err(VerifyError::Keys(error)) => return Err(ServiceError::from(error).into()),
        };
        Ok((claims.iss == *self.issuer).then(|| Issued {
            grant: claims.grant,
            kind: Kind::Access,
            expires_at: Some(Timestamp::from_millis(claims.exp.saturating_mul(1000))),
            number: 0,
            scopes: Scopes::parse(&claims.scope),
            audience: Some(claims.aud),
        }))
    }
}
