//! Timeouts and caps of connections.

use std::time::Duration;

/// File descriptors reserved for everything else: the database, Redis, files, the log, the runtime, and [`OPERATIONS`].
const RESERVED: usize = 128;
/// Connections of the listener for operations.
const OPERATIONS: usize = 32;
/// Maximum number of connections, however many descriptors there are. A waiting PC takes about 6 KiB, so 65,536 take
/// 400 MB.
const MOST: usize = 65_536;
/// Maximum number of quiet connections. hyper allocates two buffers of 8 KiB for each.
const MOST_QUIET: usize = 16_384;
/// Connections per address: its waits (see [`crate::server::security::waits`]) and about as many others.
const PER_ADDRESS: usize = 2_048;

/// The limits of a listener. They are not configurable, because legitimate clients do not reach them; tests lower them.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// From the connection, or from the first byte of a later request, to the end of the request's head.
    pub head: Duration,
    /// From the end of the head to the end of the body. The largest form has 16 KiB.
    pub body: Duration,
    /// From a response to a body that the server did not read, to the end of that body.
    pub refused: Duration,
    /// Between two requests. Longer than the upstream keep-alive of reverse proxies (nginx 60 s, Traefik 90 s, Caddy
    /// 120 s), so that the proxy closes first: otherwise its request could race with our close.
    pub idle: Duration,
    /// From the response's first byte to its last. The largest file has about 100 KiB.
    pub response: Duration,
    /// How long a write may make no progress.
    pub stall: Duration,
    /// Between two pings of a silent WebSocket; one that has not answered by the next ping is closed. Proxies close a
    /// connection that has been silent for a minute.
    pub ping: Duration,
    /// Minimum time that a connection is quiet before it is evicted, so that its client can send the request.
    pub grace: Duration,
    /// The same for a client that does not read: a slow link makes progress sooner.
    pub unread_grace: Duration,
    /// For an incomplete body once the server shuts down.
    pub farewell: Duration,
    /// Maximum size of a request's head, in bytes; a larger one is 431 (RFC 6585, section 5). At least 8 KiB.
    pub head_bytes: usize,
    /// Connections in total.
    pub connections: usize,
    /// Connections in total that wait for their client: idle, with an incomplete head or body, or with an unread
    /// response.
    pub quiet: usize,
    /// Connections per address, except trusted proxies. `None` if rate limits are off. A /48 of IPv6 may have sixteen
    /// times as many, but not more than half of the total.
    pub per_address: Option<usize>,
}

impl ConnectionLimits {
    /// Returns the limits for a process that may open `descriptors` files.
    pub fn new(descriptors: usize, limits_addresses: bool) -> Self {
        let connections = descriptors.saturating_sub(RESERVED).clamp(16, MOST);
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            refused: Duration::from_secs(2),
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

    /// Returns the connections per /48 of IPv6, given those per address.
    pub(super) fn per_site(&self, per_address: usize) -> usize {
        (16 * per_address).min(self.connections / 2)
    }

    /// Returns the limits of the listener for operations: the same timeouts, but few connections.
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
