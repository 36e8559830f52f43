#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use image::{GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use proptest::prelude::*;
use std::io::Cursor;
use std::panic::AssertUnwindSafe;
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::task::yield_now;

const TEXT: &str = "https://login.example/confirm?id=0123abcd-4567-489a-bcde-f0123456789a";

/// A photo of the code, each module so many pixels wide, on a table.
fn photo(module: usize, format: ImageFormat) -> Vec<u8> {
    let code = qrcode::QrCode::new(TEXT).unwrap();
    let (width, colors) = (code.width(), code.to_colors());
    let side = (module * (width + 20)) as u32;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let [x, y] = [x, y].map(|at| (at as usize / module).checked_sub(10).filter(|at| *at < width));
        match (x, y) {
            (Some(x), Some(y)) if colors[y * width + x] == qrcode::Color::Dark => Luma([20]),
            (Some(_), Some(_)) => Luma([240]),
            _ => Luma([220]),
        }
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn the_code_is_found_whatever_the_format_and_the_size() {
    for module in [3, 6, 40] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            assert_eq!(
                read_code(photo(module, format), ()).await.unwrap().as_deref(),
                Some(TEXT),
                "{module} {format:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_photo_without_a_code_has_none() {
    let mut bytes = Cursor::new(Vec::new());
    RgbaImage::from_pixel(1, 3000, Rgba([9, 9, 9, 9])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert_eq!(read_code(bytes.into_inner(), ()).await, Ok(None));
}

#[tokio::test]
async fn what_is_no_photo_is_refused() {
    for (file, error) in [
        (Vec::new(), PictureError::Format),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), PictureError::Format),
        (vec![0; MAX_BYTES + 1], PictureError::TooLarge),
        (photo(3, ImageFormat::Png)[..200].to_vec(), PictureError::Damaged),
    ] {
        assert_eq!(read_code(file, ()).await, Err(error));
    }
}

/// Thirty-eight corners of codes, so askew that the decoder looks for the fourth corner of one far outside the picture, for
/// a minute.
const ASKEW: &[u8] = include_bytes!("tests/askew.png");

#[tokio::test]
async fn a_photo_that_would_keep_the_decoder_busy_is_given_up() {
    let budget = Budget::new(LOOKS);
    let sizes = shrink(ASKEW).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| search(&sizes, &budget))).is_err());
    assert!(budget.is_spent());
    assert_eq!(read_code(ASKEW.to_vec(), ()).await, Ok(None));
}

/// A code that is hard to find among other things: no budget is spent on it.
#[test]
fn a_photo_of_a_code_stays_far_below_the_limit() {
    for module in [3, 6, 40] {
        let sizes = shrink(&photo(module, ImageFormat::Png)).unwrap();
        assert_eq!(search(&sizes, &Budget::new(LOOKS / 5)).as_deref(), Some(TEXT));
    }
}

#[tokio::test]
async fn who_hangs_up_keeps_the_turn_until_the_work_is_done() {
    let (held, mut dropped) = oneshot::channel::<()>();
    let reading = tokio::spawn(read_code(ASKEW.to_vec(), held));
    // As far as the decoder, whichever has the turn.
    while !reading.is_finished() && TURN.available_permits() > 0 {
        yield_now().await;
    }
    reading.abort();
    let _ = reading.await;
    let is_free = TURN.available_permits() > 0;
    // What is held is dropped before the turn.
    assert!(!is_free || dropped.try_recv() == Err(TryRecvError::Closed));
    assert!(dropped.await.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_damaged_photo_is_an_error_or_has_no_other_code(at in 0..2000_usize, byte in any::<u8>()) {
        let mut file = photo(3, ImageFormat::Jpeg);
        let at = at % file.len();
        file[at] = byte;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Ok(Some(found)) = runtime.block_on(read_code(file, ())) {
            prop_assert_eq!(found, TEXT);
        }
    }
}
