//! What to measure, for how long, and where things are.

use crate::cores::Cores;
use anyhow::{Result, bail, ensure};
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All measurements, in the order in which they run: the last ones compare their results with the first.
pub const MEASURES: [&str; 12] = [
    "logins",
    "page",
    "reaction",
    "waiting",
    "start",
    "floods",
    "cluster",
    "baseline",
    "device",
    "apps",
    "forward-auth",
    "micro",
];

#[derive(Debug)]
pub struct Options {
    only: Vec<&'static str>,
    /// A short run only checks that everything works; its figures mean little.
    pub quick: bool,
    pub cores: Cores,
    /// The server under test.
    pub server: PathBuf,
}

impl Options {
    /// Parses `ONLY`, `QUICK` and `QR_LOGIN_BIN`.
    pub fn read(cores: Cores) -> Result<Self> {
        let mut only = Vec::new();
        for name in variable("ONLY").split([',', ' ']).filter(|name| !name.is_empty()) {
            match MEASURES.iter().find(|known| **known == name) {
                Some(known) => only.push(*known),
                None => bail!("ONLY: there is no measure {name}; there are {}", MEASURES.join(", ")),
            }
        }
        let server = match variable("QR_LOGIN_BIN") {
            path if path.is_empty() => root().join("target/release/qr-login"),
            path => PathBuf::from(path),
        };
        ensure!(server.is_file(), "there is no {}: run `make build` first", server.display());
        let quick = !matches!(variable("QUICK").as_str(), "" | "0");
        Ok(Self { only, quick, cores, server })
    }

    pub fn wanted(&self) -> impl Iterator<Item = &'static str> {
        MEASURES.into_iter().filter(|name| self.only.is_empty() || self.only.contains(name))
    }

    /// Returns one of the two, depending on whether the run is short.
    pub fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// Returns the duration of one round of a throughput measurement.
    pub fn round(&self) -> Duration {
        self.pick(Duration::from_secs(5), Duration::from_secs(2))
    }

    /// Returns the number of rounds of a throughput measurement, of which the median counts.
    pub fn rounds(&self) -> usize {
        self.pick(5, 1)
    }

    /// Returns why that many connections cannot be opened, if they cannot.
    pub fn too_many(&self, connections: usize) -> Option<String> {
        /// Other open files: databases, logs, connections for phones and redeems.
        const OTHERS: usize = 300;
        let limit = open_files().unwrap_or(1024);
        (connections + OTHERS > limit)
            .then(|| format!("not measured: a process may have {limit} open files here (ulimit -n)"))
    }
}

/// Returns the repository's folder.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns cargo's target folder.
pub fn target() -> PathBuf {
    match variable("CARGO_TARGET_DIR") {
        path if path.is_empty() => root().join("target"),
        path => root().join(path),
    }
}

/// Returns how many files this process, and so any that it starts, may open.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
