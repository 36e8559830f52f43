//! Sign-in by an assertion: an app's own backend vouches for its user, and the user's phone is signed in (RFC 7523).

mod jws;
mod key_sets;
mod person;

pub(crate) use jws::Jws;
pub use key_sets::KeySets;

use crate::account::{AccountError, AccountService};
use crate::audit::{Audit, Event};
use crate::error::ServiceError;
use crate::oidc::{ClientCredentials, OAuthError, OidcService};
use crate::security::password::Passwords;
use crate::security::rate_limit::RateLimits;
use crate::sign_in::{Begun, SignInService};
use domain::account::{Account, AccountView, SignIn};
use domain::assertion::{Vouched, Vouching};
use domain::client::Issuer;
use domain::error::ErrorCode;
use domain::id_token::IdToken;
use domain::ids::{DeviceId, Secret};
use domain::limits::Key;
use domain::oauth::OAuthErrorCode;
use person::Person;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::Arc;
use store::StoreError;
use store::identities::{Identity, IdentityStore};

/// Attempts to find a username for a new account.
const ATTEMPTS: usize = 5;

const fn refuse(description: &'static str) -> OAuthError {
    OAuthError::Refused(OAuthErrorCode::InvalidGrant, description)
}

/// The use case.
#[derive(Clone, Debug)]
pub struct VouchingService {
    /// Whose accounts are whose, and which assertions were used.
    pub identities: Arc<dyn IdentityStore>,
    /// Accounts.
    pub accounts: AccountService,
    /// Hashes the unknown password of a new account.
    pub passwords: Passwords,
    /// Begins the session.
    pub sign_in: SignInService,
    /// Authenticates clients, and knows our URL and the issuers.
    pub oidc: OidcService,
    /// The issuers' keys.
    pub keys: KeySets,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The audit log.
    pub audit: Audit,
}

/// The response of the token endpoint: a phone's credential. It has no fixed end of life.
#[derive(Clone, Debug, Serialize)]
pub struct VouchedResponse {
    /// The phone's token, bound to the device.
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// The device id, to be sent as `X-Device-Id` from now on.
    pub device_id: Option<DeviceId>,
    /// The account that is signed in.
    pub account: AccountView,
}

/// The registered claims. A time may have a fraction (RFC 7519, section 2).
#[derive(Debug, Deserialize)]
pub(crate) struct Registered {
    iss: String,
    sub: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    aud: Vec<String>,
    exp: Option<f64>,
    iat: Option<f64>,
    nbf: Option<f64>,
    jti: Option<String>,
    azp: Option<String>,
    nonce: Option<String>,
}

/// Reads `aud`, which is a text or a list (RFC 7519, section 4.1.3).
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(audience) => vec![audience],
        Audience::Many(audiences) => audiences,
    })
}

impl VouchingService {
    /// Signs a phone in by an assertion. Its username in `sign_in` does not count.
    ///
    /// # Errors
    /// [`OAuthError`]: `invalid_grant` says what is wrong with the assertion.
    pub async fn exchange(
        &self,
        assertion: &Secret,
        credentials: Option<&ClientCredentials>,
        sign_in: SignIn,
        ip: IpAddr,
    ) -> Result<VouchedResponse, OAuthError> {
        let outcome = self.begin(assertion.reveal(), credentials, sign_in, ip).await;
        let (account, noted) = match &outcome {
            Ok((account, _)) => (Some(account.id), Ok(())),
            Err(OAuthError::Refused(..)) => (None, Err(ErrorCode::InvalidCredentials)),
            Err(OAuthError::Service(error)) => (None, Err(error.code())),
        };
        self.audit.record(Event::Vouch, account, ip, noted);
        let (_, Begun { signed_in, .. }) = outcome?;
        Ok(VouchedResponse {
            access_token: signed_in.token,
            token_type: "Bearer",
            device_id: signed_in.device_id,
            account: signed_in.account,
        })
    }

    async fn begin(
        &self,
        text: &str,
        credentials: Option<&ClientCredentials>,
        sign_in: SignIn,
        ip: IpAddr,
    ) -> Result<(Account, Begun), OAuthError> {
        let jws = Jws::read(text).ok_or(refuse("the assertion is malformed, too long or of another type"))?;
        let clients = self.oidc.clients.current();
        let named = jws.claims.get("iss").and_then(Value::as_str).and_then(|iss| clients.issuer(iss));
        let issuer = named.ok_or(refuse("the issuer is not known"))?;
        self.verify(&jws, issuer).await?;
        let registered: Registered = serde_json::from_value(Value::Object(jws.claims.clone()))
            .map_err(|_| refuse("a claim of the assertion is malformed"))?;
        let Vouched { subject, id, until } = registered
            .vouching()
            .check(&issuer.iss, &self.oidc.issuer, self.oidc.clock.now())
            .map_err(|error| refuse(error.0))?;
        if !self.identities.use_assertion(&issuer.iss, id, until).await? {
            return Err(refuse("the assertion was used before"));
        }
        if let Some(credentials) = credentials {
            self.oidc.client(credentials)?;
        }
        self.limits.charge(Key::VouchedBy(issuer.iss.clone())).await.map_err(ServiceError::from)?;
        let account = self.account(issuer, subject, &jws.claims).await?;
        let account = account.ok_or(refuse("the user has no account here"))?;
        if account.disabled {
            return Err(refuse("the account is disabled"));
        }
        let begun = self.sign_in.by_assertion(&account, sign_in, ip).await;
        let begun = begun.map_err(|error| match error.code() {
            ErrorCode::InvalidCredentials | ErrorCode::TokenRevoked => refuse("the account is disabled"),
            _ => OAuthError::Service(error),
        })?;
        Ok((account, begun))
    }

