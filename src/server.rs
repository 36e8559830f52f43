//! Everything that needs a socket, a disk, a secret or a clock.
//!
//! `http` takes a request apart, the crate `service` does what it asks for, and `failure` says what of it went wrong. `security`
//! holds one policy a file. `run` puts the parts together.

pub mod assets;
pub mod cli;
pub mod client;
pub mod config;
pub mod context;
pub mod demo;
pub mod failure;
pub mod http;
pub mod listener;
pub mod readiness;
pub mod router;
pub mod run;
pub mod security;
pub mod state;
pub mod telemetry;
pub mod user_agent;
