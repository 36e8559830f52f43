//! Scan to sign in (扫码登录): one self-hosted server whose pages a PC and a phone open.
//!
//! Data flows in one direction: `islands` call the server functions of `api`, which call the crate `service`, which
//! alone calls the crate `store`. `pages` call none of these: `server::http::pages` loads the data they render. All of
//! them use the types of the crate [`domain`], which depends on none of them.
//!
//! | you look for | it is in |
//! | --- | --- |
//! | what a ticket is and how it may change; accounts, sessions, ids | [`domain`] |
//! | an endpoint under `/api` | [`api`] |
//! | a path | [`routes`] |
//! | every failure a client can see | [`error`] |
//! | what runs in the browser | [`islands`] |
//! | how it calls an endpoint | [`wire`] |
//! | markup without behaviour | [`components`] |
//! | a whole page | `pages`, in the frame of `app`, with the words of `i18n` |
//! | a socket, a disk, a secret or a clock | `server` |
//!
//! The features are gated here and nowhere else: `hydrate` is the browser build, `ssr` the server build.

#![recursion_limit = "256"]

pub mod api;
pub mod components;
pub mod error;
pub mod islands;
pub mod routes;
pub mod wire;

#[cfg(feature = "hydrate")]
pub mod hydrate;

#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod html;
#[cfg(feature = "ssr")]
pub mod i18n;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;
