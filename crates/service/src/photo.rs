//! Reads the code in a photo that anybody may have made, for browsers that cannot do it themselves.

use crate::picture::{PictureError, TURN, decode};
use image::imageops::thumbnail;
use scanner::{Grey, OTHER_WAYS, read};
use tokio::task::spawn_blocking;

pub use crate::picture::MAX_BYTES;

/// The longer side, in pixels, at which a photo is searched: a code that fills it, and one that does not.
const SIZES: [u32; 3] = [1000, 640, 400];

/// Returns the text of a code in the photo, if there is one. Nothing of the photo is kept.
///
/// # Errors
/// [`PictureError`].
pub async fn read_code(file: Vec<u8>) -> Result<Option<String>, PictureError> {
    let _turn = TURN.acquire().await;
    let sizes = spawn_blocking(move || shrink(&file)).await.map_err(|_| PictureError::Damaged)??;
    // A panic is an odd picture in which nothing can be found.
    let found = spawn_blocking(|| sizes.into_iter().find_map(|grey| (0..OTHER_WAYS).find_map(|way| read(&grey, way))));
    Ok(found.await.unwrap_or_default())
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
