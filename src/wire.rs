//! How the browser's half calls the server functions: `fetch`, `JSON.parse`, and a reader of what they give.
//!
//! server_fn's own client brings gloo-net and serde_json: 33 KB (brotli) beside the 50 of the whole module without them. So the
//! functions that islands call name [`Fetch`] as their protocol. The server's side of it is server_fn's, unchanged.

mod fetch;
mod json;

pub use fetch::Fetch;
pub use json::{FromJson, Parsed, parse};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
