//! The command line, as a person or a script uses it: the real program, in a folder of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod cli {
    mod accounts;
    mod program;
    mod serving;
    mod settings;
}
