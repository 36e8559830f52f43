//! The site's accent colour, adjusted for contrast: WCAG 2.2, success criterion 1.4.3, requires 4.5 : 1. Its hue also tints
//! the greys of the pages, whose lightness is fixed in the style sheet.

/// Red, green and blue.
pub type Color = [u8; 3];

const DEFAULT: Color = [0x2b, 0x5f, 0xd9];
const WHITE: Color = [255; 3];
const BLACK: Color = [0; 3];
/// The surfaces with the least contrast to the accent: `--tint` in `style/main.css`, as grey.
const LIGHT_SURFACE: Color = [0xec, 0xec, 0xec];
const DARK_SURFACE: Color = [0x2a, 0x2a, 0x2a];
/// The chroma (OKLCH) from which the greys get their full tint.
const VIVID: f64 = 0.1;
const READABLE: f64 = 4.5;

/// Returns the CSS declarations that set the accent in both themes, for a `style` element.
pub fn css(accent: Option<Color>) -> String {
    let accent = accent.unwrap_or(DEFAULT);
    let light = adjusted(accent, LIGHT_SURFACE, BLACK);
    let dark = adjusted(accent, DARK_SURFACE, WHITE);
    let (chroma, hue) = chroma_and_hue(accent);
    format!(
        ":root{{{};--hue:{hue:.0};--chroma:{:.2}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}",
        declarations(light),
        (chroma / VIVID).min(1.0),
        declarations(dark)
    )
}

/// Returns chroma and hue (degrees) in OKLCH, with the matrices of CSS Color 4, section 18.
fn chroma_and_hue(color: Color) -> (f64, f64) {
    let [red, green, blue] = linear(color);
    let long = 0.412_221_47_f64.mul_add(red, 0.536_332_54_f64.mul_add(green, 0.051_445_99 * blue)).cbrt();
    let medium = 0.211_903_5_f64.mul_add(red, 0.680_699_55_f64.mul_add(green, 0.107_396_96 * blue)).cbrt();
    let short = 0.088_302_46_f64.mul_add(red, 0.281_718_84_f64.mul_add(green, 0.629_978_7 * blue)).cbrt();
    let a = 1.977_998_5_f64.mul_add(long, (-2.428_592_2_f64).mul_add(medium, 0.450_593_7 * short));
    let b = 0.025_904_04_f64.mul_add(long, 0.782_771_77_f64.mul_add(medium, -0.808_675_77 * short));
    (a.hypot(b), b.atan2(a).to_degrees().rem_euclid(360.0))
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
    let [red, green, blue] = linear(color);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Returns the linear intensities of the channels, from 0 to 1.
fn linear(color: Color) -> [f64; 3] {
    color.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
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

    #[test]
    fn hue_and_chroma_agree_with_css() {
        for (color, chroma, hue) in
            [([0xff, 0, 0], 0.2577, 29.23), ([0, 0x80, 0], 0.1768, 142.5), ([0, 0, 0xff], 0.3132, 264.05)]
        {
            let found = chroma_and_hue(color);
            assert!((found.0 - chroma).abs() < 0.002 && (found.1 - hue).abs() < 0.5, "{color:?}: {found:?}");
        }
        assert!(chroma_and_hue([0x80; 3]).0 < 0.001, "a grey has none, whatever its hue");
    }

    /// Reads `--name: light-dark(oklch(L calc(C * var(--chroma)) …), oklch(…))` in the style sheet.
    fn token(name: &str) -> [(f64, f64); 2] {
        let sheet = include_str!("../../style/main.css");
        let line = sheet.lines().find_map(|line| line.trim().strip_prefix(&format!("--{name}: light-dark(")));
        let mut colors = line.unwrap_or_default().split("oklch(").skip(1).map(|color| {
            let mut numbers =
                color.split(|letter: char| !(letter.is_ascii_digit() || letter == '.')).filter(|text| !text.is_empty());
            let mut number = || numbers.next().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
            (number(), number())
        });
        [colors.next().unwrap_or_default(), colors.next().unwrap_or_default()]
    }

    /// Converts OKLCH to the luminance of the colour that a screen shows.
    fn luminance_of((lightness, chroma): (f64, f64), hue: f64) -> f64 {
        let (b, a) = hue.to_radians().sin_cos();
        let (a, b) = (a * chroma, b * chroma);
        let cubed = |a_part: f64, b_part: f64| (lightness + a_part * a + b_part * b).powi(3);
        let (long, medium, short) =
            (cubed(0.396_337_8, 0.215_803_8), cubed(-0.105_561_3, -0.063_854_2), cubed(-0.089_484_2, -1.291_485_5));
        let red = 4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_9 * short;
        let green = -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_4 * short;
        let blue = -0.004_196_1 * long - 0.703_418_6 * medium + 1.707_614_7 * short;
        0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
    }

    #[test]
    fn text_is_readable_on_every_surface_whatever_the_hue() {
        let ratio = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for (text, wanted) in [("text", 7.0), ("soft", READABLE), ("edge", 2.9)] {
            for surface in ["page", "surface", "tint"] {
                for theme in 0..2 {
                    for hue in (0..360).step_by(10).map(f64::from) {
                        for strength in [0.0, 0.5, 1.0] {
                            let of = |name| {
                                let (lightness, chroma) = token(name)[theme];
                                luminance_of((lightness, chroma * strength), hue)
                            };
                            let found = ratio(of(text), of(surface));
                            assert!(found >= wanted, "{text} on {surface}, theme {theme}, hue {hue}: {found}");
                        }
                    }
                }
            }
        }
    }
}
