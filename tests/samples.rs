//! The samples in the documentation, run as they are: each test extracts the text from the document, replaces host
//! names, ports and paths, and runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod samples {
    mod certificate;
    mod documents;
    mod echo;
    mod https;
    mod nginx;
    #[allow(dead_code, reason = "shared with the tests of the command line")]
    #[path = "../cli/program.rs"]
    mod program;
    #[allow(dead_code, reason = "shared with the HTTP tests")]
    #[path = "../http_api/server.rs"]
    mod server;
    mod serving;
    mod site;
    mod skip;

    mod balancer;
    mod compose;
    mod every_sample;
    mod fail2ban;
    mod own_host;
    mod release;
    mod same_host;
    mod service;
    mod settings;
    mod several_nodes;
    mod shell;
    mod tokens;
}
