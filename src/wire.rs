//! How the browser build calls the server functions: `fetch`, `JSON.parse`, and a decoder for the result.
//!
//! server_fn's own client brings gloo-net and serde_json: 33 KB (brotli) on top of the 50 KB of the whole module
//! without them. So the functions that islands call use [`Fetch`] as their protocol. Its server side is server_fn's,
//! unchanged.

mod fetch;
mod json;

pub use fetch::Fetch;
pub use json::{FromJson, Parsed, parse};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
