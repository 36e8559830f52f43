//! What is no code: no picture makes the decoder panic, and none keeps it busy.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use proptest::prelude::*;
use scanner::{Grey, OTHER_WAYS, decode, read};

fn read_in_every_way(pixels: Vec<u8>, width: usize) {
    let picture = Grey::new(pixels, width).unwrap();
    for way in 0..OTHER_WAYS {
        let _ = read(&picture, way);
    }
}

/// Draws a finder pattern of that module size, at that place.
fn corner(pixels: &mut [u8], width: usize, (left, top): (usize, usize), module: usize) {
    for y in 0..7 * module {
        for x in 0..7 * module {
            let ring = (x / module).abs_diff(3).max((y / module).abs_diff(3));
            if let Some(pixel) = pixels.get_mut((top + y) * width + (left + x) % width) {
                *pixel = if ring == 2 { 230 } else { 20 };
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn noise_is_read_without_a_panic(seed in any::<u64>(), width in 1..150_usize, height in 1..150_usize, levels in 1..=255_u8) {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8 / levels * levels
        };
        read_in_every_way((0..width * height).map(|_| next()).collect(), width);
    }

    /// Three corners and more, where no code is.
    #[test]
    fn corners_anywhere_are_read_without_a_panic(
        corners in proptest::collection::vec((0..200_usize, 0..200_usize, 1..9_usize), 3..12),
        dots in proptest::collection::vec(0..40_000_usize, 0..400),
    ) {
        let mut pixels = vec![240; 40_000];
        for (x, y, module) in corners {
            corner(&mut pixels, 200, (x, y), module);
        }
        for at in dots {
            pixels[at] ^= 0xff;
        }
        read_in_every_way(pixels, 200);
    }

    #[test]
    fn pixels_that_are_no_rows_are_no_picture(length in 0..40_usize, width in 0..9_u32) {
        prop_assert_eq!(decode(&vec![7; length], width, 0), None);
    }
}

/// Twenty times twenty corners: without a limit this would take hours.
#[test]
fn a_picture_full_of_corners_is_no_code() {
    let mut pixels = vec![255; 500 * 500];
    for at in 0..400 {
        corner(&mut pixels, 500, (25 * (at % 20), 25 * (at / 20)), 3);
    }
    read_in_every_way(pixels, 500);
}