    /// Verifies the signature. The issuer's own list of algorithms decides, not the header alone (RFC 8725, section 3.1).
    async fn verify(&self, jws: &Jws<'_>, issuer: &Issuer) -> Result<(), OAuthError> {
        if !jws.alg.is_some_and(|alg| issuer.algs.contains(&alg)) {
            return Err(refuse("alg is not one that this issuer may sign with"));
        }
        let kid = jws.kid.as_deref().ok_or(refuse("kid is missing"))?;
        let key = self.keys.key(&issuer.jwks_url, kid).await.map_err(|_| {
            let description = "the keys of the issuer cannot be fetched, try again";
            OAuthError::Refused(OAuthErrorCode::TemporarilyUnavailable, description)
        })?;
        let key = key.ok_or(refuse("kid is not in the key set of the issuer"))?;
        if jws.is_signed_by(&key) { Ok(()) } else { Err(refuse("the signature of the assertion is wrong")) }
    }

    /// Returns the account of the user, with what the issuer now says about it. A new one is added if it may be; otherwise there
    /// may be none.
    pub(crate) async fn account(
        &self,
        issuer: &Issuer,
        subject: &str,
        claims: &Map<String, Value>,
    ) -> Result<Option<Account>, ServiceError> {
        let identity = Identity { issuer: &issuer.iss, subject };
        let person = Person { issuer, claims };
        let account = match self.identities.account_of(identity).await? {
            Some(account) => account,
            None if issuer.provision => self.provision(identity, person).await?,
            None => return Ok(None),
        };
        let change = person.change(&account);
        if change.is_empty() || account.disabled {
            return Ok(Some(account));
        }
        match self.accounts.change(account.id, &change).await {
            Ok(changed) => Ok(changed),
            Err(AccountError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, account = %account.id, "what an issuer says about a user is not taken over");
                Ok(Some(account))
            }
        }
    }

    /// Adds an account for a user who has none. A username that is taken belongs to another person, whatever the issuer
    /// says, so that the new account gets another one.
    async fn provision(&self, identity: Identity<'_>, person: Person<'_>) -> Result<Account, ServiceError> {
        let random = &self.oidc.random;
        let now = self.oidc.clock.now();
        let name = person.username(identity.subject);
        let hash = self.passwords.none()?;
        for attempt in 0..ATTEMPTS {
            let id = random.uuid()?;
            let short: String = name.chars().take(50).collect();
            let username =
                if attempt == 0 { name.clone() } else { format!("{short}-{}", &id.simple().to_string()[..8]) };
            let blank = Account {
                id: id.into(),
                display_name: name.clone(),
                username,
                email: None,
                email_verified: false,
                groups: Vec::new(),
                avatar_url: None,
                disabled: false,
            };
            let account = person.change(&blank).apply(blank.clone()).unwrap_or(blank);
            match self.identities.add_account_of(identity, &account, &hash, now).await {
                Ok(()) => {
                    tracing::info!(account = %account.id, issuer = identity.issuer, "an issuer's user has an account now");
                    return Ok(account);
                }
                // The name is taken, or another request was faster.
                Err(StoreError::Exists) => match self.identities.account_of(identity).await? {
                    Some(account) => return Ok(account),
                    None => continue,
                },
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Exists.into())
    }

    /// Forgets used assertions that have expired.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        self.identities.forget_assertions(self.oidc.clock.now()).await?;
        Ok(())
    }
}

impl Registered {
    #[allow(clippy::cast_possible_truncation, reason = "a time beyond the range is cut off to its end")]
    fn seconds(time: Option<f64>) -> Option<i64> {
        time.map(|seconds| seconds.floor() as i64)
    }

    /// Returns the claims of an ID token.
    pub(crate) fn id_token(&self) -> IdToken<'_> {
        IdToken {
            issuer: &self.iss,
            audience: &self.aud,
            authorized: self.azp.as_deref(),
            subject: self.sub.as_deref(),
            expires_at: Self::seconds(self.exp),
            issued_at: Self::seconds(self.iat),
            not_before: Self::seconds(self.nbf),
            nonce: self.nonce.as_deref(),
        }
    }

    fn vouching(&self) -> Vouching<'_> {
        Vouching {
            issuer: &self.iss,
            audience: &self.aud,
            subject: self.sub.as_deref(),
            expires_at: Self::seconds(self.exp),
            issued_at: Self::seconds(self.iat),
            not_before: Self::seconds(self.nbf),
            id: self.jti.as_deref(),
        }
    }
}
