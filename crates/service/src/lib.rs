//! What requests mean: the use cases, which alone call the stores, and the policies that they follow.
//!
//! It knows nothing of HTTP, of a page, or of how a failure is shown: callers turn [`error::ServiceError`] into that.

pub mod account;
pub mod audit;
pub mod error;
pub mod metrics;
pub mod qr;
pub mod security;
pub mod session;
pub mod sign_in;
pub mod sweeper;
pub mod ticket;
pub mod watch;
