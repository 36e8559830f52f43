//! The HTTP contract, tested over a real socket: each test starts its own server and talks to it as a browser, an app
//! or a stranger would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod http_api {
    mod connections;
    mod credentials;
    mod decisions;
    mod ending;
    mod forms;
    mod idp;
    mod lifecycle;
    mod limits;
    mod malformed;
    mod manifest;
    mod oidc_keys;
    mod openapi;
    mod operations;
    mod origins;
    mod pages;
    mod people;
    mod providers;
    mod scan;
    mod server;
    mod sessions;
    mod settings;
    mod waiting;
}
