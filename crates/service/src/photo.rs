//! Reads the code in a photo that anybody may have made, for browsers that cannot do it themselves.

use crate::picture::{PictureError, TURN, decode};
use image::imageops::thumbnail;
use scanner::{Budget, Grey, OTHER_WAYS, read_within};
use std::panic::catch_unwind;
use tokio::task::spawn_blocking;

pub use crate::picture::MAX_BYTES;

/// The longer side, in pixels, at which a photo is searched: a code that fills it, and one that does not.
const SIZES: [u32; 3] = [1000, 640, 400];

/// How often its pixels may be looked at, in all sizes and ways: a second or so of a processor. A photo with a code takes
/// a fifth of it at most.
const LOOKS: u64 = 300_000_000;

/// Returns the text of a code in the photo, if there is one. Nothing of the photo is kept. `held` is dropped when the work
/// is done, which may be after the caller has gone.
///
/// # Errors
/// [`PictureError`].
pub async fn read_code(file: Vec<u8>, held: impl Send + 'static) -> Result<Option<String>, PictureError> {
    let turn = TURN.acquire().await;
    // The turn ends with the work: who hangs up does not begin another one beside it.
    let found = spawn_blocking(move || {
        let _held = (held, turn);
        let sizes = shrink(&file)?;
        // A panic is an odd picture in which nothing can be found.
        Ok(catch_unwind(|| search(&sizes, &Budget::new(LOOKS))).unwrap_or_default())
    });
    found.await.map_err(|_| PictureError::Damaged)?
}

fn search(sizes: &[Grey], budget: &Budget) -> Option<String> {
    sizes.iter().find_map(|grey| (0..OTHER_WAYS).find_map(|way| read_within(grey, way, budget)))
}

/// Returns the photo in grey, at each size that is smaller than its own, or at its own.
fn shrink(file: &[u8]) -> Result<Vec<Grey>, PictureError> {
    let photo = decode(file)?.0.into_luma8();
    let longer = photo.width().max(photo.height());
    let scaled = |size: u32| {
        let side = |side: u32| (u64::from(side) * u64::from(size) / u64::from(longer)).max(1) as u32;
        let small = thumbnail(&photo, side(photo.width()), side(photo.height()));
        let width = small.width() as usize;
        Grey::new(small.into_raw(), width)
    };
    let mut sizes: Vec<u32> = SIZES.into_iter().map(|size| size.min(longer)).collect();
    sizes.dedup();
    Ok(sizes.into_iter().filter_map(scaled).collect())
}

#[cfg(test)]
mod tests;
