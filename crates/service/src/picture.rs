//! Makes a picture that may be shown from a file that anybody may have made.
//!
//! What is stored is drawn anew from the pixels, so that nothing else of the file is left: no metadata such as a place,
//! no second file behind the first, no script.

use domain::account::{Picture, PictureId};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Maximum size of a file, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Maximum width and height, in pixels.
const MAX_SIDE: u32 = 10_000;
/// Maximum number of pixels: a small file may claim to have any number of them.
const MAX_PIXELS: u64 = 40_000_000;
/// Maximum memory of the decoded pixels, in bytes: four per pixel, so fewer pixels with 16 bits per colour.
const MAX_MEMORY: u64 = 4 * MAX_PIXELS;
/// Width and height of what is stored, in pixels: four times as large as the pages show it.
const SIDE: u32 = 256;
/// JPEG quality, of 100.
const QUALITY: u8 = 85;

/// One at a time, because each may take much memory.
pub(crate) static TURN: Semaphore = Semaphore::const_new(1);

/// Why a file is no picture for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file, or the picture in it, is too large.
    #[error(
        "a picture must have at most {} MiB, {MAX_SIDE} pixels on each side and {} million in all",
        MAX_BYTES / 1024 / 1024,
        MAX_PIXELS / 1_000_000
    )]
    TooLarge,
    /// Another format. What counts are the contents, not the file's name.
    #[error("a picture must be a PNG, JPEG or WebP file")]
    Format,
    /// The file is damaged.
    #[error("the picture is damaged")]
    Damaged,
    /// The part to be shown is not within the picture.
    #[error("the part to be shown is not within the picture")]
    Crop,
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            _ => Self::Damaged,
        }
    }
}

/// A square of a picture to be shown, in pixels of the picture as it is seen: turned as the camera was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// Its width and height; not zero.
    pub size: u32,
}

/// Makes a picture of that part of the one in the file, or of its middle.
///
/// # Errors
/// [`PictureError`].
pub async fn prepare(file: Vec<u8>, crop: Option<Crop>) -> Result<Picture, PictureError> {
    let turn = TURN.acquire().await;
    // The turn ends with the work: who hangs up does not begin another one beside it.
    let drawn = spawn_blocking(move || {
        let _turn = turn;
        draw(&file, crop)
    })
    .await;
    // A decoder that panics has found something that it cannot read, either.
    let bytes = drawn.map_err(|_| PictureError::Damaged)??;
    Ok(Picture { id: PictureId::new(Sha256::digest(&bytes).into()), bytes })
}

/// Returns a JPEG file of [`SIDE`] by [`SIDE`] pixels.
fn draw(file: &[u8], crop: Option<Crop>) -> Result<Vec<u8>, PictureError> {
    let (picture, orientation) = decode(file)?;
    let (width, height) = (picture.width(), picture.height());
    let Crop { x, y, size } = match crop {
        Some(crop) => as_stored(crop, width, height, orientation).ok_or(PictureError::Crop)?,
        None => {
            let size = width.min(height);
            Crop { x: (width - size) / 2, y: (height - size) / 2, size }
        }
    };
    let part = imageops::crop_imm(&picture, x, y, size, size);
    // Turned last, because a small picture takes less time and memory.
    let mut small = DynamicImage::ImageRgba8(imageops::resize(&*part, SIDE, SIDE, FilterType::CatmullRom));
    small.apply_orientation(orientation);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&small.into_rgb8())?;
    Ok(bytes)
}

/// Returns where a part of the picture as it is seen is in its pixels as they are stored, which are `width` by `height`.
/// `None` if it is empty or not within the picture.
fn as_stored(Crop { x, y, size }: Crop, width: u32, height: u32, orientation: Orientation) -> Option<Crop> {
    use Orientation::*;
    let is_turned = matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH);
    let (seen_width, seen_height) = if is_turned { (height, width) } else { (width, height) };
    // The distances to the other two edges.
    let right = seen_width.checked_sub(x)?.checked_sub(size)?;
    let below = seen_height.checked_sub(y)?.checked_sub(size)?;
    let (x, y) = match orientation {
        NoTransforms => (x, y),
        FlipHorizontal => (right, y),
        FlipVertical => (x, below),
        Rotate180 => (right, below),
        Rotate90 => (y, right),
        Rotate90FlipH => (y, x),
        Rotate270 => (below, x),
        Rotate270FlipH => (below, right),
    };
    (size > 0).then_some(Crop { x, y, size })
}

/// Returns the pixels, and how the camera was held. Of an animation, the first frame.
pub(crate) fn decode(file: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    if file.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Damaged)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(PictureError::Format);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    // Checked here as well, because not every decoder knows every limit.
    if width.max(height) > MAX_SIDE
        || u64::from(width) * u64::from(height) > MAX_PIXELS
        || decoder.total_bytes() > MAX_MEMORY
    {
        return Err(PictureError::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder)?;
    Ok((if picture.color().has_alpha() { on_white(picture) } else { picture }, orientation))
}

/// JPEG has no transparency. Before it is made smaller, or invisible pixels would colour visible ones.
fn on_white(picture: DynamicImage) -> DynamicImage {
    let mut picture = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let alpha = u16::from(pixel.0[3]);
        for colour in &mut pixel.0[..3] {
            let mixed = (u16::from(*colour) * alpha + 255 * (255 - alpha)) / 255;
            *colour = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
        pixel.0[3] = u8::MAX;
    }
    DynamicImage::ImageRgba8(picture)
}

#[cfg(test)]
mod tests;
