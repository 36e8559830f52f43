//! An SVG canvas, readable on light and dark backgrounds.

use std::fmt::Write;

pub const WIDTH: f64 = 720.0;

/// Colours that people with colour blindness can tell apart (Okabe and Ito).
const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .quiet { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.5 }
  .c0 { --c: #0072b2 } .c1 { --c: #d55e00 } .c2 { --c: #009e73 } .c3 { --c: #a8588b }
  .line { stroke: var(--c) } .fill { fill: var(--c) }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
    .c0 { --c: #56b4e9 } .c1 { --c: #f0883e } .c2 { --c: #2bc49a } .c3 { --c: #dd8fc0 }
  }
";

#[derive(Debug)]
pub struct Sheet(String);

/// Which end of a text is at its position.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Sheet {
    pub fn new(title: &str, height: f64) -> Self {
        let title = escape(title);
        let mut sheet = Self(format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"><style>{STYLE}</style>"#
        ));
        sheet.text(16.0, 26.0, Anchor::Start, "title", &title);
        sheet
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.push(format_args!(r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" class="{class}">{text}</text>"#));
    }

    pub fn grid(&mut self, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.push(format_args!(r#"<line class="grid" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    /// Draws a line with a dot at each point.
    pub fn curve(&mut self, colour: usize, points: &[(f64, f64)]) {
        let colour = colour % 4;
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.push(format_args!(r#"<polyline class="line c{colour}" points="{}"/>"#, path.join(" ")));
        for (x, y) in points {
            self.push(format_args!(r#"<circle class="fill c{colour}" cx="{x:.1}" cy="{y:.1}" r="4"/>"#));
        }
    }

    pub fn bar(&mut self, colour: usize, x: f64, y: f64, width: f64, height: f64) {
        let colour = colour % 4;
        self.push(format_args!(
            r#"<rect class="fill c{colour}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2"/>"#
        ));
    }

    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }

    fn push(&mut self, what: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{what}");
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Formats a value briefly, for an axis or beside a bar.
pub fn short(value: f64) -> String {
    match value {
        large if large >= 10_000.0 => format!("{:.0}k", large / 1000.0),
        large if large >= 1_000.0 => format!("{:.1}k", large / 1000.0).replace(".0k", "k"),
        medium if medium >= 10.0 => format!("{medium:.0}"),
        small if small >= 1.0 => format!("{small:.1}").replace(".0", ""),
        tiny => format!("{tiny:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}
