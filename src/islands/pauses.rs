//! Timeouts and retry delays of the page, in milliseconds. A module of its own, so that load tests of many pages use
//! the same numbers.

/// Timeout of the first message on a socket, after which another transport is tried.
pub const SOCKET_PATIENCE: u32 = 5_000;
/// Pages that lost their server spread their reconnects over this time.
pub const SPREAD: u32 = 400;
/// First step of the backoff.
const FIRST: u32 = 500;
/// Longest step of the backoff.
const LONGEST: u32 = 15_000;

/// Returns the backoff step after that many failed attempts. Half of it is fixed and half random, so that a thousand
/// pages do not reconnect at the same moment.
pub fn step(attempts: u32) -> u32 {
    FIRST.saturating_mul(1 << attempts.min(5)).min(LONGEST)
}
