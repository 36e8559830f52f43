//! The site's accent colour, adjusted for contrast: WCAG 2.2, success criterion 1.4.3, requires 4.5 : 1.

/// Red, green and blue.
pub type Color = [u8; 3];

const DEFAULT: Color = [0x2b, 0x5f, 0xd9];
const WHITE: Color = [255; 3];
const BLACK: Color = [0; 3];
/// The surfaces behind the accent, as in `style/main.css`.
const LIGHT_SURFACE: Color = WHITE;
const DARK_SURFACE: Color = [0x1b, 0x1d, 0x22];
const READABLE: f64 = 4.5;

/// Returns the CSS declarations that set the accent in both themes, for a `style` element.
pub fn css(accent: Option<Color>) -> String {
    let accent = accent.unwrap_or(DEFAULT);
    let light = adjusted(accent, LIGHT_SURFACE, BLACK);
    let dark = adjusted(accent, DARK_SURFACE, WHITE);
    format!(":root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}", declarations(light), declarations(dark))
}

fn declarations(accent: Color) -> String {
    let text = if contrast(accent, WHITE) >= READABLE { WHITE } else { BLACK };
    format!("--accent:{};--on-accent:{}", hex(accent), hex(text))
}

/// Mixes `color` with `towards` until it has enough contrast on `surface`.
fn adjusted(color: Color, surface: Color, towards: Color) -> Color {
    (0..=100_u32)
        .map(|step| mix(color, towards, step))
        .find(|mixed| contrast(*mixed, surface) >= READABLE)
        .unwrap_or(towards)
}

/// Interpolates from `a` to `b` by `percent`.
fn mix(a: Color, b: Color, percent: u32) -> Color {
    std::array::from_fn(|channel| {
        let mixed = (u32::from(a[channel]) * (100 - percent) + u32::from(b[channel]) * percent) / 100;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    })
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(color: Color) -> f64 {
    let linear = color.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_colour_becomes_readable_in_both_themes() {
        for accent in [[255, 255, 0], [0, 0, 0], [255; 3], [128; 3], [255, 0, 0], DEFAULT] {
            for (surface, towards) in [(LIGHT_SURFACE, BLACK), (DARK_SURFACE, WHITE)] {
                let adjusted = adjusted(accent, surface, towards);
                assert!(contrast(adjusted, surface) >= READABLE, "{accent:?}");
                let text = if contrast(adjusted, WHITE) >= READABLE { WHITE } else { BLACK };
                assert!(contrast(adjusted, text) >= READABLE, "{accent:?}");
            }
        }
    }
}
