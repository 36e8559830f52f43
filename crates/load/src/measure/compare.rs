//! Compares another server's figure with ours.

use crate::report::Outcome;

/// Name of the figure that says how many times better ours is.
pub const RATIO: &str = "ours is better by";

#[derive(Clone, Copy)]
pub enum Better {
    More,
    Less,
}

/// Adds our figure, if it was measured, and the ratio, which is above one if ours is better.
pub fn compare(row: Outcome, name: &str, ours: Option<f64>, better: Better) -> Outcome {
    let (Some(ours), Some(theirs)) = (ours, row.value(name)) else { return row };
    let ratio = match better {
        Better::More => ours / theirs,
        Better::Less => theirs / ours,
    };
    let unit = row.unit(name).to_owned();
    row.figure(&format!("ours: {name}"), &unit, ours).figure(RATIO, "×", ratio)
}
