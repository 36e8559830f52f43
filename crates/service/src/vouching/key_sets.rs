//! The public keys of issuers, from their configured URLs.

use super::jws::{Key, key_set};
use crate::fetched::Fetched;
use crate::http_client::HttpClient;
use clock::Clock;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two fetches because of an unknown key id, or after one that failed.
const PAUSE: Duration = Duration::from_secs(60);

/// There are no usable keys of the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys of the issuer cannot be fetched")]
pub(crate) struct NoKeys;

/// The key sets of all issuers, by URL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeySets(Arc<Fetched<Vec<Key>>>);

impl KeySets {
    /// Creates a cache that fetches by `http`.
    pub fn new(http: &HttpClient, clock: Clock) -> Self {
        Self(Arc::new(Fetched::new(http, clock, PAUSE, |_, body| key_set(body))))
    }

    /// Returns the key with that id from the set at `url`, which is one of the configured ones.
    pub(crate) async fn key(&self, url: &str, kid: &str) -> Result<Option<Key>, NoKeys> {
        let named = |keys: &Vec<Key>| keys.iter().find(|key| key.kid == kid).cloned();
        let keys = self.0.get(url, &[url.to_owned()], |keys| named(keys).is_some()).await;
        keys.map(|keys| named(&keys)).ok_or(NoKeys)
    }
}
