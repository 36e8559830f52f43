//! Everything that needs a socket, a disk, a secret or a clock.
//!
//! `http` parses a request, the crate `service` executes it, and `failure` maps its errors. `security` has one file per
//! policy. `run` assembles the parts.

pub mod assets;
pub mod cli;
pub mod client;
pub mod config;
pub mod context;
pub mod demo;
pub mod description;
pub mod device_login;
pub mod failure;
pub mod http;
pub mod listener;
pub mod readiness;
pub mod router;
pub mod run;
pub mod security;
pub mod signals;
pub mod state;
pub mod telemetry;
pub mod user_agent;
