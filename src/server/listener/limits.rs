//! Timeouts and caps of connections.

use std::time::Duration;

/// Descriptors that are not for connections: the database, Redis, files, the log, the runtime, and [`OPERATIONS`].
const RESERVED: usize = 128;
/// Connections of the listener for operations.
const OPERATIONS: usize = 32;
/// Connections at the most, however many descriptors there are. A PC that waits takes about 6 KiB, so 65,536 take 400 MB.
const MOST: usize = 65_536;
/// Quiet connections at the most. hyper allocates two buffers of 8 KiB for each.
const MOST_QUIET: usize = 16_384;
/// Connections per address: its waits (see [`crate::server::security::waits`]) and about as many others.
const PER_ADDRESS: usize = 2_048;

/// The limits of a listener. They are no settings, because legitimate clients do not reach them; tests shorten them.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// From the connection, or from the first byte of a later request, to the end of the request's head.
    pub head: Duration,
    /// From the end of the head to the end of the body. The largest form has 16 KiB.
    pub body: Duration,
    /// Between two requests. Longer than the upstream keep-alive of proxies (nginx 60 s, Traefik 90 s, Caddy 120 s), so
    /// that the proxy closes first: otherwise its request could race with our close.
    pub idle: Duration,
    /// From the response's first byte to its last. The largest file has about 100 KiB.
    pub response: Duration,
    /// Without progress of a write.
    pub stall: Duration,
    /// Between two pings of a silent WebSocket; one that has not answered by the next is closed. Proxies close what is
    /// silent for a minute.
    pub ping: Duration,
    /// The least time that a connection is quiet before it is evicted, so that its client can send the request.
    pub grace: Duration,
    /// The same for one whose client does not read: a slow line makes progress sooner.
    pub unread_grace: Duration,
    /// For an incomplete body once the server stops.
    pub farewell: Duration,
    /// Bytes of a request's head; a larger one is 431 (RFC 6585, section 5). At least 8 KiB.
    pub head_bytes: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections in all that wait for their client: idle, with an incomplete head or body, or with an unread response.
    pub quiet: usize,
    /// Connections per address, except trusted proxies. None when rate limits are off. A /48 of IPv6 may have sixteen times
    /// as many, but not more than half of all.
    pub per_address: Option<usize>,
}

impl ConnectionLimits {
    /// The limits of a process that may open `descriptors` files.
    pub fn new(descriptors: usize, limits_addresses: bool) -> Self {
        let connections = descriptors.saturating_sub(RESERVED).clamp(16, MOST);
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            idle: Duration::from_secs(150),
            response: Duration::from_secs(120),
            stall: Duration::from_secs(30),
            ping: Duration::from_secs(45),
            grace: Duration::from_millis(250),
            unread_grace: Duration::from_secs(1),
            farewell: Duration::from_secs(1),
            head_bytes: 16 * 1024,
            connections,
            quiet: connections.min(MOST_QUIET),
            // One address must not use up the cap.
            per_address: limits_addresses.then_some(PER_ADDRESS.min(connections / 2)),
        }
    }

    /// Connections per /48 of IPv6 where an address has `per_address`.
    pub(super) fn per_site(&self, per_address: usize) -> usize {
        (16 * per_address).min(self.connections / 2)
    }

    /// The same times for the listener for operations, which has few connections of its own.
    pub fn for_operations(&self) -> Self {
        Self { connections: OPERATIONS, quiet: OPERATIONS, per_address: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_the_database_whatever_the_descriptors() {
        for (descriptors, connections) in [(10, 16), (256, 128), (1_024, 896), (20_000, 19_872), (1_048_576, MOST)] {
            let limits = ConnectionLimits::new(descriptors, true);
            assert_eq!(limits.connections, connections);
            assert!(limits.quiet <= connections && limits.per_address.is_some_and(|each| each <= connections / 2));
        }
        assert_eq!(ConnectionLimits::new(1_024, false).per_address, None);
    }

    #[test]
    fn an_ipv6_site_has_sixteen_times_an_address_and_never_more_than_half() {
        let limits = ConnectionLimits { connections: 1_000, ..ConnectionLimits::new(100_000, true) };
        assert_eq!((limits.per_site(10), limits.per_site(400)), (160, 500));
    }
}
