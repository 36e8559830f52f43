//! Several nodes and their failures: the real program with real engines, each a process that can be stopped, killed and
//! paused. `scripts/with-engines.sh` starts the engines that all tests share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod nodes {
    mod cluster;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/server.rs"]
    mod in_process;
    mod node;
    mod waiting;

    mod database;
    mod faults;
    mod journey;
    mod keys;
    mod limits;
    mod notices;
    mod proxy;
    mod sessions;
}
