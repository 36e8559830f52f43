//! Which figures are drawn.

use super::bars::{self, Bar, Scale};
use super::lines::{self, Series};
use super::outcome::Outcome;

/// File names and what goes into them.
pub fn all(outcomes: &[Outcome]) -> Vec<(&'static str, String)> {
    [
        ("reaction.svg", reaction(outcomes)),
        ("logins.svg", logins(outcomes)),
        ("memory.svg", waiting(outcomes, "Memory for each of 10,000 waiting PCs", "KiB (RSS)", "each (RSS)", 1.0)),
        ("cpu.svg", waiting(outcomes, "Time that 10,000 waiting PCs take", "% of one core", "server's core", 0.01)),
    ]
    .into_iter()
    .filter_map(|(name, chart)| Some((name, chart?)))
    .collect()
}

fn reaction(outcomes: &[Outcome]) -> Option<String> {
    let mut series: Vec<Series> = Vec::new();
    for row in outcomes {
        let name = match (row.table.as_str(), row.label("transport"), row.label("nodes")) {
            ("reaction", Some(transport), _) => transport.to_owned(),
            ("cluster-reaction", Some("WebSocket"), Some("2")) => "2 nodes, Redis".to_owned(),
            _ => continue,
        };
        let waiting = row.label("waiting PCs").and_then(|count| count.parse().ok());
        let Some(point) = waiting.zip(row.value("signed in p99")) else { continue };
        match series.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    lines::chart("From the tap on the phone until the PC is signed in", "PCs that wait", "ms, p99", &series)
}

fn logins(outcomes: &[Outcome]) -> Option<String> {
    let at_64 = |table: &str, nodes: Option<&str>| {
        outcomes
            .iter()
            .find(|row| row.table == table && row.label("at a time") == Some("64") && row.label("nodes") == nodes)
    };
    let bars = [
        ("bare axum, same sizes", at_64("logins", None), "bare axum", 2),
        ("qr-login", at_64("logins", None), "logins", 0),
        ("qr-login, Redis + PostgreSQL", at_64("cluster-logins", Some("1")), "logins", 0),
        ("… two nodes", at_64("cluster-logins", Some("2")), "logins", 0),
        ("the tutorial's way", at_64("baseline-logins", None), "logins", 1),
    ];
    let bars = bars
        .into_iter()
        .filter_map(|(name, row, figure, kind)| Some(Bar { name: name.to_owned(), value: row?.value(figure)?, kind }));
    let title = "Whole logins a second, the server on one core, 64 people at a time";
    bars::chart(title, "logins/s", Scale::Linear, &bars.collect::<Vec<_>>())
}

fn waiting(outcomes: &[Outcome], title: &str, unit: &str, figure: &str, least: f64) -> Option<String> {
    let mut bars = Vec::new();
    for row in outcomes.iter().filter(|row| row.label("waiting PCs") == Some("10000")) {
        let Some((transport, value)) = row.label("transport").zip(row.value(figure)) else { continue };
        match row.table.as_str() {
            "waiting" => bars.push(Bar { name: format!("qr-login, {transport}"), value, kind: 0 }),
            "baseline-waiting" => bars.push(Bar { name: format!("the tutorial's way, {transport}"), value, kind: 1 }),
            _ => {}
        }
    }
    bars::chart(title, unit, Scale::Logarithmic(least), &bars)
}
