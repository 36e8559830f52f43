//! A grant: what one person allowed one app, from the code to the last refresh token. One row, whatever the number of
//! tokens: each token names its grant, and is worth what the grant is worth when it is used.
//!
//! ```text
//! code ──exchange──▶ live ──refresh──▶ live ──revoke, reuse, end of the session, expiry──▶ dead
//! code ──second exchange──▶ dead
//! ```

use crate::account::Began;
use crate::client::{ClientId, Scopes};
use crate::ids::{AccountId, GrantId, SessionId};
use crate::time::Timestamp;
use std::time::Duration;

/// How long a code may be exchanged (RFC 6749, section 4.1.2 recommends ten minutes at the most).
pub const CODE_TTL: Duration = Duration::from_secs(60);
/// How long an access token is valid.
pub const ACCESS_TTL: Duration = Duration::from_secs(15 * 60);
/// How long an ID token is valid.
pub const ID_TOKEN_TTL: Duration = Duration::from_secs(15 * 60);
/// How long a refresh token may be repeated after its successor was issued, because the response may have been lost or
/// several tabs may refresh at once.
pub const REFRESH_GRACE: Duration = Duration::from_secs(30);

/// What one person allowed one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The grant.
    pub id: GrantId,
    /// The app.
    pub client: ClientId,
    /// The person.
    pub account: AccountId,
    /// The session in which it began, which is the `sid` of its ID tokens.
    pub session: SessionId,
    /// What the app may learn.
    pub scopes: Scopes,
    /// The resource that access tokens are for (RFC 8707).
    pub resource: Option<String>,
    /// Copied into the first ID token.
    pub nonce: Option<String>,
    /// Where the code was sent. Empty for a device, which gets no code.
    pub redirect_uri: String,
    /// S256 challenge of the code (RFC 7636).
    pub code_challenge: Option<String>,
    /// When the code was exchanged.
    pub code_used_at: Option<Timestamp>,
    /// Number of the valid refresh token.
    pub counter: u32,
    /// When the previous refresh token was exchanged for it.
    pub rotated_at: Option<Timestamp>,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// How.
    pub began: Began,
    /// When the grant was made.
    pub created_at: Timestamp,
    /// When it expires, if it is not used.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The request to exchange a code.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The client that is authenticated.
    pub client: &'a ClientId,
    /// The redirect URI that it sends.
    pub redirect_uri: Option<&'a str>,
    /// S256 of the code verifier that it sends.
    pub challenge: Option<&'a str>,
}

/// Why a code or a refresh token is not exchanged. The client only learns `invalid_grant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// It belongs to another client, or is not what it seems. The grant stays as it is.
    #[error("it does not belong to this request")]
    Mismatch,
    /// It was used before: two parties have it, so the grant has to be revoked.
    #[error("it was used before")]
    Replayed,
    /// It is expired or revoked.
    #[error("it is expired or revoked")]
    Over,
}

/// Which refresh token answers a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The next one, if the counter is still the one that was read.
    Next(u32),
    /// The one that was issued a moment ago.
    Same(u32),
}

impl Grant {
    /// Returns whether it is neither expired nor revoked at `now`.
    pub fn lives_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Returns whether it outlives the session (OpenID Connect Core, section 11).
    pub fn is_offline(&self) -> bool {
        self.scopes.contains(crate::client::Scope::OfflineAccess)
    }

    /// Returns whether a device got it (RFC 8628). Its session is the device itself: the grant never outlives it.
    pub fn is_for_device(&self) -> bool {
        self.redirect_uri.is_empty()
    }

    /// Checks the exchange of the code. The client comes first, so that a stranger can neither use nor revoke it.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn check_exchange(&self, exchange: &Exchange<'_>, now: Timestamp) -> Result<(), GrantError> {
        if *exchange.client != self.client {
            return Err(GrantError::Mismatch);
        }
        if self.code_used_at.is_some() {
            return Err(GrantError::Replayed);
        }
        if !self.lives_at(now) || now >= self.created_at + CODE_TTL {
            return Err(GrantError::Over);
        }
        // Both directions: a verifier without a challenge is a downgrade, too (RFC 9700, section 4.8.2).
        if exchange.redirect_uri != Some(self.redirect_uri.as_str())
            || exchange.challenge != self.code_challenge.as_deref()
        {
            return Err(GrantError::Mismatch);
        }
        Ok(())
    }

    /// Decides the refresh by the token with number `counter`.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn check_refresh(&self, client: &ClientId, counter: u32, now: Timestamp) -> Result<Refresh, GrantError> {
        if *client != self.client {
            return Err(GrantError::Mismatch);
        }
        if !self.lives_at(now) || self.code_used_at.is_none() {
            return Err(GrantError::Over);
        }
        if counter == self.counter {
            return Ok(Refresh::Next(counter.saturating_add(1)));
        }
        let is_recent = self.rotated_at.is_some_and(|at| now.saturating_duration_since(at) < REFRESH_GRACE);
        match counter.checked_add(1) {
            Some(next) if next == self.counter && is_recent => Ok(Refresh::Same(next)),
            Some(next) if next <= self.counter => Err(GrantError::Replayed),
            // From the future: the database was restored from a backup.
            _ => Err(GrantError::Mismatch),
        }
    }
}
