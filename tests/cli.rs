//! The command line, as used by people and scripts: the real program, in a separate folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod cli {
    mod accounts;
    mod clients;
    mod help;
    mod people;
    mod program;
    mod serving;
    mod settings;
}
