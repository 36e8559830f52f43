//! Bar charts with a name and a value per bar.

use super::svg::{Anchor, Sheet, WIDTH, short};

const LEFT: f64 = 270.0;
const RIGHT: f64 = WIDTH - 80.0;
const TOP: f64 = 64.0;
const STEP: f64 = 30.0;
const THICKNESS: f64 = 18.0;

#[derive(Debug)]
pub struct Bar {
    pub name: String,
    pub value: f64,
    /// Bars of one kind share a colour.
    pub kind: usize,
}

/// Whether a bar of twice the length means twice the value, or ten times.
#[derive(Clone, Copy, Debug)]
pub enum Scale {
    Linear,
    /// Each grid line is ten times the previous one; the first is the given value.
    Logarithmic(f64),
}

impl Scale {
    fn place(self, value: f64, most: f64) -> f64 {
        match self {
            Self::Linear => value / most,
            Self::Logarithmic(least) => (value / least).log10().max(0.0) / (most / least).log10(),
        }
    }

    fn ticks(self, most: f64) -> Vec<f64> {
        match self {
            Self::Linear => Vec::new(),
            Self::Logarithmic(least) => {
                (0..).map(|power| least * 10_f64.powi(power)).take_while(|tick| *tick <= most).collect()
            }
        }
    }
}

/// Draws a chart, or returns `None` if nothing was measured.
pub fn chart(title: &str, unit: &str, scale: Scale, bars: &[Bar]) -> Option<String> {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let bottom = TOP + STEP * bars.len() as f64;
    let mut sheet = Sheet::new(title, bottom + 36.0);
    sheet.text(16.0, 48.0, Anchor::Start, "quiet", unit);
    let width_of = |value: f64| (RIGHT - LEFT) * scale.place(value, most);
    for tick in scale.ticks(most) {
        sheet.grid((LEFT + width_of(tick), TOP - 6.0), (LEFT + width_of(tick), bottom));
        sheet.text(LEFT + width_of(tick), bottom + 20.0, Anchor::Middle, "quiet", &short(tick));
    }
    for (at, bar) in bars.iter().enumerate() {
        let y = TOP + STEP * at as f64;
        let width = width_of(bar.value).max(1.0);
        sheet.text(LEFT - 10.0, y + 14.0, Anchor::End, "", &bar.name);
        sheet.bar(bar.kind, LEFT, y, width, THICKNESS);
        sheet.text(LEFT + width + 8.0, y + 14.0, Anchor::Start, "", &short(bar.value));
    }
    Some(sheet.finish())
}
