//! The server functions, one file per noun. Each one only extracts its input, calls one use case and maps the error.

pub mod account;
pub mod apps;
pub mod settings;
pub mod ticket;
