//! Corrects the errors of a block of codewords: Reed-Solomon over GF(2⁸) (ISO/IEC 18004, annex B).
//!
//! `rqrr` could do this, but its table of products has 64 KiB, which is more than everything else that a browser loads.

/// Powers of the generator 2, modulo x⁸ + x⁴ + x³ + x² + 1, and their logarithms.
struct Field {
    power: [u8; 255],
    log: [u8; 256],
}

const fn field() -> Field {
    let mut field = Field { power: [0; 255], log: [0; 256] };
    let (mut value, mut at) = (1_u16, 0_usize);
    while at < 255 {
        field.power[at] = value as u8;
        field.log[value as usize] = at as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11d;
        }
        at += 1;
    }
    field
}

static FIELD: Field = field();

fn power(exponent: usize) -> u8 {
    FIELD.power[exponent % 255]
}

fn product(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    power(usize::from(FIELD.log[usize::from(a)]) + usize::from(FIELD.log[usize::from(b)]))
}

/// Returns 1 / `a`. Of 0 there is none; the result is then meaningless.
fn inverse(a: u8) -> u8 {
    power(255 - usize::from(FIELD.log[usize::from(a)]))
}

/// Evaluates a polynomial whose first coefficient is the constant one.
fn value(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, coefficient| product(sum, x) ^ coefficient)
}

/// Returns the values that are all zero if the block has no error.
fn syndromes(block: &[u8], count: usize) -> Vec<u8> {
    (0..count).map(|at| block.iter().fold(0, |sum, word| product(sum, power(at)) ^ word)).collect()
}

/// Returns the polynomial whose roots are the inverse locations of the errors (Berlekamp-Massey).
fn locator(syndromes: &[u8]) -> Vec<u8> {
    let count = syndromes.len();
    let (mut current, mut previous) = (vec![0; count + 1], vec![0; count + 1]);
    (current[0], previous[0]) = (1, 1);
    let (mut errors, mut shift, mut last) = (0, 1, 1);
    for at in 0..count {
        let difference = (0..=errors.min(at)).fold(0, |sum, i| sum ^ product(current[i], syndromes[at - i]));
        if difference == 0 {
            shift += 1;
            continue;
        }
        let before = current.clone();
        let factor = product(difference, inverse(last));
        for i in shift..=count {
            current[i] ^= product(factor, previous[i - shift]);
        }
        if 2 * errors <= at {
            errors = at + 1 - errors;
            previous = before;
            last = difference;
            shift = 1;
        } else {
            shift += 1;
        }
    }
    current
}

/// Corrects up to half as many wrong codewords as `block` has codewords for correction, which are its last `checks`.
/// Returns whether it is free of errors now.
pub(crate) fn correct(block: &mut [u8], checks: usize) -> bool {
    let syndromes_found = syndromes(block, checks);
    if syndromes_found.iter().all(|value| *value == 0) {
        return true;
    }
    let locator = locator(&syndromes_found);
    let mut evaluator = vec![0; checks];
    for (i, a) in locator.iter().enumerate() {
        for (j, b) in syndromes_found.iter().enumerate().take(checks.saturating_sub(i)) {
            evaluator[i + j] ^= product(*a, *b);
        }
    }
    // The formal derivative: in characteristic 2 only odd powers are left, each with an exponent less.
    let derivative: Vec<u8> = (1..locator.len()).map(|at| if at % 2 == 1 { locator[at] } else { 0 }).collect();
    for from_end in 0..block.len().min(255) {
        let inverse_location = power(255 - from_end);
        if value(&locator, inverse_location) != 0 {
            continue;
        }
        let slope = value(&derivative, inverse_location);
        if slope == 0 {
            return false;
        }
        let error = product(power(from_end), product(value(&evaluator, inverse_location), inverse(slope)));
        let at = block.len() - 1 - from_end;
        block[at] ^= error;
    }
    syndromes(block, checks).iter().all(|value| *value == 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_number_but_zero_has_an_inverse() {
        for number in 1..=255 {
            assert_eq!(product(number, inverse(number)), 1);
        }
        assert_eq!(product(0, 7), 0);
    }

    #[test]
    fn more_errors_than_can_be_corrected_are_noticed() {
        let mut block = [0; 26];
        for (at, word) in block.iter_mut().enumerate().take(9) {
            *word = 17 * (at as u8 + 1);
        }
        assert!(!correct(&mut block, 10));
    }
}
