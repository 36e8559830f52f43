//! The use cases, which alone call the stores, and the policies that they enforce.
//!
//! Independent of HTTP, pages and error presentation: callers map [`error::ServiceError`].

pub mod account;
pub mod audit;
pub mod clients;
pub mod connections;
pub mod error;
mod fetched;
pub mod http_client;
pub mod metrics;
pub mod oidc;
pub mod photo;
pub mod picture;
pub mod providers;
pub mod qr;
pub mod security;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sweeper;
pub mod ticket;
pub mod upstream;
pub mod vouching;
pub mod watch;
