//! Attacks, each a test named after what the attacker wants. A file per goal; its first lines say who wants in and how.
//!
//! Most speak to a server over a real socket. Attacks that need a browser are in `end2end/tests/attacks/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody reads a test as a library"
)]

mod attacks {
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/client.rs"]
    mod client;
    mod learn_who_opened_a_link;
    mod name_the_browser_that_asks;
    mod read_what_was_typed;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/server.rs"]
    mod server;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/socket.rs"]
    mod socket;
}
