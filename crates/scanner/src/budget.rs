//! Limits how much of a picture `rqrr` looks at, on the server: it has no limit of its own, and some pictures keep it busy
//! for minutes. In a browser the page ends the worker instead.

use crate::ink::Ink;
use crate::picture::Grey;
use image::{GenericImage, GenericImageView, Luma};
use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;

/// How often pixels may still be looked at. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget(Rc<Cell<u64>>);

/// The panic by which a search ends.
struct Spent;

impl Budget {
    /// Allows that many looks.
    pub fn new(looks: u64) -> Self {
        Self(Rc::new(Cell::new(looks)))
    }

    /// Returns whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    fn spend(&self, looks: u64) {
        self.0.set(self.0.get().saturating_sub(looks));
        if self.is_spent() {
            // There is no other way out of its loops. This calls no panic hook, so nothing is logged.
            resume_unwind(Box::new(Spent));
        }
    }
}

/// The dark pixels as `rqrr` takes them. It copies them for each group of corners that it tries.
pub(crate) struct Watched {
    pixels: Vec<Luma<u8>>,
    width: u32,
    height: u32,
    budget: Budget,
}

impl Watched {
    pub(crate) fn new(picture: &Grey, ink: &Ink, budget: &Budget) -> Self {
        let Grey { width, height, .. } = *picture;
        let points = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = points.map(|(x, y)| Luma([u8::from(ink.is_dark(x, y))])).collect();
        // A photo has at most a thousand on each side.
        Self { pixels, width: width as u32, height: height as u32, budget: budget.clone() }
    }

    fn at(&self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        // About as long as so many looks.
        self.budget.spend(self.pixels.len() as u64 / 16);
        Self { pixels: self.pixels.clone(), budget: self.budget.clone(), ..*self }
    }
}

impl GenericImageView for Watched {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.budget.spend(1);
        (self.width, self.height)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.budget.spend(1);
        self.pixels[self.at(x, y)]
    }
}

impl GenericImage for Watched {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        let at = self.at(x, y);
        &mut self.pixels[at]
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.budget.spend(1);
        let at = self.at(x, y);
        self.pixels[at] = pixel;
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}
