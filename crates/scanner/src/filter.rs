//! Other ways to look at a picture that could not be read as it is.

use crate::picture::Grey;

/// Removes noise and the grid of a screen's pixels: the mean of each pixel and its neighbours, so many times.
pub(crate) fn smoothed(picture: &Grey, times: usize) -> Grey {
    let mut picture = picture.clone();
    for _ in 0..times {
        picture.pixels = weighted(&picture, |middle, beside, corners| (4 * middle + 2 * beside + corners) / 16);
    }
    picture
}

/// Undoes some of a blur: raises the contrast of each pixel to its neighbours.
pub(crate) fn sharpened(picture: &Grey) -> Grey {
    let soft = smoothed(picture, 3);
    let pixels = picture.pixels.iter().zip(&soft.pixels).map(|(pixel, mean)| {
        let (pixel, mean) = (i32::from(*pixel), i32::from(*mean));
        (pixel + 2 * (pixel - mean)).clamp(0, 255) as u8
    });
    Grey { pixels: pixels.collect(), ..*picture }
}

/// Makes light dark, for codes in white on black.
pub(crate) fn inverted(picture: &Grey) -> Grey {
    Grey { pixels: picture.pixels.iter().map(|pixel| !pixel).collect(), ..*picture }
}

/// Makes the picture half as wide and high.
pub(crate) fn halved(picture: &Grey) -> Grey {
    let (width, height) = ((picture.width / 2).max(1), (picture.height / 2).max(1));
    let rows = picture.pixels.chunks_exact(picture.width).step_by(2).take(height);
    let pixels = rows.flat_map(|row| row.iter().copied().step_by(2).take(width)).collect();
    Grey { pixels, width, height }
}

/// Enlarges the middle half of the picture to its whole size, for a code that is far away.
pub(crate) fn doubled_middle(picture: &Grey) -> Grey {
    let Grey { width, height, .. } = *picture;
    let (left, top) = (width / 4, height / 4);
    let at =
        |x: usize, y: usize| u32::from(picture.pixels[(top + y).min(height - 1) * width + (left + x).min(width - 1)]);
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = (x / 2, y / 2);
            let (to_x, to_y) = (x.div_ceil(2), y.div_ceil(2));
            let sum = at(from_x, from_y) + at(to_x, from_y) + at(from_x, to_y) + at(to_x, to_y);
            pixels.push((sum / 4) as u8);
        }
    }
    Grey { pixels, ..*picture }
}

/// Calls `weigh` with each pixel, the sum of those beside it, and the sum of those at its corners.
fn weighted(picture: &Grey, weigh: impl Fn(u32, u32, u32) -> u32) -> Vec<u8> {
    let Grey { width, height, .. } = *picture;
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for y in 0..height {
        let row = |y: usize| &picture.pixels[y * width..(y + 1) * width];
        let rows = [row(y.saturating_sub(1)), row(y), row((y + 1).min(height - 1))];
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let at = |row: usize, x: usize| u32::from(rows[row][x]);
            let beside = at(0, x) + at(2, x) + at(1, left) + at(1, right);
            let corners = at(0, left) + at(0, right) + at(2, left) + at(2, right);
            pixels.push(weigh(at(1, x), beside, corners).min(255) as u8);
        }
    }
    pixels
}
