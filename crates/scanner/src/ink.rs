//! Which pixels of a picture are dark, and whether `rqrr` may search them.

use crate::picture::Grey;
use std::collections::BTreeSet;

/// Most places that look like the corner of a code. The time that `rqrr` takes grows with the cube of their number, and
/// a hostile picture may contain hundreds.
const MOST_CORNERS: usize = 40;

/// The dark pixels.
pub(crate) struct Ink {
    dark: Vec<bool>,
    width: usize,
}

impl Ink {
    /// Compares each pixel with the mean of those before and after it in its row, the nearer ones counting more, so that
    /// a shadow over the picture does not matter.
    pub(crate) fn of(picture: &Grey) -> Self {
        let Grey { ref pixels, width, .. } = *picture;
        let reach = (width / 8).max(1);
        let mut dark = Vec::with_capacity(pixels.len());
        let mut sums = vec![0; width];
        let (mut from_left, mut from_right) = (0, 0);
        for row in pixels.chunks_exact(width) {
            sums.fill(0);
            for left in 0..width {
                let right = width - 1 - left;
                from_left = from_left * (reach - 1) / reach + usize::from(row[left]);
                from_right = from_right * (reach - 1) / reach + usize::from(row[right]);
                sums[left] += from_left;
                sums[right] += from_right;
            }
            // The next row begins where this one ended.
            std::mem::swap(&mut from_left, &mut from_right);
            dark.extend(row.iter().zip(&sums).map(|(pixel, sum)| usize::from(*pixel) < sum * 95 / (200 * reach)));
        }
        Self { dark, width }
    }

    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x]
    }

    /// Whether there are at least the three corners of a code, and few enough places that may be one.
    pub(crate) fn is_plausible(&self) -> bool {
        (3..=MOST_CORNERS).contains(&self.corners())
    }

    /// Counts the dark areas that `rqrr` takes for the ring of a finder pattern (ISO/IEC 18004, section 6.3.3): a row
    /// crosses dark and light as 1:1:3:1:1, both ends belong to one area, the middle to another of about 3/8 of its size.
    fn corners(&self) -> usize {
        let areas = Areas::of(self);
        let mut rings = BTreeSet::new();
        for (y, row) in self.dark.chunks_exact(self.width).enumerate() {
            let (mut runs, mut start) = ([0; 5], 0);
            for end in 1..=self.width {
                if end < self.width && row[end] == row[start] {
                    continue;
                }
                runs.rotate_left(1);
                runs[4] = end - start;
                let is_end_of_dark = row[start];
                start = end;
                if is_end_of_dark && is_finder(&runs) {
                    let at = |runs: &[usize]| areas.at(y * self.width + end - runs.iter().sum::<usize>());
                    let (ring, stone) = (at(&runs[4..]), at(&runs[2..]));
                    let percent = 100 * stone.1 / ring.1.max(1);
                    if at(&runs).0 == ring.0 && ring.0 != stone.0 && (11..70).contains(&percent) {
                        rings.insert(ring.0);
                    }
                }
            }
        }
        rings.len()
    }
}

/// Whether the widths are in proportion, each within three quarters of a module.
fn is_finder(runs: &[usize; 5]) -> bool {
    let module = (runs[0] + runs[1] + runs[3] + runs[4]) / 4;
    let tolerance = module * 3 / 4;
    runs[0] > 0 && runs.iter().zip([1, 1, 3, 1, 1]).all(|(run, modules)| run.abs_diff(modules * module) <= tolerance)
}

/// The dark areas: pixels that touch at an edge belong together.
struct Areas {
    /// For each pixel the number of its area, or of one that was joined to another.
    of: Vec<u32>,
    /// For each area the one that it was joined to, or itself.
    joined_to: Vec<u32>,
    sizes: Vec<usize>,
}

impl Areas {
    fn of(ink: &Ink) -> Self {
        let mut areas = Self { of: vec![0; ink.dark.len()], joined_to: vec![0], sizes: vec![0] };
        for at in (0..ink.dark.len()).filter(|at| ink.dark[*at]) {
            let (before, above) =
                (areas.of[at.saturating_sub(1)], at.checked_sub(ink.width).map_or(0, |at| areas.of[at]));
            let before = if at.is_multiple_of(ink.width) { 0 } else { areas.root(before) };
            let above = areas.root(above);
            let area = match (before, above) {
                (0, 0) => {
                    areas.joined_to.push(areas.sizes.len() as u32);
                    areas.sizes.push(0);
                    areas.sizes.len() as u32 - 1
                }
                (0, area) | (area, 0) => area,
                (one, other) => {
                    let (kept, joined) = (one.min(other), one.max(other));
                    if kept != joined {
                        areas.joined_to[joined as usize] = kept;
                        areas.sizes[kept as usize] += areas.sizes[joined as usize];
                    }
                    kept
                }
            };
            areas.of[at] = area;
            areas.sizes[area as usize] += 1;
        }
        areas
    }

    /// Returns the area that this one belongs to, halving the way for the next time.
    fn root(&mut self, area: u32) -> u32 {
        let mut area = area;
        while self.joined_to[area as usize] != area {
            let next = self.joined_to[self.joined_to[area as usize] as usize];
            self.joined_to[area as usize] = next;
            area = next;
        }
        area
    }

    /// Returns the area of a pixel and its size.
    fn at(&self, pixel: usize) -> (u32, usize) {
        let mut area = self.of[pixel];
        while self.joined_to[area as usize] != area {
            area = self.joined_to[area as usize];
        }
        (area, self.sizes[area as usize])
    }
}
