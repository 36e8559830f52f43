//! Renders the QR code as SVG, on the server, so that it is part of the first HTML.

pub mod terminal;

use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, QrResult, Version, bits, ec};
use std::fmt::Write;
use std::sync::OnceLock;

/// The text does not fit into a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct QrError(#[from] qrcode::types::QrError);

/// Width of the white margin in modules (ISO/IEC 18004 requires four).
const QUIET_ZONE: usize = 4;

/// Returns whether a QR code stores the text in eleven bits for two characters (ISO/IEC 18004, section 7.4.4).
pub fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" $%*+-./:".contains(&byte))
}

/// Renders `text` as a black-on-white SVG document, scalable to any pixel density. Each run of dark modules in a row is
/// one stroke.
///
/// # Errors
/// If the text is longer than a QR code can hold.
pub fn svg(text: &str) -> Result<String, QrError> {
    let (width, modules) = modules(text)?;
    let size = width + 2 * QUIET_ZONE;
    let mut svg = String::with_capacity(4096);
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="M{QUIET_ZONE} {QUIET_ZONE}.5"##
    );
    for row in modules.chunks(width) {
        let mut rest = row;
        while let Some(gap) = rest.iter().position(|is_dark| *is_dark) {
            rest = &rest[gap..];
            let length = rest.iter().position(|is_dark| !*is_dark).unwrap_or(rest.len());
            rest = &rest[length..];
            if gap > 0 {
                push(&mut svg, "m", gap);
                svg.push_str(" 0");
            }
            push(&mut svg, "h", length);
        }
        push(&mut svg, "m-", width - rest.len());
        svg.push_str(" 1");
    }
    svg.push_str(r#""/></svg>"#);
    Ok(svg)
}

/// Appends a path command with its number, which is below 1000. `write!` would take longer than everything else here.
fn push(svg: &mut String, command: &str, number: usize) {
    let digit = |place: usize| char::from_digit((number / place % 10) as u32, 10).unwrap_or('0');
    svg.push_str(command);
    for place in [100, 10] {
        if number >= place {
            svg.push(digit(place));
        }
    }
    svg.push(digit(1));
}

/// Always use the same mask. Trying all eight and choosing the best, as the standard specifies, takes sixty times as
/// long as the rest of the page, and every reader supports every mask.
const MASK: MaskPattern = MaskPattern::DiagonalLines;
const LEVEL: EcLevel = EcLevel::M;

/// Returns the width of the code in modules, and for each module, row by row, whether it is dark.
fn modules(text: &str) -> QrResult<(usize, Vec<bool>)> {
    let bits = bits::encode_auto(text.as_bytes(), LEVEL)?;
    let version = bits.version();
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, LEVEL)?;
    let width = usize::try_from(version.width()).unwrap_or(21);
    let draw = || Layout::of(version, data.len(), correction.len());
    let Layout { empty, order } = LAYOUTS[(width - 21) / 4].get_or_init(draw);
    let mut modules = empty.clone();
    for (byte, order) in data.iter().chain(&correction).zip(order) {
        for (bit, at) in (0..8).rev().zip(order) {
            modules[*at] ^= byte >> bit & 1 == 1;
        }
    }
    Ok((width, modules))
}

/// Cached by version number. A server needs only one, because its URLs all have the same length.
static LAYOUTS: [OnceLock<Layout>; 40] = [const { OnceLock::new() }; 40];

/// What all codes of one version have in common. Building each code from scratch takes three times as long.
struct Layout {
    /// The dark modules of the masked code whose bits are all 0. A bit of 1 inverts its module.
    empty: Vec<bool>,
    /// The modules of each byte's bits, most significant first.
    order: Vec<[usize; 8]>,
}

impl Layout {
    /// Finds out where the library places each bit of that many bytes, by encoding in each bit one digit of its index.
    fn of(version: Version, data: usize, correction: usize) -> Self {
        let draw = |byte: &dyn Fn(usize) -> u8| {
            let bytes: Vec<u8> = (0..data + correction).map(byte).collect();
            let mut canvas = Canvas::new(version, LEVEL);
            canvas.draw_all_functional_patterns();
            canvas.draw_data(&bytes[..data], &bytes[data..]);
            canvas.apply_mask(MASK);
            dark(canvas)
        };
        let empty = draw(&|_| 0);
        let mut numbers = vec![0; empty.len()];
        // Starts at 1, because a module that holds no bit has index 0.
        let bits = 8 * (data + correction);
        for digit in 0..=bits.ilog2() {
            let byte = |at| (1..=8).fold(0, |byte, bit| byte << 1 | u8::from((8 * at + bit) >> digit & 1 == 1));
            for (number, (drawn, empty)) in numbers.iter_mut().zip(draw(&byte).iter().zip(&empty)) {
                *number |= usize::from(drawn != empty) << digit;
            }
        }
        let mut order = vec![[0; 8]; data + correction];
        for (at, number) in numbers.into_iter().enumerate() {
            if let Some(bit) = number.checked_sub(1_usize)
                && let Some(byte) = order.get_mut(bit / 8)
            {
                byte[bit % 8] = at;
            }
        }
        Self { empty, order }
    }
}

