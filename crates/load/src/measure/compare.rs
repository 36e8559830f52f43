//! A peer's figure beside ours.

use crate::report::Outcome;

/// The figure that says how many times better ours is.
pub const RATIO: &str = "ours is better by";

#[derive(Clone, Copy)]
pub enum Better {
    More,
    Less,
}

/// Adds our figure, if it was measured, and the ratio that is above one where ours is better.
pub fn compare(row: Outcome, name: &str, ours: Option<f64>, better: Better) -> Outcome {
    let (Some(ours), Some(theirs)) = (ours, row.value(name)) else { return row };
    let ratio = match better {
        Better::More => ours / theirs,
        Better::Less => theirs / ours,
    };
    let unit = row.unit(name).to_owned();
    row.figure(&format!("ours: {name}"), &unit, ours).figure(RATIO, "×", ratio)
}
