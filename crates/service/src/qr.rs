//! The QR code as SVG, made on the server so that it stands in the first HTML.

use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, QrResult, bits, ec};
use std::fmt::Write;

/// The text does not fit into a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct QrError(#[from] qrcode::types::QrError);

/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET_ZONE: usize = 4;

/// `text` as an SVG document of black on white, at any pixel density. Each run of dark modules in a row is one stroke.
///
/// # Errors
/// When the text is longer than a QR code can hold.
pub fn svg(text: &str) -> Result<String, QrError> {
    let (width, colors) = modules(text, MASK)?;
    let size = width + 2 * QUIET_ZONE;
    let mut svg = String::with_capacity(4096);
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="M{QUIET_ZONE} {QUIET_ZONE}.5"##
    );
    // Not `write!`: for a thousand small numbers that takes longer than all the rest.
    let mut digits = itoa::Buffer::new();
    let mut push = |command: &str, number: isize| {
        svg.push_str(command);
        svg.push_str(digits.format(number));
    };
    let (mut pen_x, mut pen_y) = (0, 0);
    for (y, row) in (0..).zip(colors.chunks(width)) {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let length = run.len().cast_signed();
            if run[0] == Color::Dark {
                push("m", x - pen_x);
                push(" ", y - pen_y);
                push("h", length);
                (pen_x, pen_y) = (x + length, y);
            }
            x += length;
        }
    }
    svg.push_str(r#""/></svg>"#);
    Ok(svg)
}

/// Always the same mask. To try all eight and take the one that looks most even, as the standard would have it, costs
/// sixty times as much as all the rest of the page, and every reader reads every mask.
const MASK: MaskPattern = MaskPattern::DiagonalLines;

/// The code's modules, row by row, and how many a row has.
fn modules(text: &str, mask: MaskPattern) -> QrResult<(usize, Vec<Color>)> {
    let bits = bits::encode_auto(text.as_bytes(), EcLevel::M)?;
    let version = bits.version();
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M)?;
    let mut canvas = Canvas::new(version, EcLevel::M);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(mask);
    Ok((usize::try_from(version.width()).unwrap_or_default(), canvas.into_colors()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use qrcode::QrCode;

    const MASKS: [MaskPattern; 8] = [
        MaskPattern::Checkerboard,
        MaskPattern::HorizontalLines,
        MaskPattern::VerticalLines,
        MaskPattern::DiagonalLines,
        MaskPattern::LargeCheckerboard,
        MaskPattern::Fields,
        MaskPattern::Diamonds,
        MaskPattern::Meadow,
    ];

    fn texts() -> Vec<String> {
        let id = "0123abcd-4567-489a-bcde-f0123456789a";
        ["http://10.0.0.7:3000", "https://login.example", "https://a-rather-long-name.of-a-site.example.com:8443"]
            .map(|site| format!("{site}/confirm?id={id}"))
            .to_vec()
    }

    /// What the picture shows: its size, and where it is dark.
    fn painted(svg: &str) -> (usize, Vec<(usize, usize)>) {
        let between = |start: &str, end: &str| svg.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned();
        let size = between("viewBox=\"0 0 ", " ").parse().unwrap();
        let path = between("stroke=\"#000\" d=\"M", "\"");
        // The pen starts in the middle of a row's height.
        let (mut x, mut y) = (QUIET_ZONE, QUIET_ZONE);
        let (_, runs) = path.split_once(&format!("{QUIET_ZONE} {QUIET_ZONE}.5")).unwrap();
        let mut dark = Vec::new();
        for run in runs.split('m').skip(1) {
            let (start, length) = run.split_once('h').unwrap();
            let (dx, dy) = start.split_once(' ').unwrap();
            x = x.checked_add_signed(dx.parse().unwrap()).unwrap();
            y = y.checked_add_signed(dy.parse().unwrap()).unwrap();
            for _ in 0..length.parse::<usize>().unwrap() {
                dark.push((x, y));
                x += 1;
            }
        }
        (size, dark)
    }

    #[test]
    fn the_picture_shows_every_module_with_four_of_white_around() {
        for text in texts() {
            let (width, colors) = modules(&text, MASK).unwrap();
            let (size, dark) = painted(&svg(&text).unwrap());
            assert_eq!(size, width + 8);
            let expected: Vec<_> = (0..width * width)
                .filter(|at| colors[*at] == Color::Dark)
                .map(|at| (at % width + 4, at / width + 4))
                .collect();
            assert_eq!(dark, expected, "{text}");
        }
    }

    #[test]
    fn the_modules_are_those_of_the_library_but_for_the_mask() {
        for text in texts() {
            let whole = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap().into_colors();
            assert!(MASKS.iter().any(|mask| modules(&text, *mask).unwrap().1 == whole), "{text}");
        }
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_an_error() {
        assert_eq!(svg(&"x".repeat(3000)).unwrap_err(), QrError(qrcode::types::QrError::DataTooLong));
    }
}
