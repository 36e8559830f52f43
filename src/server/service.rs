//! The use cases: the only callers of the stores.

pub mod account;
pub mod session;
pub mod sign_in;
pub mod sweeper;
pub mod ticket;
pub mod watch;
