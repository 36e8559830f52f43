//! What an app learns of a person: the claims of ID tokens and of the userinfo endpoint.

use super::OidcService;
use domain::account::{Account, Began};
use domain::authorization::{ACR_ASSERTION, ACR_PASSWORD, ACR_SCAN};
use domain::client::{Client, Scope, Scopes};
use domain::grant::{ACCESS_TTL, Grant, ID_TOKEN_TTL};
use domain::ids::{AccountId, GrantId, SessionId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long ended grants stay on record, so that a code that is replayed is recognised.
pub(super) const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// What a person has let the app know, by scope (OpenID Connect Core, section 5.4). `groups` is not standard, but
/// named so by most providers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaims {
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The username. Unique now, but may belong to another person later: `sub` identifies the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// URL of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the operator has verified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// The claims of an ID token (OpenID Connect Core, section 2). `at_hash` is optional in the code flow, and omitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The account.
    pub sub: AccountId,
    /// The client.
    pub aud: String,
    /// When it expires, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the person signed in.
    pub auth_time: i64,
    /// The client's nonce; not in a token by refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The session.
    pub sid: SessionId,
    /// How the person signed in, as a class.
    pub acr: String,
    /// How the person signed in, as methods (RFC 8176).
    pub amr: Vec<String>,
    /// What the person has let the app know.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// The claims of an access token in JWT form (RFC 9068, section 2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The account.
    pub sub: AccountId,
    /// The resource.
    pub aud: String,
    /// When it expires, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the person signed in.
    pub auth_time: i64,
    /// The client.
    pub client_id: String,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// The token's id.
    pub jti: String,
    /// The grant that it is worth as much as.
    pub grant: GrantId,
}

/// The response of the userinfo endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserInfoClaims {
    /// The account: the same as in the ID token.
    pub sub: AccountId,
    /// What the person has let the app know.
    #[serde(flatten)]
    pub person: PersonClaims,
}

impl OidcService {
    pub(super) fn person(&self, account: &Account, scopes: &Scopes) -> PersonClaims {
        let mut claims = PersonClaims::default();
        if scopes.contains(Scope::Profile) {
            claims.name = Some(account.display_name.clone());
            claims.preferred_username = Some(account.username.clone());
            claims.picture = account.picture_url(&self.issuer);
        }
        if scopes.contains(Scope::Email) && account.email.is_some() {
            claims.email.clone_from(&account.email);
            claims.email_verified = Some(account.email_verified);
        }
        if scopes.contains(Scope::Groups) {
            claims.groups = Some(account.groups.clone());
        }
        claims
    }

    /// Returns the claims of an ID token. `nonce` only for the one that answers the request with that nonce.
    pub(super) fn id_token(
        &self,
        grant: &Grant,
        account: &Account,
        nonce: Option<String>,
        now: Timestamp,
    ) -> IdTokenClaims {
        let (acr, amr): (_, &[&str]) = match grant.began {
            Began::Password => (ACR_PASSWORD, &["pwd"]),
            // How the app knows its user is its own business.
            Began::Assertion => (ACR_ASSERTION, &[]),
            // Two channels, and a tap shows presence. Not `mfa` and no proof of a key: the phone shows a cookie.
            Began::Code => (ACR_SCAN, &["mca", "user"]),
        };
        IdTokenClaims {
            iss: self.issuer.to_string(),
            sub: account.id,
            aud: grant.client.to_string(),
            exp: (now + ID_TOKEN_TTL).as_secs(),
            iat: now.as_secs(),
            auth_time: grant.auth_time.as_secs(),
            nonce,
            sid: grant.session,
            acr: acr.to_owned(),
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
            person: self.person(account, &grant.scopes),
        }
    }

    pub(super) fn access_token(
        &self,
        grant: &Grant,
        client: &Client,
        scopes: &Scopes,
        jti: String,
        now: Timestamp,
    ) -> AccessTokenClaims {
        let resource = grant.resource.as_ref().or(client.resources.first());
        AccessTokenClaims {
            iss: self.issuer.to_string(),
            sub: grant.account,
            aud: resource.map_or_else(|| self.issuer.to_string(), String::clone),
            exp: (now + ACCESS_TTL).as_secs(),
            iat: now.as_secs(),
            auth_time: grant.auth_time.as_secs(),
            client_id: grant.client.to_string(),
            scope: scopes.to_string(),
            jti,
            grant: grant.id,
        }
    }
}
