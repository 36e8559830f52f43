//! The screen that is filmed: the tile with the code on its card, and text beside it.

/// Width of the tile on the page in CSS pixels, and its padding.
const TILE: f64 = 272.0;
const PADDING: f64 = 12.0;
/// Luminance of a dark module: no screen is black.
const INK: f64 = 0.02;

/// A screen. Luminances are from 0 to 1.
#[derive(Clone, Debug)]
pub struct Scene {
    modules: Vec<bool>,
    width: usize,
    page: f64,
    card: f64,
    letters: f64,
    /// How much darker the gaps between the stripes of a screen's pixels are, from 0 to 1.
    gaps: f64,
}

impl Scene {
    /// The page in the light theme with the code in this SVG, which `service::qr` has drawn.
    pub fn of(svg: &str) -> Self {
        let size: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let mut modules = vec![false; size * size];
        let (mut x, mut y) = (4_i32, 4_i32);
        for moved in between(svg, "stroke=\"#000\" d=\"M4 4.5", "\"").split('m').filter(|moved| !moved.is_empty()) {
            let (moved, line) = moved.split_once('h').map_or((moved, "0"), |(moved, line)| (moved, line));
            if let Some((dx, dy)) = moved.split_once(' ') {
                x += dx.parse::<i32>().unwrap();
                y += dy.parse::<i32>().unwrap();
            }
            for _ in 0..line.parse().unwrap() {
                modules[y as usize * size + x as usize] = true;
                x += 1;
            }
        }
        Self { modules, width: size, page: 0.92, card: 1.0, letters: 0.05, gaps: 0.0 }
    }

    /// The dark theme. The tile stays light.
    pub fn dark(self) -> Self {
        Self { page: 0.01, card: 0.02, letters: 0.9, ..self }
    }

    /// Colours that the person has chosen (`forced-colors`): the tile stays as it is.
    pub fn forced_colours(self) -> Self {
        Self { page: 0.0, card: 0.0, letters: 1.0, ..self }
    }

    /// A screen whose pixels have stripes with gaps of this depth.
    pub fn with_gaps(self, gaps: f64) -> Self {
        Self { gaps, ..self }
    }

    /// Returns the light of a colour (0 red, 1 green, 2 blue) at a point, in screen pixels from the middle of the tile.
    pub fn light(&self, x: f64, y: f64, colour: usize) -> f64 {
        let light = self.page_at(x, y);
        if self.gaps == 0.0 {
            return light;
        }
        let (stripe, row) = (x.rem_euclid(1.0) * 3.0, y.rem_euclid(1.0));
        let is_lit = stripe as usize == colour && stripe.fract() > 0.2 && row > 0.15;
        let lit = if is_lit { 3.0 / (0.8 * 0.85) } else { 0.0 };
        light * (1.0 - self.gaps + self.gaps * lit)
    }

    fn page_at(&self, x: f64, y: f64) -> f64 {
        if x.abs() <= TILE / 2.0 && y.abs() <= TILE / 2.0 {
            let code = TILE - 2.0 * PADDING;
            let module = |at: f64| ((at + code / 2.0) / code * self.width as f64).floor();
            let (x, y) = (module(x), module(y));
            let is_inside = |at: f64| (0.0..self.width as f64).contains(&at);
            let is_dark = is_inside(x) && is_inside(y) && self.modules[y as usize * self.width + x as usize];
            return if is_dark { INK } else { 1.0 };
        }
        let line = y.rem_euclid(34.0);
        if (175.0..420.0).contains(&x) && line < 14.0 && y.abs() < 120.0 {
            let is_letter = (x * 0.37).sin() * (x * 0.11 + y.div_euclid(34.0)).sin() > 0.15;
            return if is_letter { self.letters } else { self.card };
        }
        if (-170.0..480.0).contains(&x) && y.abs() < 190.0 { self.card } else { self.page }
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}
