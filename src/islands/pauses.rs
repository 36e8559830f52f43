//! How long a page waits for what, and before it asks again, in milliseconds. Apart, so that tests of a crowd of pages use
//! the same numbers.

/// The first word over a socket may take so long before another way is tried.
pub const SOCKET_PATIENCE: u32 = 5_000;
/// Pages that lost their server spread their return over so long.
pub const SPREAD: u32 = 400;
/// The shortest step between two attempts.
const FIRST: u32 = 500;
/// The longest.
const LONGEST: u32 = 15_000;

/// The step after that many attempts in vain. Half of it is certain, half is chance, so that a thousand pages do not return
/// at the same moment.
pub fn step(attempts: u32) -> u32 {
    FIRST.saturating_mul(1 << attempts.min(5)).min(LONGEST)
}
