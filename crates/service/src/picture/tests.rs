#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use image::{GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

const RED: [u8; 3] = [250, 10, 10];
const BLUE: [u8; 3] = [10, 10, 250];
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn draw_middle(file: &[u8]) -> Result<Vec<u8>, PictureError> {
    draw(file, None)
}

/// A picture whose left half is red and whose right half is blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { RED } else { BLUE })).into()
}

/// Checks that it is what we store, and returns its pixels.
fn shown(drawn: &[u8]) -> DynamicImage {
    assert_eq!(image::guess_format(drawn).unwrap(), ImageFormat::Jpeg);
    let picture = image::load_from_memory(drawn).unwrap();
    assert_eq!(picture.dimensions(), (SIDE, SIDE));
    picture
}

/// Returns whether the colour is there, apart from what JPEG loses.
fn is_at(picture: &DynamicImage, x: u32, y: u32, colour: [u8; 3]) -> bool {
    picture.get_pixel(x, y).0.iter().zip(colour).all(|(real, expected)| real.abs_diff(expected) < 40)
}

/// CRC-32 as PNG computes it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Returns the PNG file with a header that claims another size.
fn png_of(mut file: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    file
}

/// Returns the JPEG file with a header that claims another size.
fn jpeg_of(mut file: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let at = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    file[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    file[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// Returns the JPEG file with EXIF data behind its start: how the camera was held, and a comment.
fn with_exif(file: &[u8], orientation: u8, comment: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(comment);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&file[..2], &[0xff, 0xe1], &length, &exif, &file[2..]].concat()
}

#[test]
fn the_middle_becomes_a_small_square() {
    for format in FORMATS {
        for (width, height) in [(600, 200), (200, 600), (256, 256), (40, 30)] {
            let picture = shown(&draw_middle(&file(&halves(width, height), format)).unwrap());
            assert!(is_at(&picture, 10, 128, RED) && is_at(&picture, 245, 128, BLUE), "{format:?} {width}x{height}");
        }
        for (width, height) in [(1, 1), (3, 2), (1000, 1)] {
            shown(&draw_middle(&file(&halves(width, height), format)).unwrap());
        }
    }
}

#[test]
fn every_kind_of_pixel_is_read_and_transparency_becomes_white() {
    let mut picture = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        if x >= 20 {
            *pixel = Rgba([0, 0, 0, 255]);
        }
    }
    let picture = DynamicImage::from(picture);
    for kind in [
        picture.clone(),
        DynamicImage::from(picture.to_rgba16()),
        DynamicImage::from(picture.to_luma_alpha8()),
        DynamicImage::from(picture.to_luma_alpha16()),
    ] {
        let picture = shown(&draw_middle(&file(&kind, ImageFormat::Png)).unwrap());
        assert!(is_at(&picture, 20, 128, [255; 3]) && is_at(&picture, 240, 128, [0; 3]), "{:?}", kind.color());
    }
    for kind in [DynamicImage::from(picture.to_luma8()), picture.to_luma16().into(), picture.to_rgb16().into()] {
        shown(&draw_middle(&file(&kind, ImageFormat::Png)).unwrap());
    }
}

#[test]
fn a_photo_is_turned_as_the_camera_was_held_and_its_metadata_is_gone() {
    let photo = file(&halves(64, 64), ImageFormat::Jpeg);
    let upright = with_exif(&photo, 1, b"taken at home");
    let turned = with_exif(&photo, 3, b"taken at home");
    for (file, left, right) in [(upright, RED, BLUE), (turned, BLUE, RED)] {
        let drawn = draw_middle(&file).unwrap();
        let picture = shown(&drawn);
        assert!(is_at(&picture, 10, 128, left) && is_at(&picture, 245, 128, right));
        for trace in [b"Exif".as_slice(), b"taken at home"] {
            assert!(!drawn.windows(trace.len()).any(|part| part == trace));
        }
    }
}

/// A picture of four colours, wider than high, as it looks after a camera that was held like that.
fn corners(orientation: u8) -> (Vec<u8>, DynamicImage) {
    const COLOURS: [[u8; 3]; 4] = [RED, BLUE, [10, 250, 10], [250, 250, 10]];
    let stored = RgbImage::from_fn(96, 48, |x, y| Rgb(COLOURS[usize::from(x >= 64) + 2 * usize::from(y >= 16)]));
    let mut seen = DynamicImage::from(stored.clone());
    seen.apply_orientation(Orientation::from_exif(orientation).unwrap());
    (with_exif(&file(&stored.into(), ImageFormat::Jpeg), orientation, b""), seen)
}

#[test]
fn the_part_that_was_chosen_is_the_one_that_was_seen_however_the_camera_was_held() {
    for orientation in 1..=8 {
        let (photo, seen) = corners(orientation);
        for (x, y, size) in
            [(0, 0, 16), (8, 16, 32), (0, 0, 48), (24, 8, 24), (seen.width() - 20, seen.height() - 20, 20)]
        {
            let picture = shown(&draw(&photo, Some(Crop { x, y, size })).unwrap());
            // Away from the edges between colours, which JPEG blurs.
            for (across, down) in [(1, 1), (1, 6), (6, 1), (6, 6), (3, 3)] {
                let expected = seen.get_pixel(x + size * across / 8, y + size * down / 8).0;
                let is_near_an_edge = (-2..=2).any(|near: i32| {
                    let at = |start: u32, part: u32| (start + size * part / 8).saturating_add_signed(2 * near);
                    let (column, row) = (at(x, across).min(seen.width() - 1), at(y, down).min(seen.height() - 1));
                    seen.get_pixel(column, y + size * down / 8).0 != expected
                        || seen.get_pixel(x + size * across / 8, row).0 != expected
                });
                let [red, green, blue, _] = expected;
                assert!(
                    is_near_an_edge || is_at(&picture, SIDE * across / 8, SIDE * down / 8, [red, green, blue]),
                    "{orientation}: {x},{y} {size} at {across},{down}"
                );
            }
        }
    }
}

#[test]
fn a_part_that_is_not_within_the_picture_is_refused() {
    for orientation in 1..=8 {
        let (photo, seen) = corners(orientation);
        let (width, height) = (seen.width(), seen.height());
        for (x, y, size) in [
            (0, 0, 0),
            (0, 0, 49),
            (width - 9, 0, 10),
            (0, height - 9, 10),
            (width, height, 1),
            (u32::MAX, 0, 1),
            (1, u32::MAX, u32::MAX),
            (0, 0, u32::MAX),
        ] {
            let outcome = draw(&photo, Some(Crop { x, y, size }));
            assert_eq!(outcome, Err(PictureError::Crop), "{orientation}: {x},{y} {size}");
        }
        shown(&draw(&photo, Some(Crop { x: width - 1, y: height - 1, size: 1 })).unwrap());
    }
}

/// Returns a WebP file that shows these pictures of 40 by 40 pixels one after another.
fn animation(frames: &[[u8; 3]]) -> Vec<u8> {
    let chunk = |name: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [name, &length, body, &[0][..body.len() % 2]].concat()
    };
    // Animated, 40 by 40; a white background, repeated for ever.
    let mut body = chunk(b"VP8X", &[2, 0, 0, 0, 39, 0, 0, 39, 0, 0]);
    body.extend(chunk(b"ANIM", &[255, 255, 255, 255, 0, 0]));
    for colour in frames {
        let still = file(&RgbImage::from_pixel(40, 40, Rgb(*colour)).into(), ImageFormat::WebP);
        // At 0, 0, for a tenth of a second, without blending. Behind the still's own header.
        let head = [0, 0, 0, 0, 0, 0, 39, 0, 0, 39, 0, 0, 100, 0, 0, 2];
        body.extend(chunk(b"ANMF", &[&head, &still[12..]].concat()));
    }
    chunk(b"RIFF", &[b"WEBP".as_slice(), &body].concat())
}

