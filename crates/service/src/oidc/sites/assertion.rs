//! The assertion: a JWT for one site that says who is signed in. A site that verifies it needs to trust no header that a
//! client might have forged.

use super::super::OidcService;
use super::super::claims::PersonClaims;
use crate::error::ServiceError;
use crate::security::oidc_keys::JwtType;
use domain::account::Account;
use domain::client::{Scope, Site};
use domain::ids::{AccountId, GrantId, SessionId};
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::grants::GrantRow;

/// How long an assertion is valid.
const TTL: Duration = Duration::from_secs(60);
/// How long one is repeated: its signature takes longer than all the rest of a check. At least half of its life is left.
const REPEATED: Duration = Duration::from_secs(30);
/// Maximum number of kept assertions, about 2 KB each.
const MOST: usize = 4096;

/// The claims of an assertion.
#[derive(Clone, Debug, Serialize)]
struct AssertionClaims {
    /// The issuer: our public URL without a slash at its end.
    iss: String,
    /// The account.
    sub: AccountId,
    /// The site's host.
    aud: String,
    /// When it expires, in seconds since the epoch.
    exp: i64,
    /// When it was issued.
    iat: i64,
    /// When the person signed in.
    auth_time: i64,
    /// The session.
    sid: SessionId,
    /// Name, address and groups.
    #[serde(flatten)]
    person: PersonClaims,
}

/// An assertion that was signed a moment ago.
#[derive(Debug)]
struct Kept {
    at: Timestamp,
    /// What it says of the person: it is not repeated once that has changed.
    account: Account,
    jwt: Arc<str>,
}

/// Signs assertions.
#[derive(Debug, Default)]
pub(super) struct Assertions(Mutex<HashMap<GrantId, Kept>>);

impl Assertions {
    /// Returns an assertion about a live grant.
    ///
    /// # Errors
    /// `unavailable`.
    pub(super) async fn of(&self, oidc: &OidcService, site: &Site, row: &GrantRow) -> Result<Arc<str>, ServiceError> {
        let now = oidc.clock.now();
        if let Some(jwt) = self.kept(row.grant.id, &row.account, now) {
            return Ok(jwt);
        }
        let scopes = [Scope::Profile, Scope::Email, Scope::Groups].into_iter().collect();
        let claims = AssertionClaims {
            iss: oidc.issuer.to_string(),
            sub: row.account.id,
            aud: site.host.clone(),
            exp: (now + TTL).as_secs(),
            iat: now.as_secs(),
            auth_time: row.grant.auth_time.as_secs(),
            sid: row.grant.session,
            person: oidc.person(&row.account, &scopes),
        };
        let jwt: Arc<str> = oidc.keys.sign(JwtType::Assertion, &claims).await?.into();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, kept| is_fresh(kept.at, now));
            if all.len() >= MOST {
                all.clear();
            }
        }
        all.insert(row.grant.id, Kept { at: now, account: row.account.clone(), jwt: Arc::clone(&jwt) });
        Ok(jwt)
    }

    fn kept(&self, grant: GrantId, account: &Account, now: Timestamp) -> Option<Arc<str>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(&grant).filter(|kept| is_fresh(kept.at, now) && kept.account == *account)?;
        Some(Arc::clone(&kept.jwt))
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.saturating_duration_since(at) < REPEATED
}
