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
    mod collect_an_old_approval;
    mod make_the_server_say_it_is_down;
    mod outlive_a_new_password;
    mod pass_as_a_pc_by_a_damaged_row;
    mod read_secrets_in_a_log;
    mod read_the_database_as_another_user;
    mod sign_in_with_the_tutorials_password;
    mod sign_in_without_end;

    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/client.rs"]
    mod client;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/server.rs"]
    mod server;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/socket.rs"]
    mod socket;
}
