//! The domain model of a login: tickets, accounts, sessions, apps and their ids.
//!
//! Pure: no async, no clock, no I/O, and the same code on the server and in the browser (WASM). Callers pass in the
//! time.

pub mod account;
pub mod assertion;
pub mod authorization;
pub mod client;
pub mod connection;
pub mod error;
pub mod grant;
pub mod id_token;
pub mod ids;
pub mod limits;
pub mod logout_notice;
pub mod network;
pub mod oauth;
pub mod ticket;
pub mod time;
