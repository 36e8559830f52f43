//! Sites behind a proxy (forward-auth): first by each proxy's contract alone, then behind the real proxies, with the
//! configuration of docs/deploy as it is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod proxies {
    #[path = "../http_api/server.rs"]
    #[allow(dead_code, reason = "shared with other tests, which use more of it")]
    mod server;

    #[path = "../samples/certificate.rs"]
    mod certificate;
    #[path = "../samples/echo.rs"]
    #[allow(dead_code, reason = "shared with the tests of samples")]
    mod echo;
    #[path = "../samples/https.rs"]
    #[allow(dead_code, reason = "shared with the tests of samples")]
    mod https;
    #[path = "../samples/skip.rs"]
    mod skip;

    mod checks;
    mod contract;
    mod doors;
    mod engine;
    mod engines;
    mod gate;
    mod visitor;
}
