//! Selects which figures are drawn.

use super::bars::{self, Bar, Scale};
use super::lines::{self, Series};
use super::outcome::Outcome;

/// Returns file names and their content.
pub fn all(outcomes: &[Outcome]) -> Vec<(&'static str, String)> {
    [
        ("reaction.svg", reaction(outcomes)),
        ("logins.svg", logins(outcomes)),
        (
            "memory.svg",
            waiting(outcomes, "Memory for each waiting PC, 10,000 at a time", "KiB (RSS)", "each (RSS)", Scale::Linear),
        ),
        (
            "cpu.svg",
            waiting(
                outcomes,
                "Processor time that 10,000 waiting PCs take",
                "% of one core",
                "server's core",
                Scale::Logarithmic(0.01),
            ),
        ),
        ("floods.svg", floods(outcomes)),
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
            ("cluster-reaction", Some("WebSocket"), Some("2")) => "WebSocket, 2 nodes".to_owned(),
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
        ("oidc-provider's device flow", at_64("device-logins", None), "logins", 1),
    ];
    let bars = bars
        .into_iter()
        .filter_map(|(name, row, figure, kind)| Some(Bar { name: name.to_owned(), value: row?.value(figure)?, kind }));
    let title = "Whole logins a second, the server on one core, 64 people at a time";
    bars::chart(title, "logins/s", Scale::Linear, &bars.collect::<Vec<_>>())
}

fn floods(outcomes: &[Outcome]) -> Option<String> {
    let rows = outcomes.iter().filter(|row| row.table == "floods");
    let bars = rows.filter_map(|row| {
        let kind = usize::from(row.label("attackers") != Some("0"));
        Some(Bar { name: row.label("flood")?.to_owned(), value: row.value("p99")?, kind })
    });
    let title = "A whole login over new connections while a flood stands";
    bars::chart(title, "ms, p99", Scale::Logarithmic(1.0), &bars.collect::<Vec<_>>())
}

/// Builds one bar per transport, for the largest number of PCs, up to ten thousand, that the server could handle.
fn waiting(outcomes: &[Outcome], title: &str, unit: &str, figure: &str, scale: Scale) -> Option<String> {
    const MOST: u32 = 10_000;
    let mut bars: Vec<Bar> = Vec::new();
    for row in outcomes {
        let (who, kind) = match row.table.as_str() {
            "waiting" => ("qr-login", 0),
            "baseline-waiting" => ("the tutorial's way", 1),
            _ => continue,
        };
        let count =
            row.label("waiting PCs").and_then(|count| count.parse().ok()).filter(|count| (1..=MOST).contains(count));
        let Some(((transport, count), value)) = row.label("transport").zip(count).zip(row.value(figure)) else {
            continue;
        };
        let way = format!("{who}, {transport}");
        // Rows come in increasing numbers.
        bars.retain(|bar| !bar.name.starts_with(&way));
        let name = if count == MOST { way } else { format!("{way}, {count} PCs") };
        bars.push(Bar { name, value, kind });
    }
    bars::chart(title, unit, scale, &bars)
}
