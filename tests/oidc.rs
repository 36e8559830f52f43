//! The OpenID Connect provider, tested over a real socket.
//!
//! `oidf_*` are the modules of the OpenID Foundation's conformance suite that apply to a provider with the code flow and
//! static registration, under the names that they have there. `mistakes` are those that other providers have made.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

#[path = "http_api/server.rs"]
#[allow(dead_code, reason = "shared with other tests, which use more of it")]
mod server;

mod oidc {
    mod account;
    mod backchannel;
    mod backend;
    mod consent;
    mod contract;
    mod device;
    mod endpoints;
    mod mistakes;
    mod oidf;
    mod oidf_backchannel;
    mod oidf_basic;
    mod oidf_config;
    mod oidf_logout;
    mod provider;
    mod refresh;
    mod scan;
    mod vouched_settings;
    mod vouching;
}
