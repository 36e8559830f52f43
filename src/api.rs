//! The server functions, a file a noun. Thin on purpose: extract, call one use case, map the error.

pub mod account;
pub mod ticket;
