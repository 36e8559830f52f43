//! The WASM module that every page loads. It exports `qr_login::hydrate`, and is empty elsewhere than in a browser.

#![cfg(target_arch = "wasm32")]

pub use qr_login::hydrate::hydrate;
