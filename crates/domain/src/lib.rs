//! What a login is made of: tickets, accounts, sessions and their ids.
//!
//! Pure: no async, no clock, no I/O, and the same code on the server and in the browser (WASM). Whoever needs the time hands it in.

pub mod account;
pub mod ids;
pub mod limits;
pub mod network;
pub mod ticket;
pub mod time;
