//! From the modules of a symbol to its codewords (ISO/IEC 18004, sections 7.3 to 7.9).

use crate::correction::correct;

/// The modules of a symbol, as they were found in a picture.
pub(crate) trait Modules {
    /// Width and height.
    fn size(&self) -> usize;
    /// Whether a module is dark.
    fn is_dark(&self, x: usize, y: usize) -> bool;
}

/// The same symbol in a mirror: the picture of a front camera.
pub(crate) struct Mirrored<'a, M>(pub(crate) &'a M);

impl<M: Modules> Modules for Mirrored<'_, M> {
    fn size(&self) -> usize {
        self.0.size()
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.0.is_dark(y, x)
    }
}

/// What the format information says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    /// The level as it is encoded: M, L, H, Q.
    level: usize,
    mask: usize,
}

/// Codewords for correction in each block, by level and version.
const CHECKS: [&[u8; 40]; 4] = [
    &[
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    &[
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    &[
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    &[
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Number of blocks, by level and version.
const BLOCKS: [&[u8; 40]; 4] = [
    &[
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    &[
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    &[
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
    &[
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
];

/// Errors in the 15 bits of a format that can be corrected.
const FORMAT_ERRORS: u32 = 3;

/// Returns the version of a symbol of that width and its codewords without those for correction, all errors corrected.
pub(crate) fn codewords(symbol: &impl Modules) -> Option<(usize, Vec<u8>)> {
    let size = symbol.size();
    let version = size.checked_sub(17)? / 4;
    if !(1..=40).contains(&version) || size != 4 * version + 17 {
        return None;
    }
    let Format { level, mask } = format(symbol)?;
    let raw = raw_codewords(symbol, version, mask);
    let blocks = usize::from(BLOCKS[level][version - 1]);
    let checks = usize::from(CHECKS[level][version - 1]);
    // The first blocks are shorter by one codeword of data.
    let shortest = raw.len() / blocks - checks;
    let shorter = blocks - raw.len() % blocks;
    let mut data = Vec::with_capacity(raw.len());
    let mut block = Vec::new();
    for at in 0..blocks {
        block.clear();
        block.extend((0..shortest).map(|word| raw[word * blocks + at]));
        if at >= shorter {
            block.push(raw[shortest * blocks + at - shorter]);
        }
        let length = block.len();
        let start = shortest * blocks + blocks - shorter;
        block.extend((0..checks).map(|word| raw[start + word * blocks + at]));
        if !correct(&mut block, checks) {
            return None;
        }
        data.extend_from_slice(&block[..length]);
    }
    Some((version, data))
}

/// Reads the format beside the finder pattern, or its copy: the nearest of the 32 that there are (section 7.9).
fn format(symbol: &impl Modules) -> Option<Format> {
    let end = symbol.size() - 1;
    let first = [(0, 8), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (7, 8), (8, 8)];
    let second = [(8, 7), (8, 5), (8, 4), (8, 3), (8, 2), (8, 1), (8, 0)];
    let read = |at: &mut dyn Iterator<Item = (usize, usize)>| {
        at.fold(0_u32, |word, (x, y)| word << 1 | u32::from(symbol.is_dark(x, y)))
    };
    let original = read(&mut first.into_iter().chain(second));
    let copy = read(&mut (0..7).map(|i| (8, end - i)).chain((0..8).map(|i| (end - 7 + i, 8))));
    let nearest = |word: u32| (0..32).map(|data| ((format_word(data) ^ word).count_ones(), data)).min();
    let (errors, data) = nearest(original).into_iter().chain(nearest(copy)).min()?;
    (errors <= FORMAT_ERRORS).then_some(Format { level: (data >> 3) as usize, mask: (data & 7) as usize })
}

/// Returns the 15 bits of a format: its five bits, ten for their correction, masked (annex C).
fn format_word(data: u32) -> u32 {
    let rest =
        (0..5).rev().fold(data << 10, |rest, bit| if rest >> (bit + 10) & 1 == 1 { rest ^ 0x537 << bit } else { rest });
    (data << 10 | rest) ^ 0x5412
}

/// Returns all codewords in the order in which they are placed: two columns at a time, upwards and downwards from the
/// right (section 7.7.3).
fn raw_codewords(symbol: &impl Modules, version: usize, mask: usize) -> Vec<u8> {
    let size = symbol.size();
    let centres = alignment(version);
    let mut words = Vec::new();
    let (mut word, mut bits) = (0_u8, 0);
    let columns = (0..size).rev().filter(|x| *x != 6).step_by(2);
    for (pair, right) in columns.enumerate() {
        for row in 0..size {
            let y = if pair % 2 == 0 { size - 1 - row } else { row };
            for x in [right, right - 1] {
                if is_function(x, y, size, version, &centres) {
                    continue;
                }
                word = word << 1 | u8::from(symbol.is_dark(x, y) != is_masked(mask, x, y));
                bits += 1;
                if bits == 8 {
                    words.push(word);
                    (word, bits) = (0, 0);
                }
            }
        }
    }
    words
}

/// Returns the rows and columns of the alignment patterns' centres (annex E).
fn alignment(version: usize) -> Vec<usize> {
    if version == 1 {
        return Vec::new();
    }
    let gaps = version / 7 + 1;
    let step = if version == 32 { 26 } else { (4 * version + 2 * gaps + 3) / (2 * gaps) * 2 };
    let last = 4 * version + 10;
    [6].into_iter().chain((0..gaps).rev().map(|from_end| last - from_end * step)).collect()
}

fn is_function(x: usize, y: usize, size: usize, version: usize, centres: &[usize]) -> bool {
    let is_finder = (x < 9 && (y < 9 || y + 8 >= size)) || (x + 8 >= size && y < 9);
    let is_timing = x == 6 || y == 6;
    let is_version = version >= 7 && ((x < 6 && y + 11 >= size) || (y < 6 && x + 11 >= size));
    let near = |at: usize| centres.iter().copied().find(|centre| at.abs_diff(*centre) <= 2);
    let is_alignment = || match (near(x), near(y)) {
        // Where a finder pattern is, there is none.
        (Some(column), Some(row)) => {
            let last = size - 7;
            ![(6, 6), (6, last), (last, 6)].contains(&(column, row))
        }
        _ => false,
    };
    is_finder || is_timing || is_version || is_alignment()
}

/// Whether the mask inverts a module (section 7.8.2).
fn is_masked(mask: usize, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (x / 3 + y / 2).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
