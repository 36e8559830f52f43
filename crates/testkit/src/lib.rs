//! Shared by the tests of a running server: processes and free ports, engines, and the PCs and phones that talk to it.
//!
//! It only uses the server's public interface, so that all kinds of tests read alike.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a test fails by panicking, and reads what it calls"
)]

mod client;
mod contract;
mod engine;
mod patience;
mod people;
mod place;
mod process;
pub mod program;
mod receiver;
mod socket;
pub mod upload;

/// The password of every account created by a test.
pub const PASSWORD: &str = "correct horse";

pub use client::{Answer, Client, Fields, bearer, encode};
pub use contract::Contract;
pub use engine::{Background, Engine, shared_postgres, shared_redis, sql, sql_in_background};
pub use patience::{PATIENCE, until, until_blocking, within};
pub use people::{Pc, Phone, browser_phone, sign_in, signed_in_pc};
pub use place::Place;
pub use process::{Process, free_port};
pub use receiver::{Received, Receiver};
pub use socket::Socket;
