//! The caps on connections, in total and per address, and eviction when the total is reached.

use super::limits::ConnectionLimits;
use super::state::Reason;
use crate::server::security::address::is_trusted;
use domain::network::{network_of, site_of};
use ipnet::IpNet;
use service::metrics::Metrics;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// All connections of one listener.
#[derive(Debug)]
pub(super) struct Hall {
    pub(super) limits: ConnectionLimits,
    trusted: Vec<IpNet>,
    metrics: Metrics,
    places: Semaphore,
    /// Every quiet connection waits on it. `notify_one` wakes in FIFO order, so it evicts the one that has waited
    /// longest.
    eviction: Arc<Notify>,
    quiet: AtomicUsize,
    /// Number of connections per address and per site; trusted proxies are not counted.
    networks: Mutex<HashMap<Network, usize>>,
}

/// A network with its own cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Network {
    /// An address, or a /64 of IPv6.
    Address(IpAddr),
    /// A /48 of IPv6.
    Site(Ipv6Addr),
}

impl Hall {
    pub(super) fn new(limits: ConnectionLimits, trusted: Vec<IpNet>, metrics: Metrics) -> Self {
        Self {
            places: Semaphore::new(limits.connections),
            limits,
            trusted,
            metrics,
            eviction: Arc::default(),
            quiet: AtomicUsize::new(0),
            networks: Mutex::default(),
        }
    }

    /// Reserves a place for a connection from `peer`, or returns `None` if that address has too many. At the total cap
    /// it evicts a quiet connection and waits for its place.
    pub(super) async fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        // Created before the wait, so that cancelling the wait uncounts the address.
        let mut place = Place { hall: Arc::clone(self), networks: [None; 2], has_permit: false };
        let peer = peer.to_canonical();
        if let Some(most) = self.limits.per_address.filter(|_| !is_trusted(peer, &self.trusted)) {
            let address = Some((Network::Address(network_of(peer)), most));
            let site = site_of(peer).map(|site| (Network::Site(site), self.limits.per_site(most)));
            for (held, (network, most)) in place.networks.iter_mut().zip([address, site].into_iter().flatten()) {
                if !self.count(network, most) {
                    self.closed(Reason::Address);
                    return None;
                }
                *held = Some(network);
            }
        }
        let permit = match self.places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => {
                self.evict();
                self.places.acquire().await.ok()?
            }
        };
        permit.forget();
        place.has_permit = true;
        self.metrics.connection_opened();
        Some(place)
    }

    /// Closes the connection that has been quiet for longest.
    pub(super) fn evict(&self) {
        self.eviction.notify_one();
    }

    /// Waits until every place is free.
    pub(super) async fn empty(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        // An error would mean that the semaphore is closed, which it never is.
        let _ = self.places.acquire_many(all).await;
    }

    /// Counts a connection closed by the server.
    pub(super) fn closed(&self, reason: Reason) {
        tracing::debug!(reason = reason.as_str(), "closing a connection");
        self.metrics.connection_closed(reason.as_str());
    }

    /// Registers a quiet connection, until the guard is dropped.
    pub(super) fn quiet(self: &Arc<Self>) -> Quiet {
        if self.quiet.fetch_add(1, Ordering::Relaxed) >= self.limits.quiet {
            self.evict();
        }
        Quiet { hall: Arc::clone(self), eviction: Box::pin(Arc::clone(&self.eviction).notified_owned()), evicted: None }
    }

    fn count(&self, network: Network, most: usize) -> bool {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let count = networks.entry(network).or_insert(0);
        let is_free = *count < most;
        *count += usize::from(is_free);
        is_free
    }

    fn uncount(&self, network: Network) {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = networks.entry(network) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// A connection's permit; released on drop.
#[derive(Debug)]
pub(super) struct Place {
    hall: Arc<Hall>,
    networks: [Option<Network>; 2],
    has_permit: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        for network in self.networks.into_iter().flatten() {
            self.hall.uncount(network);
        }
        if self.has_permit {
            self.hall.metrics.connection_ended();
            self.hall.places.add_permits(1);
        }
    }
}

/// A connection that waits for its client, registered for eviction.
#[derive(Debug)]
pub(super) struct Quiet {
    hall: Arc<Hall>,
    eviction: Pin<Box<OwnedNotified>>,
    /// When it will be closed, once chosen for eviction.
    evicted: Option<Instant>,
}

impl Quiet {
    /// Returns when the connection is closed, if it was chosen for eviction; `end` computes that time when it is
    /// chosen.
    pub(super) fn evicted(&mut self, cx: &mut Context<'_>, end: impl FnOnce() -> Instant) -> Option<Instant> {
        // A completed future must not be polled again.
        if self.evicted.is_none() && self.eviction.as_mut().poll(cx).is_ready() {
            self.evicted = Some(end());
        }
        self.evicted
    }

    /// Marks the connection as in use again. Returns whether it was chosen; if so, the next quiet one is evicted
    /// instead.
    pub(super) fn pass_on(self) -> bool {
        if self.evicted.is_some() {
            self.hall.evict();
        }
        self.evicted.is_some()
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        self.hall.quiet.fetch_sub(1, Ordering::Relaxed);
    }
}
