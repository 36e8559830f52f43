//! Enforces the rules of docs/architecture.md that the compiler does not.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has no public interface"
)]

mod architecture {
    mod conformance;
    mod imports;
    mod rules;
    mod source;
    mod styles;
}
