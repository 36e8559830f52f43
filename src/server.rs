//! Everything that needs a socket, a disk, a secret or a clock.
//!
//! `http` takes a request apart, `service` does what it asks for, the crate `store` keeps the outcome, `security` holds one policy
//! a file. `run` puts them together.

pub mod assets;
pub mod audit;
pub mod cli;
pub mod client;
pub mod config;
pub mod context;
pub mod demo;
pub mod failure;
pub mod http;
pub mod listener;
pub mod metrics;
pub mod qr;
pub mod readiness;
pub mod router;
pub mod run;
pub mod security;
pub mod service;
pub mod state;
pub mod telemetry;
pub mod user_agent;
