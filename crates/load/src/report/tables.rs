//! Markdown tables, aligned so that they are also readable in a terminal.

use super::outcome::Outcome;
use anyhow::{Context, Result};
use std::fmt::Write;

/// The tables in order, with their headings.
const TITLES: [(&str, &str); 16] = [
    ("logins", "Logins"),
    ("page", "The sign-in page"),
    ("reaction", "From the tap on the phone to the PC"),
    ("waiting", "PCs that wait"),
    ("start", "A new process"),
    ("floods", "A login during a flood"),
    ("cluster-logins", "Logins on Redis and PostgreSQL"),
    ("cluster-reaction", "From the tap to the PC on Redis and PostgreSQL"),
    ("baseline-logins", "The tutorial's way: logins"),
    ("baseline-page", "The tutorial's way: a static page"),
    ("baseline-waiting", "The tutorial's way: PCs that wait"),
    ("baseline-reaction", "The tutorial's way: from the tap to the PC"),
    ("device-logins", "OAuth's device flow on oidc-provider: logins"),
    ("apps", "What apps ask, beside oidc-provider"),
    ("forward-auth", "What a proxy asks before each request"),
    ("micro", "Single functions"),
];
const BEGIN: &str = "<!-- results -->";
const END: &str = "<!-- /results -->";

pub fn all(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (table, title) in TITLES {
        let rows: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.table == table).collect();
        if !rows.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "### {title}\n\n{}", one(&rows));
        }
    }
    text
}

/// Replaces the tables between the page's markers.
pub fn replace(page: &str, tables: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).with_context(|| format!("there is no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("there is no {END}"))?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", tables.trim_end()))
}

fn one(rows: &[&Outcome]) -> String {
    let mut labels = Vec::new();
    let mut figures: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        labels.extend(row.case.iter().map(|label| label.name.as_str()));
        figures.extend(row.figures.iter().map(|figure| (figure.name.as_str(), figure.unit.as_str())));
    }
    let (labels, figures) = (unique(labels), unique(figures));
    let is_judged = rows.iter().any(|row| !row.targets.is_empty() || row.note.is_some());

    let heading =
        |(name, unit): &(&str, &str)| if unit.is_empty() { (*name).to_owned() } else { format!("{name}, {unit}") };
    let mut head: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    head.extend(figures.iter().map(heading));
    head.extend(is_judged.then(|| "target".to_owned()));

    let mut cells = vec![head];
    for row in rows {
        let mut line: Vec<String> = labels.iter().map(|name| row.label(name).map_or_else(none, grouped)).collect();
        line.extend(figures.iter().map(|(name, _)| row.value(name).map_or_else(none, number)));
        line.extend(is_judged.then(|| judgement(row)));
        cells.push(line);
    }
    aligned(&cells, labels.len(), figures.len())
}

fn unique<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut unique = Vec::new();
    for value in values {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}

fn judgement(row: &Outcome) -> String {
    let mut words: Vec<String> = Vec::new();
    for target in &row.targets {
        let verdict = if target.met { "met" } else { "**missed**" };
        words.push(format!("{} {}: {verdict}", target.figure, target.wanted));
    }
    words.extend(row.note.clone());
    words.join("; ")
}

fn none() -> String {
    "–".to_owned()
}

/// Formats three significant digits, with thousands separators.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 999.5 => grouped(&format!("{value:.0}")),
        large if large >= 99.95 || value.fract() == 0.0 => format!("{value:.0}"),
        medium if medium >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Formats `10000` as `10,000`; anything else is unchanged.
fn grouped(text: &str) -> String {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Aligns labels and targets to the left, figures to the right.
fn aligned(cells: &[Vec<String>], labels: usize, figures: usize) -> String {
    let is_figure = |column: usize| (labels..labels + figures).contains(&column);
    let columns = cells.first().map_or(0, Vec::len);
    let widest = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for (at, row) in cells.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let _ =
                if is_figure(column) { write!(text, "| {cell:>width$} ") } else { write!(text, "| {cell:<width$} ") };
        }
        text.push_str("|\n");
        if at == 0 {
            for (column, width) in widths.iter().enumerate() {
                let line = "-".repeat(*width);
                let _ = if is_figure(column) { write!(text, "| {line}:") } else { write!(text, "| {line} ") };
            }
            text.push_str("|\n");
        }
    }
    text
}
