//! A camera in a hand before a screen.

use super::scene::Scene;

/// Pixels of the video: an upright phone.
const SIZE: (usize, usize) = (720, 1280);
/// Distance of the picture's plane in pixels: an angle of 65° over the longer side.
const FOCAL_LENGTH: f64 = 1000.0;

/// How the camera is held, and how good it is.
#[derive(Clone, Debug)]
pub struct Camera {
    /// Pixels of the video per pixel of the screen.
    pub zoom: f64,
    /// Rotation in degrees: about the axis of the lens, about the vertical and about the horizontal of the screen.
    pub turned: (f64, f64, f64),
    /// Where the middle of the code is, in pixels from the middle of the picture.
    pub offset: (f64, f64),
    /// Standard deviation of the blur in pixels.
    pub blur: f64,
    /// Noise of each pixel, of full brightness.
    pub noise: f64,
    /// Brightness of a white screen in the middle.
    pub exposure: f64,
    /// How much of it is lost at the edge.
    pub falloff: f64,
    /// Points per pixel and axis whose light is collected.
    pub samples: u32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            zoom: 1.2,
            turned: (0.0, 0.0, 0.0),
            offset: (0.0, 0.0),
            blur: 0.6,
            noise: 0.02,
            exposure: 0.85,
            falloff: 0.25,
            samples: 3,
        }
    }
}

/// The same numbers in every run (xorshift).
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// Returns a number from -1 to 1.
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

impl Camera {
    /// Returns the camera a tenth of a second later, in a hand that trembles.
    pub fn trembling(&self, chance: &mut Chance) -> Self {
        let mut next = self.clone();
        next.offset.0 += 12.0 * chance.next();
        next.offset.1 += 12.0 * chance.next();
        for angle in [&mut next.turned.0, &mut next.turned.1, &mut next.turned.2] {
            *angle += chance.next();
        }
        next.zoom *= 1.0 + 0.03 * chance.next();
        next.blur *= 1.0 + 0.3 * chance.next();
        next
    }

    /// Takes a frame and returns what the page gives the decoder: the middle square, or everything if `whole`, scaled
    /// down, in grey; and its width.
    pub fn frame(&self, scene: &Scene, whole: bool, chance: &mut Chance) -> (Vec<u8>, usize) {
        let side = SIZE.0 * 2 / 3;
        let (area, size) = if whole { (SIZE, 960) } else { ((side, side), 480) };
        let (left, top) = ((SIZE.0 - area.0) / 2, (SIZE.1 - area.1) / 2);
        let mut light: Vec<f64> =
            (0..area.0 * area.1).map(|at| self.collect(scene, left + at % area.0, top + at / area.0)).collect();
        blur(&mut light, area.0, self.blur);
        for (at, light) in light.iter_mut().enumerate() {
            let from_middle = |at: usize, size: usize| (at as f64 - size as f64 / 2.0) / SIZE.0 as f64 * 2.0;
            let (dx, dy) = (from_middle(left + at % area.0, SIZE.0), from_middle(top + at / area.0, SIZE.1));
            let shade = 1.0 - self.falloff * (0.5 * dx + 0.3 * dy + 0.2 * (dx * dx + dy * dy));
            // Cameras brighten the dark parts.
            *light = (*light * self.exposure * shade + 1.7 * self.noise * chance.next()).clamp(0.0, 1.0).powf(0.8);
        }
        shrink(&light, area, size)
    }

    /// Collects the light of a pixel's colour: green, red, blue and green in squares of four.
    fn collect(&self, scene: &Scene, x: usize, y: usize) -> f64 {
        let colour = match (x % 2, y % 2) {
            (0, 0) => 0,
            (1, 1) => 2,
            _ => 1,
        };
        let place = |pixel: usize, sample: u32| pixel as f64 + (f64::from(sample) + 0.5) / f64::from(self.samples);
        let points = (0..self.samples).flat_map(|j| (0..self.samples).map(move |i| (i, j)));
        let light = points.map(|(i, j)| {
            let (x, y) = self.project(place(x, i), place(y, j));
            scene.light(x, y, colour)
        });
        light.sum::<f64>() / f64::from(self.samples * self.samples)
    }

    /// Returns the point of the screen that a point of the picture shows: where the ray meets the turned plane.
    fn project(&self, x: f64, y: f64) -> (f64, f64) {
        let distance = FOCAL_LENGTH / self.zoom;
        let (dx, dy) = (x - SIZE.0 as f64 / 2.0 - self.offset.0, y - SIZE.1 as f64 / 2.0 - self.offset.1);
        let (sin, cos) = self.turned.0.to_radians().sin_cos();
        let ray = ((cos * dx + sin * dy) / FOCAL_LENGTH, (cos * dy - sin * dx) / FOCAL_LENGTH, 1.0);
        let (sin_y, cos_y) = self.turned.1.to_radians().sin_cos();
        let (sin_x, cos_x) = self.turned.2.to_radians().sin_cos();
        let right = (cos_y, 0.0, sin_y);
        let down = (sin_x * sin_y, cos_x, -sin_x * cos_y);
        let normal = (-sin_y * cos_x, sin_x, cos_y * cos_x);
        let dot = |a: (f64, f64, f64), b: (f64, f64, f64)| a.0 * b.0 + a.1 * b.1 + a.2 * b.2;
        let reach = normal.2 * distance / dot(normal, ray);
        let hit = (reach * ray.0, reach * ray.1, reach * ray.2 - distance);
        (dot(hit, right), dot(hit, down))
    }
}

/// Blurs the picture as a lens that is out of focus: a Gaussian, along the rows and then along the columns.
fn blur(picture: &mut [f64], width: usize, deviation: f64) {
    let height = picture.len() / width;
    let reach = (3.0 * deviation).ceil() as usize;
    let weight = |at: usize| (-((at * at) as f64) / (2.0 * deviation * deviation)).exp();
    let total = 1.0 + 2.0 * (1..=reach).map(weight).sum::<f64>();
    let mean = |from: &[f64], at: usize, step: usize, place: usize, size: usize| {
        let near = (1..=reach).map(|by| {
            let (back, on) = (by.min(place), by.min(size - 1 - place));
            weight(by) * (from[at - back * step] + from[at + on * step])
        });
        (from[at] + near.sum::<f64>()) / total
    };
    let rows: Vec<f64> = (0..picture.len()).map(|at| mean(picture, at, 1, at % width, width)).collect();
    for (at, pixel) in picture.iter_mut().enumerate() {
        *pixel = mean(&rows, at, width, at / width, height);
    }
}

/// Scales the picture down to that size of its longer side, each pixel the mean of those that it replaces.
fn shrink(picture: &[f64], (width, height): (usize, usize), size: usize) -> (Vec<u8>, usize) {
    let factor = (width.max(height) as f64 / size as f64).max(1.0);
    let scaled = |side: usize| (side as f64 / factor) as usize;
    let span = |at: usize| {
        let start = (at as f64 * factor) as usize;
        start..((at as f64 + 1.0) * factor).max(start as f64 + 1.0) as usize
    };
    let mut pixels = Vec::new();
    for y in 0..scaled(height) {
        for x in 0..scaled(width) {
            let (rows, columns) = (span(y), span(x));
            let count = (rows.len() * columns.len()) as f64;
            let sum: f64 = rows.map(|y| picture[y * width..][columns.clone()].iter().sum::<f64>()).sum();
            pixels.push((255.0 * sum / count) as u8);
        }
    }
    (pixels, scaled(width))
}
