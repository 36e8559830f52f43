//! The places for connections: how many there are, who has one, and who gives one up when others come.

use super::limits::ConnectionLimits;
use super::state::Reason;
use crate::server::metrics::Metrics;
use crate::server::security::address::{is_trusted, network_of};
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, Semaphore};

/// All connections of one listener.
#[derive(Debug)]
pub(super) struct Hall {
    pub(super) limits: ConnectionLimits,
    trusted: Vec<IpNet>,
    metrics: Metrics,
    places: Semaphore,
    /// Wakes the connection that has been quiet for the longest: waiters are woken in the order in which they came.
    room: Arc<Notify>,
    quiet: AtomicUsize,
    /// Connections of each address that is no trusted proxy.
    networks: Mutex<HashMap<IpAddr, usize>>,
}

impl Hall {
    pub(super) fn new(limits: ConnectionLimits, trusted: Vec<IpNet>, metrics: Metrics) -> Self {
        Self {
            places: Semaphore::new(limits.connections),
            limits,
            trusted,
            metrics,
            room: Arc::default(),
            quiet: AtomicUsize::new(0),
            networks: Mutex::default(),
        }
    }

    /// A place for a connection from `peer`, or none when that address has too many. Where all are taken, the connection
    /// that has been quiet for the longest gives up its own.
    pub(super) async fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = network_of(peer.to_canonical());
        let counted = self.limits.per_address.filter(|_| !is_trusted(peer.to_canonical(), &self.trusted));
        if let Some(most) = counted
            && !self.count(network, most)
        {
            self.closed(Reason::Address);
            return None;
        }
        // Dropped while it waits, it uncounts the address.
        let mut place = Place { hall: Arc::clone(self), network: counted.map(|_| network), is_taken: false };
        let permit = match self.places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => {
                self.make_room();
                self.places.acquire().await.ok()?
            }
        };
        permit.forget();
        place.is_taken = true;
        self.metrics.connection_opened();
        Some(place)
    }

    /// Asks the connection that has been quiet for the longest to end.
    pub(super) fn make_room(&self) {
        self.room.notify_one();
    }

    /// Waits until every place is free.
    pub(super) async fn empty(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        // Fails only for a semaphore that is closed, and this one never is.
        let _ = self.places.acquire_many(all).await;
    }

    /// Counts a connection that the server closed.
    pub(super) fn closed(&self, reason: Reason) {
        tracing::debug!(reason = reason.as_str(), "closing a connection");
        self.metrics.connection_closed(reason.as_str());
    }

    /// Counts a connection as quiet until what is returned is dropped.
    pub(super) fn rest(self: &Arc<Self>) -> Quiet {
        if self.quiet.fetch_add(1, Ordering::Relaxed) >= self.limits.quiet {
            self.make_room();
        }
        Quiet { hall: Arc::clone(self), room: Box::pin(Arc::clone(&self.room).notified_owned()), is_to_end: false }
    }

    fn count(&self, network: IpAddr, most: usize) -> bool {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let count = networks.entry(network).or_insert(0);
        let is_free = *count < most;
        *count += usize::from(is_free);
        is_free
    }

    fn uncount(&self, network: IpAddr) {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = networks.entry(network) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// One connection's place; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    hall: Arc<Hall>,
    network: Option<IpAddr>,
    is_taken: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(network) = self.network {
            self.hall.uncount(network);
        }
        if self.is_taken {
            self.hall.metrics.connection_ended();
            self.hall.places.add_permits(1);
        }
    }
}

/// One quiet connection.
#[derive(Debug)]
pub(super) struct Quiet {
    hall: Arc<Hall>,
    room: Pin<Box<OwnedNotified>>,
    is_to_end: bool,
}

impl Quiet {
    /// Whether it is to end for others.
    pub(super) fn is_to_end(&mut self, cx: &mut Context<'_>) -> bool {
        // A future that is ready is not polled again.
        self.is_to_end = self.is_to_end || self.room.as_mut().poll(cx).is_ready();
        self.is_to_end
    }

    /// It has something to do again. If it was to end, another ends in its place.
    pub(super) fn wake(self) {
        if self.is_to_end {
            self.hall.make_room();
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        self.hall.quiet.fetch_sub(1, Ordering::Relaxed);
    }
}
