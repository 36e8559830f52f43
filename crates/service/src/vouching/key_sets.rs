//! The public keys of issuers, fetched from their configured URLs and kept for a while.
//!
//! An issuer that is down or slow must not lock its users out at once, and a stranger who sends unknown key ids must not
//! make this server flood the issuer.

use super::jws::{Key, key_set};
use crate::http_client::HttpClient;
use clock::Clock;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an issuer may take to respond.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long keys are kept before they are fetched again.
const FRESH: Duration = Duration::from_secs(600);
/// Pause between two fetches because of an unknown key id, or after one that failed.
const PAUSE: Duration = Duration::from_secs(60);
/// How long keys are used if they cannot be fetched again.
const USABLE: Duration = Duration::from_secs(24 * 3600);

/// There are no usable keys of the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys of the issuer cannot be fetched")]
pub(super) struct NoKeys;

#[derive(Clone, Debug, Default)]
struct Known {
    keys: Arc<Vec<Key>>,
    /// When they were fetched.
    at: Option<Timestamp>,
    /// When the last fetch began.
    tried_at: Option<Timestamp>,
}

impl Known {
    fn key(&self, kid: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.kid == kid).cloned()
    }

    fn is_older_than(&self, age: Duration, now: Timestamp) -> bool {
        self.at.is_none_or(|at| now >= at + age)
    }
}

#[derive(Debug, Default)]
struct Entry {
    known: Mutex<Known>,
    /// One fetch at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Entry {
    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The key sets of all issuers, by URL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeySets {
    http: HttpClient,
    clock: Clock,
    entries: Arc<Mutex<HashMap<String, Arc<Entry>>>>,
}

impl KeySets {
    /// Creates a cache that fetches by `http`.
    pub fn new(http: &HttpClient, clock: Clock) -> Self {
        Self { http: http.within(PATIENCE), clock, entries: Arc::default() }
    }

    /// Returns the key with that id from the set at `url`, which is one of the configured ones.
    pub(super) async fn key(&self, url: &str, kid: &str) -> Result<Option<Key>, NoKeys> {
        let entry =
            Arc::clone(self.entries.lock().unwrap_or_else(PoisonError::into_inner).entry(url.to_owned()).or_default());
        let needs_fetch = |known: &Known| known.is_older_than(FRESH, self.clock.now()) || known.key(kid).is_none();
        if needs_fetch(&entry.known()) {
            let _turn = entry.turn.lock().await;
            let known = entry.known();
            let now = self.clock.now();
            // Another request may have fetched them while this one waited.
            if needs_fetch(&known) && known.tried_at.is_none_or(|at| now >= at + PAUSE) {
                entry.change(|known| known.tried_at = Some(now));
                match self.fetch(url).await {
                    Ok(keys) => entry.change(|known| (known.keys, known.at) = (Arc::new(keys), Some(now))),
                    Err(error) => tracing::warn!(url, error, "the keys of an issuer were not fetched"),
                }
            }
        }
        let known = entry.known();
        if known.is_older_than(USABLE, self.clock.now()) { Err(NoKeys) } else { Ok(known.key(kid)) }
    }

    async fn fetch(&self, url: &str) -> Result<Vec<Key>, String> {
        let reply = self.http.get(url).await.map_err(|error| error.to_string())?;
        if reply.status != 200 {
            return Err(format!("status {}", reply.status));
        }
        key_set(&reply.body).ok_or_else(|| "the response is no JWK set".to_owned())
    }
}
