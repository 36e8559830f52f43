//! Line charts with two logarithmic axes.

use super::svg::{Anchor, Sheet, WIDTH, short};

const HEIGHT: f64 = 380.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 150.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = HEIGHT - 52.0;

#[derive(Debug)]
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// A range of powers of ten.
#[derive(Clone, Copy)]
struct Axis {
    low: i32,
    high: i32,
}

impl Axis {
    fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor() as i32;
        let high = values.fold(0.0, f64::max).log10().ceil() as i32;
        Self { low, high: high.max(low + 1) }
    }

    /// Maps a value to its position: zero at the lower end, one at the upper.
    fn place(self, value: f64) -> f64 {
        (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low)
    }

    fn ticks(self) -> impl Iterator<Item = f64> {
        (self.low..=self.high).map(|power| 10_f64.powi(power))
    }
}

/// Draws a chart, or returns `None` if nothing was measured.
pub fn chart(title: &str, x_label: &str, y_label: &str, series: &[Series]) -> Option<String> {
    let all = || series.iter().flat_map(|series| &series.points).filter(|(x, y)| *x > 0.0 && *y > 0.0);
    all().next()?;
    let (across, up) = (Axis::around(all().map(|(x, _)| *x)), Axis::around(all().map(|(_, y)| *y)));
    let x_of = |x: f64| LEFT + (RIGHT - LEFT) * across.place(x);
    let y_of = |y: f64| BOTTOM - (BOTTOM - TOP) * up.place(y);

    let mut sheet = Sheet::new(title, HEIGHT);
    sheet.text(16.0, 48.0, Anchor::Start, "quiet", y_label);
    sheet.text((LEFT + RIGHT) / 2.0, HEIGHT - 14.0, Anchor::Middle, "quiet", x_label);
    for tick in up.ticks() {
        sheet.grid((LEFT, y_of(tick)), (RIGHT, y_of(tick)));
        sheet.text(LEFT - 8.0, y_of(tick) + 4.0, Anchor::End, "quiet", &short(tick));
    }
    for tick in across.ticks() {
        sheet.grid((x_of(tick), TOP), (x_of(tick), BOTTOM));
        sheet.text(x_of(tick), BOTTOM + 20.0, Anchor::Middle, "quiet", &short(tick));
    }
    let mut ends = Vec::new();
    for (colour, series) in series.iter().enumerate() {
        let points: Vec<(f64, f64)> = series.points.iter().map(|(x, y)| (x_of(*x), y_of(*y))).collect();
        sheet.curve(colour, &points);
        if let Some((x, y)) = points.last() {
            ends.push((*x, *y, series.name.as_str()));
        }
    }
    for (x, y, name) in apart(ends) {
        sheet.text(x + 10.0, y + 4.0, Anchor::Start, "", name);
    }
    Some(sheet.finish())
}

/// Moves overlapping names down.
fn apart(mut ends: Vec<(f64, f64, &str)>) -> Vec<(f64, f64, &str)> {
    const LINE: f64 = 16.0;
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut lowest = f64::NEG_INFINITY;
    for (_, y, _) in &mut ends {
        *y = y.max(lowest + LINE);
        lowest = *y;
    }
    ends
}
