//! The ticket's rules, tested on the pure domain: no feature, no socket, and a clock that only the tests move.
//!
//! `sequences` runs random sequences of events beside an independent model; `table` lists the exact result of each
//! event in each state; `views` is what the PC sees; `stored` is the stored format.

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
