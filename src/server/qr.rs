//! The QR code as SVG, made on the server so that it stands in the first HTML.

use crate::error::ErrorCode;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, QrResult, bits, ec};
use std::fmt::Write;

/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET_ZONE: usize = 4;

/// `text` as an SVG document of black on white, at any pixel density. Each run of dark modules in a row is one stroke.
///
/// # Errors
/// `unavailable` when the text is longer than a QR code can hold.
pub fn svg(text: &str) -> Result<String, ErrorCode> {
    let (width, colors) = modules(text).map_err(|error| {
        tracing::error!(%error, "the public URL does not fit into a QR code");
        ErrorCode::Unavailable
    })?;
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

/// The code's modules, row by row, and how many a row has.
///
/// Always with the same mask. To try all eight and take the one that looks most even, as the standard would have it, costs
/// sixty times as much as all the rest of the page, and every reader reads every mask.
fn modules(text: &str) -> QrResult<(usize, Vec<Color>)> {
    let bits = bits::encode_auto(text.as_bytes(), EcLevel::M)?;
    let version = bits.version();
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M)?;
    let mut canvas = Canvas::new(version, EcLevel::M);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MaskPattern::DiagonalLines);
    Ok((usize::try_from(version.width()).unwrap_or_default(), canvas.into_colors()))
}