fn dark(canvas: Canvas) -> Vec<bool> {
    canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use qrcode::QrCode;

    fn texts() -> Vec<String> {
        let id = "0123abcd-4567-489a-bcde-f0123456789a";
        ["http://10.0.0.7:3000", "https://login.example", "https://a-rather-long-name.of-a-site.example.com:8443"]
            .map(|site| format!("{site}/confirm?id={id}"))
            .into_iter()
            .chain(["HTTPS://LOGIN.EXAMPLE.COM/C/AERKXTKFM5EJVPG66AJDIVTYTI".to_owned()])
            .collect()
    }

    /// Parses the SVG: its size, and the positions of its dark modules.
    fn painted(svg: &str) -> (usize, Vec<(usize, usize)>) {
        let between = |start: &str, end: &str| svg.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned();
        let size = between("viewBox=\"0 0 ", " ").parse().unwrap();
        let path = between("stroke=\"#000\" d=\"M", "\"");
        // The pen starts in the vertical middle of a row.
        let (_, commands) = path.split_once(&format!("{QUIET_ZONE} {QUIET_ZONE}.5")).unwrap();
        let (mut x, mut y) = (QUIET_ZONE, QUIET_ZONE);
        let mut dark = Vec::new();
        for moved in commands.split('m').filter(|moved| !moved.is_empty()) {
            let (moved, line) = moved.split_once('h').map_or((moved, None), |(moved, line)| (moved, Some(line)));
            if let Some((dx, dy)) = moved.split_once(' ') {
                x = x.checked_add_signed(dx.parse().unwrap()).unwrap();
                y = y.checked_add_signed(dy.parse().unwrap()).unwrap();
            }
            for _ in 0..line.map_or(0, |line| line.parse().unwrap()) {
                dark.push((x, y));
                x += 1;
            }
        }
        (size, dark)
    }

    #[test]
    fn the_picture_shows_every_module_with_four_of_white_around() {
        for text in texts() {
            let (width, modules) = modules(&text).unwrap();
            let (size, dark) = painted(&svg(&text).unwrap());
            assert_eq!(size, width + 8);
            let expected: Vec<_> =
                (0..width * width).filter(|at| modules[*at]).map(|at| (at % width + 4, at / width + 4)).collect();
            assert_eq!(dark, expected, "{text}");
        }
    }

    #[test]
    fn the_modules_are_those_of_the_library() {
        let mut same_mask = 0;
        for text in texts().iter().flat_map(|text| (0..32).map(move |end| format!("{text}{}", "x".repeat(end)))) {
            let bits = bits::encode_auto(text.as_bytes(), LEVEL).unwrap();
            let version = bits.version();
            let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, LEVEL).unwrap();
            let mut canvas = Canvas::new(version, LEVEL);
            canvas.draw_all_functional_patterns();
            canvas.draw_data(&data, &correction);
            canvas.apply_mask(MASK);
            let ours = modules(&text).unwrap().1;
            assert!(ours == dark(canvas), "{text}");
            // The library chooses the best mask.
            let theirs = QrCode::with_error_correction_level(&text, LEVEL).unwrap().into_colors();
            same_mask += u32::from(ours.iter().zip(theirs).all(|(is_dark, color)| *is_dark == (color == Color::Dark)));
        }
        assert!(same_mask > 0);
    }

    #[test]
    fn the_short_form_of_a_url_takes_two_versions_less() {
        let id: domain::ids::TicketId = "0123abcd-4567-489a-bcde-f0123456789a".parse().unwrap();
        let (long, short) = ("https://login.example.com/confirm?id=", "HTTPS://LOGIN.EXAMPLE.COM/C/");
        assert!(is_alphanumeric(short) && !is_alphanumeric(long));
        assert_eq!(modules(&format!("{long}{id}")).unwrap().0, 37);
        assert_eq!(modules(&format!("{short}{}", id.to_code())).unwrap().0, 29);
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_an_error() {
        assert_eq!(svg(&"x".repeat(3000)).unwrap_err(), QrError(qrcode::types::QrError::DataTooLong));
    }
}