#[test]
fn of_an_animation_the_first_frame_is_drawn() {
    for frames in [&[RED, BLUE][..], &[RED], &[RED; 50]] {
        let picture = shown(&draw_middle(&animation(frames)).unwrap());
        assert!(is_at(&picture, 128, 128, RED));
    }
    let whole = animation(&[RED, BLUE]);
    for length in (0..whole.len()).step_by(7) {
        if let Ok(drawn) = draw_middle(&whole[..length]) {
            shown(&drawn);
        }
    }
}

#[test]
fn a_size_that_nobody_needs_is_refused_before_anything_is_decoded() {
    let (png, jpeg) = (file(&halves(8, 8), ImageFormat::Png), file(&halves(8, 8), ImageFormat::Jpeg));
    for (width, height) in [(10_001, 1), (1, 10_001), (6400, 6400), (60_000, 60_000), (u32::MAX >> 1, u32::MAX >> 1)] {
        assert_eq!(draw_middle(&png_of(png.clone(), width, height)), Err(PictureError::TooLarge), "{width}x{height}");
    }
    for (width, height) in [(10_001, 1), (6400, 6400), (u16::MAX, u16::MAX)] {
        assert_eq!(draw_middle(&jpeg_of(jpeg.clone(), width, height)), Err(PictureError::TooLarge), "{width}x{height}");
    }
    // A header alone, with no such amount of pixels behind it.
    assert_eq!(draw_middle(&png_of(png, 6000, 6000)), Err(PictureError::Damaged));
    let mut large = file(&halves(8, 8), ImageFormat::Png);
    large.resize(MAX_BYTES + 1, 0);
    assert_eq!(draw_middle(&large), Err(PictureError::TooLarge));
}

