//! What a login is made of: tickets, accounts, sessions and their ids.
//!
//! Pure: no async, no clock, no I/O, and the same code on the server and in the browser (WASM). Callers hand in the time.

pub mod account;
pub mod error;
pub mod ids;
pub mod limits;
pub mod network;
pub mod ticket;
pub mod time;
