//! Draws the QR code with characters, for a terminal: each shows two modules, one above the other.

use super::{QUIET_ZONE, QrError, modules};

/// How a terminal shows light and dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// It understands colours: black on white is set explicitly, whatever its own colours are.
    Coloured,
    /// Light text on a dark background: the text paints what is light.
    OnDark,
    /// Dark text on a light background: the text paints what is dark.
    OnLight,
}

/// Black on white, from the fixed part of the palette of 256 colours, which themes do not change.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// Draws `text` as a QR code with its margin, one line per two rows of modules.
///
/// # Errors
/// If the text is longer than a QR code can hold.
pub fn draw(text: &str, paint: Paint) -> Result<String, QrError> {
    let (width, modules) = modules(text)?;
    let size = width + 2 * QUIET_ZONE;
    let is_dark = |x: usize, y: usize| {
        let (x, y) = (x.wrapping_sub(QUIET_ZONE), y.wrapping_sub(QUIET_ZONE));
        x < width && y < width && modules[y * width + x]
    };
    let inks = paint != Paint::OnDark;
    let mut drawing = String::with_capacity(size * size * 2);
    for y in (0..size).step_by(2) {
        if paint == Paint::Coloured {
            drawing.push_str(BLACK_ON_WHITE);
        }
        for x in 0..size {
            drawing.push(match (is_dark(x, y) == inks, is_dark(x, y + 1) == inks) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        if paint == Paint::Coloured {
            drawing.push_str(RESET);
        }
        drawing.push('\n');
    }
    Ok(drawing)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// Returns what a camera sees: for each module whether it is dark.
    fn seen(drawing: &str, paint: Paint) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawing.lines() {
            let plain = line.replace(BLACK_ON_WHITE, "").replace(RESET, "");
            let half = |glyphs: [char; 2]| {
                plain.chars().map(|c| glyphs.contains(&c) == (paint != Paint::OnDark)).collect::<Vec<_>>()
            };
            rows.push(half(['█', '▀']));
            rows.push(half(['█', '▄']));
        }
        rows
    }

    #[test]
    fn a_reader_decodes_what_every_terminal_shows() {
        for id in ["0123abcd-4567-489a-bcde-f0123456789a", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
            let text = format!("https://login.example/confirm?id={id}");
            for paint in [Paint::Coloured, Paint::OnDark, Paint::OnLight] {
                let rows = seen(&draw(&text, paint).unwrap(), paint);
                let (width, height) = (rows[0].len(), rows.len());
                // A reader needs more than one pixel per module.
                let mut picture =
                    rqrr::PreparedImage::prepare_from_bitmap(4 * width, 4 * height, |x, y| rows[y / 4][x / 4]);
                let codes = picture.detect_grids();
                assert_eq!(codes.len(), 1, "{paint:?}");
                assert_eq!(codes[0].decode().unwrap().1, text, "{paint:?}");
            }
        }
    }

    #[test]
    fn four_modules_of_margin_are_light_on_every_side() {
        for paint in [Paint::Coloured, Paint::OnDark, Paint::OnLight] {
            let rows = seen(&draw("https://login.example/", paint).unwrap(), paint);
            let dark: Vec<_> = rows
                .iter()
                .enumerate()
                .flat_map(|(y, row)| row.iter().enumerate().filter(|(_, dark)| **dark).map(move |(x, _)| (x, y)))
                .collect();
            let last = rows[0].len() - 5;
            assert_eq!(dark.iter().map(|(x, _)| *x).min(), Some(4));
            assert_eq!(dark.iter().map(|(x, _)| *x).max(), Some(last));
            assert_eq!(dark.iter().map(|(_, y)| *y).min(), Some(4));
            assert_eq!(dark.iter().map(|(_, y)| *y).max(), Some(last));
        }
    }
}
