//! Finds codes in a grey picture.

use crate::filter::{doubled_middle, halved, inverted, sharpened, smoothed};
use crate::ink::Ink;
use crate::symbol::{Mirrored, Modules, codewords};
use crate::text::text;
use rqrr::{BitGrid, PreparedImage};

/// A grey picture: one byte per pixel, from black to white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    pub(crate) pixels: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Grey {
    /// Takes rows of that width; nothing if the pixels are no such rows.
    pub fn new(pixels: Vec<u8>, width: usize) -> Option<Self> {
        let height = pixels.len().checked_div(width)?;
        (height > 0 && width * height == pixels.len()).then_some(Self { pixels, width, height })
    }

    /// Takes rows of pixels with red, green, blue and opacity, which is ignored.
    pub fn of_rgba(pixels: &[u8], width: usize) -> Option<Self> {
        let grey = |pixel: &[u8]| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            ((77 * r + 150 * g + 29 * b) >> 8) as u8
        };
        Self::new(pixels.chunks_exact(4).map(grey).collect(), width)
    }
}

/// Ways to look at a picture in which nothing was found.
pub const OTHER_WAYS: u32 = 5;

/// What a search may cost.
#[cfg(not(target_arch = "wasm32"))]
type Limit = crate::Budget;
/// In a browser the page ends a search that takes too long.
#[cfg(target_arch = "wasm32")]
type Limit = ();

/// Returns the text of a code in the picture. A frame of a camera is looked at as it is and in one other way, which
/// changes with the number of the frame: against noise, distance, the grid of a screen, white on black, and closeness.
pub fn read(picture: &Grey, frame: u32) -> Option<String> {
    #[cfg(not(target_arch = "wasm32"))]
    return look(picture, frame, &Limit::new(u64::MAX));
    #[cfg(target_arch = "wasm32")]
    look(picture, frame, &())
}

/// The same for a picture that anybody may have made.
///
/// # Panics
/// If the budget is spent: run it where a panic ends nothing else.
#[cfg(not(target_arch = "wasm32"))]
pub fn read_within(picture: &Grey, frame: u32, budget: &crate::Budget) -> Option<String> {
    look(picture, frame, budget)
}

fn look(picture: &Grey, frame: u32, limit: &Limit) -> Option<String> {
    read_as_it_is(picture, limit).or_else(|| {
        let other = match frame % OTHER_WAYS {
            0 => smoothed(picture, 1),
            1 => sharpened(&doubled_middle(picture)),
            2 => smoothed(picture, 3),
            3 => inverted(picture),
            _ => halved(&smoothed(picture, 3)),
        };
        read_as_it_is(&other, limit)
    })
}

fn read_as_it_is(picture: &Grey, limit: &Limit) -> Option<String> {
    let ink = Ink::of(picture);
    if !ink.is_plausible() {
        return None;
    }
    #[cfg(not(target_arch = "wasm32"))]
    let mut image = PreparedImage::without_preparation(crate::budget::Watched::new(picture, &ink, limit));
    #[cfg(target_arch = "wasm32")]
    let mut image = {
        let () = limit;
        PreparedImage::prepare_from_bitmap(picture.width, picture.height, |x, y| ink.is_dark(x, y))
    };
    image.detect_grids().iter().find_map(|grid| {
        let symbol = Sampled(&grid.grid);
        let (version, words) = codewords(&symbol).or_else(|| codewords(&Mirrored(&symbol)))?;
        text(&words, version)
    })
}

/// The modules as `rqrr` finds them in the picture.
struct Sampled<'a, G>(&'a G);

impl<G: BitGrid> Modules for Sampled<'_, G> {
    fn size(&self) -> usize {
        self.0.size()
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.0.bit(y, x)
    }
}