#[test]
fn a_file_that_is_no_picture_of_ours_is_refused() {
    for other in [
        b"".as_slice(),
        b"GIF89a\x01\0\x01\0\x80\0\0",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"BM\x3a\0\0\0",
        b"\0\0\0\x1cftypavif",
        b"%PDF-1.7",
        b"#define x_width 1",
    ] {
        assert_eq!(draw_middle(other), Err(PictureError::Format), "{:?}", String::from_utf8_lossy(other));
    }
}

#[test]
fn a_truncated_file_is_refused_or_drawn_and_nothing_else() {
    for format in FORMATS {
        let whole = file(&halves(20, 20), format);
        for length in (0..whole.len()).step_by(3) {
            if let Ok(drawn) = draw_middle(&whole[..length]) {
                shown(&drawn);
            }
        }
        assert!(draw_middle(&whole[..20]).is_err(), "{format:?}");
    }
}

#[tokio::test]
async fn the_same_picture_has_the_same_hash_whatever_else_is_in_the_file() {
    let photo = file(&halves(64, 64), ImageFormat::Jpeg);
    let one = prepare(photo.clone(), None).await.unwrap();
    let page = [photo.as_slice(), b"<script>alert(1)</script>"].concat();
    for other in [page, with_exif(&photo, 1, b"<?php")] {
        assert_eq!(prepare(other, None).await, Ok(one.clone()));
    }
    assert_ne!(prepare(file(&halves(64, 60), ImageFormat::Jpeg), None).await.unwrap().id, one.id);
    assert_eq!(prepare(Vec::new(), None).await, Err(PictureError::Format));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Any bytes after the first bytes of each format.
    #[test]
    fn arbitrary_bytes_do_no_harm(kind in 0..4_usize, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let start: &[u8] = [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), b"\xff\xd8\xff\xe0", b"RIFF\x90\x01\0\0WEBPVP8X", b""][kind];
        if let Ok(drawn) = draw_middle(&[start, &bytes].concat()) {
            shown(&drawn);
        }
    }

    /// A picture in which some bytes are changed.
    #[test]
    fn a_damaged_file_does_no_harm(
        kind in 0..3_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = file(&halves(16, 16), FORMATS[kind]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(drawn) = draw_middle(&bytes) {
            shown(&drawn);
        }
    }
}
