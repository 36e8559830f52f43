//! Reads QR codes in pictures: in a worker of the browser, frame by frame, and on the server, for photos.
//!
//! `rqrr` finds the code and samples its modules. What makes its input black and white, and what corrects the errors of
//! its output, is here.

#[cfg(not(target_arch = "wasm32"))]
mod budget;
mod correction;
mod filter;
mod ink;
mod picture;
mod symbol;
mod text;

#[cfg(not(target_arch = "wasm32"))]
pub use budget::Budget;
#[cfg(not(target_arch = "wasm32"))]
pub use picture::read_within;
pub use picture::{Grey, OTHER_WAYS, read};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// What a worker calls: reads a frame of a camera as `ImageData` has it, four bytes per pixel. `frame` counts them,
/// see [`read`].
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn decode(pixels: &[u8], width: u32, frame: u32) -> Option<String> {
    read(&Grey::of_rgba(pixels, width as usize)?, frame)
}
