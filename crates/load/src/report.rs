//! The results: printed, stored as JSON, inserted into the page's tables and drawn.

mod bars;
mod charts;
mod lines;
mod machine;
mod outcome;
mod svg;
mod tables;

pub use outcome::{Outcome, Wanted};

use crate::options::{Options, root, target};
use anyhow::{Context, Result};
use machine::Machine;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const RESULTS: &str = "results.json";

/// All results, of this run and, if it measures only some, of earlier ones.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    machine: Machine,
    results: Vec<Outcome>,
}

#[derive(Debug)]
pub struct Report {
    folder: PathBuf,
    kept: Kept,
}

impl Report {
    /// Loads the stored results. The figures of a short run are stored separately from the published ones.
    pub fn open(options: &Options) -> Result<Self> {
        let folder = if options.quick { target().join("bench") } else { root().join("docs/benchmarks") };
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join(RESULTS);
        let mut kept: Kept = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} is malformed", path.display()))?,
            Err(_) => Kept::default(),
        };
        kept.machine = Machine::this(options)?;
        println!("{}", kept.machine.sentence());
        Ok(Self { folder, kept })
    }

    /// Replaces the results of a measurement, and prints them.
    pub fn keep(&mut self, measure: &str, mut outcomes: Vec<Outcome>) -> Result<()> {
        for outcome in &mut outcomes {
            outcome.commit = self.kept.machine.commit.clone();
        }
        println!("\n{}", tables::all(&outcomes));
        self.kept.results.retain(|outcome| !outcome.belongs_to(measure));
        self.kept.results.extend(outcomes);
        let json = serde_json::to_string_pretty(&self.kept).context("writing JSON")?;
        write(&self.folder.join(RESULTS), &(json + "\n"))
    }

    /// Returns one figure of one row, if it was measured.
    pub fn figure(&self, table: &str, case: &[(&str, String)], name: &str) -> Option<f64> {
        self.kept.results.iter().find(|outcome| outcome.is(table, case))?.value(name)
    }

    /// Draws the charts, and inserts the tables into the page.
    pub fn write(&self) -> Result<()> {
        for (name, chart) in charts::all(&self.kept.results) {
            write(&self.folder.join(name), &chart)?;
        }
        let page = self.folder.join("README.md");
        if page.exists() {
            let text = fs::read_to_string(&page).with_context(|| format!("reading {}", page.display()))?;
            let content = format!("{}\n\n{}", self.kept.machine.sentence(), tables::all(&self.kept.results));
            write(&page, &tables::replace(&text, &content).with_context(|| format!("in {}", page.display()))?)?;
        }
        println!("kept in {}", self.folder.display());
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
