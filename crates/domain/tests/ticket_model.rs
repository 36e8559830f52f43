//! The ticket's rules, on the pure domain: no feature, no socket, no clock but the one that the tests move.
//!
//! `sequences` walks through random lives of a ticket beside a model of its own; `table` names the exact answer of each
//! state to each event; `views` is what the PC is told; `stored` is how a ticket is kept.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod ticket_model {
    mod arrows;
    mod people;
    mod sequences;
    mod stored;
    mod table;
    mod views;
}
