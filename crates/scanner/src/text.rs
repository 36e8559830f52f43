//! The text that codewords stand for (ISO/IEC 18004, section 7.4).

/// The characters of the alphanumeric mode.
const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

struct Bits<'a> {
    words: &'a [u8],
    next: usize,
}

impl Bits<'_> {
    /// Takes a number of that many bits, at most 16.
    fn take(&mut self, count: usize) -> Option<usize> {
        let end = self.next.checked_add(count).filter(|end| *end <= 8 * self.words.len())?;
        let number =
            (self.next..end).fold(0, |number, at| number << 1 | usize::from(self.words[at / 8] >> (7 - at % 8) & 1));
        self.next = end;
        Some(number)
    }
}

/// Returns the text, or nothing if the codewords are not well-formed or there is none. Bytes that are not UTF-8 are taken
/// as ISO/IEC 8859-1, the standard's own encoding.
pub(crate) fn text(words: &[u8], version: usize) -> Option<String> {
    let mut bits = Bits { words, next: 0 };
    let mut bytes = Vec::new();
    let size = |small, medium, large| match version {
        ..=9 => small,
        10..=26 => medium,
        _ => large,
    };
    // The end may be cut off if nothing fits behind it.
    while let Some(mode) = bits.take(4) {
        match mode {
            0 => break,
            1 => {
                let count = bits.take(size(10, 12, 14))?;
                digits(&mut bits, count, &mut bytes)?;
            }
            2 => {
                let count = bits.take(size(9, 11, 13))?;
                characters(&mut bits, count, &mut bytes)?;
            }
            4 => {
                for _ in 0..bits.take(size(8, 16, 16))? {
                    bytes.push(bits.take(8)? as u8);
                }
            }
            // Pairs of bytes that look like Shift JIS. Encoders also use it for any other bytes that do.
            8 => {
                for _ in 0..bits.take(size(8, 10, 12))? {
                    let pair = bits.take(13)?;
                    let word = 256 * (pair / 0xc0) + pair % 0xc0;
                    let word = word + if word < 0x1f00 { 0x8140 } else { 0xc140 };
                    bytes.extend([(word >> 8) as u8, word as u8]);
                }
            }
            // The encoding of the bytes: UTF-8 is tried in any case.
            7 => match bits.take(8)? {
                0x80..=0xbf => drop(bits.take(8)?),
                0xc0.. => drop(bits.take(16)?),
                _ => {}
            },
            // FNC1, and the place in a series of symbols.
            5 => {}
            9 => drop(bits.take(8)?),
            3 => drop(bits.take(16)?),
            _ => return None,
        }
    }
    let text =
        String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect());
    (!text.is_empty()).then_some(text)
}

fn digits(bits: &mut Bits<'_>, count: usize, bytes: &mut Vec<u8>) -> Option<()> {
    let mut left = count;
    while left > 0 {
        let (length, width) = match left {
            1 => (1, 4),
            2 => (2, 7),
            _ => (3, 10),
        };
        let number = bits.take(width)?;
        for place in [100, 10, 1].into_iter().skip(3 - length) {
            bytes.push(b'0' + (number / place % 10) as u8);
        }
        left -= length;
    }
    Some(())
}

fn characters(bits: &mut Bits<'_>, count: usize, bytes: &mut Vec<u8>) -> Option<()> {
    for _ in 0..count / 2 {
        let pair = bits.take(11)?;
        bytes.push(*ALPHANUMERIC.get(pair / 45)?);
        bytes.push(ALPHANUMERIC[pair % 45]);
    }
    if count % 2 == 1 {
        bytes.push(*ALPHANUMERIC.get(bits.take(6)?)?);
    }
    Some(())
}
