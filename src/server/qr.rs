//! The QR code as SVG, made on the server so that it stands in the first HTML.

use crate::error::ErrorCode;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET_ZONE: usize = 4;

/// `text` as an SVG document of black on white, at any pixel density. Each run of dark modules in a row is one stroke.
///
/// # Errors
/// `unavailable` when the text is longer than a QR code can hold.
pub fn svg(text: &str) -> Result<String, ErrorCode> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| {
        tracing::error!(%error, "the public URL does not fit into a QR code");
        ErrorCode::Unavailable
    })?;
    let width = code.width();
    let size = width + 2 * QUIET_ZONE;
    let mut svg = String::with_capacity(4096);
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="M{QUIET_ZONE} {QUIET_ZONE}.5"##
    );
    let colors = code.to_colors();
    let (mut pen_x, mut pen_y) = (0, 0);
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                // Writing to a string never fails.
                let _ = write!(svg, "m{} {}h{}", signed(x, pen_x), signed(y, pen_y), run.len());
                (pen_x, pen_y) = (x + run.len(), y);
            }
            x += run.len();
        }
    }
    svg.push_str(r#""/></svg>"#);
    Ok(svg)
}

/// `to - from`, for a pen that also moves back.
fn signed(to: usize, from: usize) -> String {
    if to < from { format!("-{}", from - to) } else { (to - from).to_string() }
}
