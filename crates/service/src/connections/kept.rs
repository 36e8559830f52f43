//! The tokens of a connection: when they are fresh, and how they are encrypted and stored.

use super::ConnectionService;
use crate::error::ServiceError;
use crate::security::sealing::SealError;
use crate::upstream::Tokens;
use domain::client::Upstream;
use domain::connection::Connection;
use domain::ids::{ConnectionId, Secret};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Pauses between attempts to store tokens that a service has issued: they exist nowhere else.
const STORE_AGAIN: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];
/// An access token that expires sooner is refreshed first.
const LEFT: Duration = Duration::from_secs(60);
/// How long an access token is used whose service does not say how long it lives, and that can be refreshed.
const ASSUMED_LIFE: Duration = Duration::from_secs(120);
/// The tokens of a connection, as they are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) access: Secret,
    /// When the access token expires, if the service says so.
    pub(super) expires_at: Option<Timestamp>,
    /// Until when it is given out without a refresh; `None` for ever.
    pub(super) fresh_until: Option<Timestamp>,
    pub(super) refresh: Option<Secret>,
}

impl Kept {
    /// Takes over what a service issued at `now`, in place of `before`.
    pub(super) fn new(tokens: Tokens, before: Option<&Self>, now: Timestamp) -> Self {
        let refresh = tokens.refresh.or_else(|| before.and_then(|before| before.refresh.clone()));
        let usable = match (tokens.life, &refresh) {
            (Some(life), _) => Some(life.saturating_sub(LEFT.min(life / 2))),
            (None, Some(_)) => Some(ASSUMED_LIFE),
            (None, None) => None,
        };
        Self {
            access: tokens.access,
            expires_at: tokens.life.map(|life| now + life),
            fresh_until: usable.map(|usable| now + usable),
            refresh,
        }
    }

    pub(super) fn is_fresh_at(&self, now: Timestamp) -> bool {
        self.fresh_until.is_none_or(|until| now < until)
    }
}

/// What a row's secrets are bound to, besides the row's own ids.
pub(super) fn context<'a>(kind: &'a str, ids: &'a (String, String), upstream: &'a Upstream) -> [&'a str; 5] {
    [kind, &ids.0, &ids.1, &upstream.id, upstream.endpoints.home()]
}

pub(super) const ATTEMPT: &str = "device code";
const TOKENS: &str = "tokens";

impl ConnectionService {
    /// Decrypts the tokens of a connection.
    pub(super) async fn kept(&self, connection: &Connection, upstream: &Upstream) -> Result<Kept, SealError> {
        let ids = (connection.id.to_string(), connection.account.to_string());
        let sealed = connection.sealed.as_deref().unwrap_or_default();
        let plain = self.sealing.open(&context(TOKENS, &ids, upstream), sealed).await?;
        serde_json::from_str(plain.reveal()).map_err(|_| SealError::Foreign)
    }

    pub(super) async fn seal(
        &self,
        connection: &Connection,
        upstream: &Upstream,
        kept: &Kept,
    ) -> Result<String, SealError> {
        let ids = (connection.id.to_string(), connection.account.to_string());
        let plain = serde_json::to_string(kept).map_err(|error| SealError::Unusable(error.to_string()))?;
        self.sealing.seal(&context(TOKENS, &ids, upstream), &plain).await
    }

    pub(super) async fn revoke(&self, upstream: &Upstream, kept: &Kept) {
        match &kept.refresh {
            Some(refresh) => self.upstreams.revoke(upstream, refresh, "refresh_token").await,
            None => self.upstreams.revoke(upstream, &kept.access, "access_token").await,
        }
    }

    /// Stores tokens that a service issued for the row, as long as `is_current` says that they are newer than what it has. If
    /// the row was deleted in the meantime, they are revoked.
    pub(super) async fn store(
        &self,
        id: ConnectionId,
        upstream: &Upstream,
        kept: &Kept,
        change: impl Fn(&Connection, String) -> Option<Connection> + Send,
    ) -> Result<(), ServiceError> {
        let mut pauses = STORE_AGAIN.into_iter();
        loop {
            let attempt = async {
                let Some(now) = self.store.connection(id).await? else {
                    self.revoke(upstream, kept).await;
                    return Ok(true);
                };
                let sealed = self.seal(&now, upstream, kept).await?;
                match change(&now, sealed) {
                    Some(next) => Ok::<_, ServiceError>(self.store.swap_connection(&next).await?),
                    None => Ok(true),
                }
            };
            match (attempt.await, pauses.next()) {
                (Ok(true), _) => return Ok(()),
                (Ok(false), Some(_)) => {}
                (Err(_), Some(pause)) => self.clock.sleep(pause).await,
                (outcome, None) => return outcome.map(drop),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn tokens(life: Option<u64>, refresh: Option<&str>) -> Tokens {
        let secret = |text: &str| Secret::new(text.to_owned());
        Tokens {
            access: secret("a"),
            refresh: refresh.map(secret),
            life: life.map(Duration::from_secs),
            id_token: None,
        }
    }

    #[test]
    fn a_token_is_given_out_while_it_is_worth_something() {
        for (life, refresh, usable) in [
            (Some(3600), Some("r"), Some(3540)),
            (Some(100), Some("r"), Some(50)),
            (Some(0), Some("r"), Some(0)),
            (Some(3600), None, Some(3540)),
            (None, Some("r"), Some(120)),
            (None, None, None),
        ] {
            let kept = Kept::new(tokens(life, refresh), None, NOW);
            let expected = usable.map(|seconds| NOW + Duration::from_secs(seconds));
            assert_eq!(kept.fresh_until, expected, "{life:?} {refresh:?}");
            assert_eq!(kept.is_fresh_at(NOW), usable != Some(0));
        }
    }

    #[test]
    fn a_refresh_token_that_is_not_replaced_stays() {
        let first = Kept::new(tokens(Some(1), Some("one")), None, NOW);
        let second = Kept::new(tokens(Some(1), None), Some(&first), NOW);
        assert_eq!(second.refresh.as_ref().unwrap().reveal(), "one");
        let third = Kept::new(tokens(Some(1), Some("two")), Some(&second), NOW);
        assert_eq!(third.refresh.unwrap().reveal(), "two");
    }
}
