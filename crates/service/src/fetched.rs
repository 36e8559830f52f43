//! Documents of other servers, fetched from configured URLs and kept for a while.
//!
//! A server that is down or slow must not lock people out at once, and a stranger who makes this server look for what is
//! not there must not make it flood the other one.

use crate::http_client::HttpClient;
use clock::Clock;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a server may take to respond.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a document is kept before it is fetched again.
const FRESH: Duration = Duration::from_secs(600);
/// How long it is used if it cannot be fetched again.
const USABLE: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug)]
struct Known<T> {
    value: Option<Arc<T>>,
    /// When it was fetched.
    at: Option<Timestamp>,
    /// When the last fetch began.
    tried_at: Option<Timestamp>,
}

impl<T> Known<T> {
    fn is_older_than(&self, age: Duration, now: Timestamp) -> bool {
        self.at.is_none_or(|at| now >= at + age)
    }
}

#[derive(Debug)]
struct Entry<T> {
    known: Mutex<Known<T>>,
    /// One fetch at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<T> Entry<T> {
    fn with<R>(&self, run: impl FnOnce(&mut Known<T>) -> R) -> R {
        run(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Default for Entry<T> {
    fn default() -> Self {
        Self { known: Mutex::new(Known { value: None, at: None, tried_at: None }), turn: Arc::default() }
    }
}

/// Documents of one kind, by what they are of.
#[derive(Debug)]
pub(crate) struct Fetched<T> {
    http: HttpClient,
    clock: Clock,
    /// Reads a document of that name; `None` if it is none.
    read: fn(&str, &[u8]) -> Option<T>,
    /// Pause between two fetches because of something that is not there, or after one that failed.
    pause: Duration,
    entries: Mutex<HashMap<String, Arc<Entry<T>>>>,
}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Creates a cache that fetches by `http`.
    pub(crate) fn new(http: &HttpClient, clock: Clock, pause: Duration, read: fn(&str, &[u8]) -> Option<T>) -> Self {
        Self { http: http.within(PATIENCE), clock, read, pause, entries: Mutex::default() }
    }

    /// Returns the document of that name, from the first of `urls` that has one. It is fetched if it is too old, or not
    /// `enough`. `None` if there is none that can be used.
    pub(crate) async fn get(&self, name: &str, urls: &[String], enough: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let entry = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(entries.entry(name.to_owned()).or_default())
        };
        let needs_fetch = |known: &Known<T>| {
            known.is_older_than(FRESH, self.clock.now()) || !known.value.as_deref().is_some_and(&enough)
        };
        if entry.with(|known| needs_fetch(known)) {
            let turn = Arc::clone(&entry.turn).lock_owned().await;
            let now = self.clock.now();
            // Another request may have fetched it while this one waited.
            let is_due = |known: &Known<T>| known.tried_at.is_none_or(|at| now >= at + self.pause);
            if entry.with(|known| needs_fetch(known) && is_due(known)) {
                entry.with(|known| known.tried_at = Some(now));
                let (http, read) = (self.http.clone(), self.read);
                let (entry, name, urls) = (Arc::clone(&entry), name.to_owned(), urls.to_vec());
                // A task of its own: who hangs up must not end what others wait for.
                let fetch = tokio::spawn(async move {
                    let _turn = turn;
                    if let Some(value) = fetch(&http, read, &name, &urls).await {
                        entry.with(|known| (known.value, known.at) = (Some(Arc::new(value)), Some(now)));
                    }
                });
                // A fetch that panicked has brought nothing.
                let _ = fetch.await;
            }
        }
        let now = self.clock.now();
        entry.with(|known| if known.is_older_than(USABLE, now) { None } else { known.value.clone() })
    }
}

async fn fetch<T>(http: &HttpClient, read: fn(&str, &[u8]) -> Option<T>, name: &str, urls: &[String]) -> Option<T> {
    for url in urls {
        let reason = match http.get(url).await {
            Ok(reply) if reply.status == 200 => match read(name, &reply.body) {
                Some(value) => return Some(value),
                None => "the response is not what it should be".to_owned(),
            },
            Ok(reply) => format!("status {}", reply.status),
            Err(error) => error.to_string(),
        };
        tracing::warn!(url, reason, "a document of another server was not fetched");
    }
    None
}

#[cfg(test)]
mod tests;
