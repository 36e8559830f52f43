//! criterion's results for single functions; `cargo bench --bench micro` must have run before.

use crate::options::target;
use crate::report::Outcome;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

pub fn measure() -> Result<Vec<Outcome>> {
    let folder = target().join("criterion");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("run `cargo bench --bench micro` first: {folder:?}"))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != "report")
        .collect();
    names.sort();
    ensure!(!names.is_empty(), "{folder:?} has no results");
    names.into_iter().map(|name| read(&folder, name)).collect()
}

fn read(folder: &Path, name: String) -> Result<Outcome> {
    let path = folder.join(&name).join("new/estimates.json");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path:?}"))?;
    let median = serde_json::from_str::<Estimates>(&text).with_context(|| format!("{path:?}"))?.median;
    let microseconds = |nanoseconds: f64| nanoseconds / 1000.0;
    Ok(Outcome::of("micro")
        .case("function", name)
        .figure("median", "µs", microseconds(median.point_estimate))
        .figure("from", "µs", microseconds(median.confidence_interval.lower_bound))
        .figure("to", "µs", microseconds(median.confidence_interval.upper_bound)))
}
