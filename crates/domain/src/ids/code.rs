//! The short form of a ticket's id, for the URL in a QR code: 26 characters that a code stores in five and a half bits
//! each instead of eight, so that its modules are larger.

use super::{MalformedId, TicketId};

/// Base32 (RFC 4648, section 6), which has no characters that are easily confused.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Length in characters: 128 bits, five in each, the last two bits unused.
const LENGTH: usize = 26;

impl TicketId {
    /// Returns the short form.
    pub fn to_code(self) -> String {
        let digit = |at: usize| (self.0 << 2 >> (5 * (LENGTH - 1 - at))) as usize & 31;
        // The first digit has the upper five bits, of which the shift would lose two.
        let first = (self.0 >> 123) as usize;
        let digits = [first].into_iter().chain((1..LENGTH).map(digit));
        digits.map(|digit| char::from(ALPHABET[digit])).collect()
    }

    /// Parses the short form, in upper or lower case.
    ///
    /// # Errors
    /// [`MalformedId`].
    pub fn of_code(code: &str) -> Result<Self, MalformedId> {
        if code.len() != LENGTH {
            return Err(MalformedId);
        }
        let mut value = 0_u128;
        for (at, letter) in code.bytes().enumerate() {
            let letter = letter.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|known| *known == letter).ok_or(MalformedId)? as u128;
            // Of the last digit only three bits are used; the others are zero, so that an id has one code.
            value = match at + 1 == LENGTH {
                false => value << 5 | digit,
                true if digit & 3 == 0 => value << 3 | digit >> 2,
                true => return Err(MalformedId),
            };
        }
        Ok(Self(value))
    }
}
