//! What to measure, for how long, and where things are.

use crate::cores::Cores;
use anyhow::{Result, bail, ensure};
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every measure, in the order in which they run: the last ones compare themselves with the first.
pub const MEASURES: [&str; 10] =
    ["logins", "page", "reaction", "waiting", "start", "floods", "cluster", "baseline", "device", "micro"];

#[derive(Debug)]
pub struct Options {
    only: Vec<&'static str>,
    /// A short run shows that everything works; its figures mean little.
    pub quick: bool,
    pub cores: Cores,
    /// The server under test.
    pub server: PathBuf,
}

impl Options {
    /// Reads `ONLY`, `QUICK` and `QR_LOGIN_BIN`.
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

    /// One of two, by whether the run is short.
    pub fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// How long one round of a throughput takes.
    pub fn round(&self) -> Duration {
        self.pick(Duration::from_secs(5), Duration::from_secs(2))
    }

    /// Rounds of a throughput, of which the median counts.
    pub fn rounds(&self) -> usize {
        self.pick(5, 1)
    }

    /// Why so many open connections cannot be had, if they cannot.
    pub fn too_many(&self, connections: usize) -> Option<String> {
        /// Files that are open besides: databases, logs, lines for phones and redeems.
        const OTHERS: usize = 300;
        let limit = open_files().unwrap_or(1024);
        (connections + OTHERS > limit)
            .then(|| format!("not measured: a process may have {limit} open files here (ulimit -n)"))
    }
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where cargo leaves what it builds.
pub fn target() -> PathBuf {
    match variable("CARGO_TARGET_DIR") {
        path if path.is_empty() => root().join("target"),
        path => root().join(path),
    }
}

/// How many files this process, and so any that it starts, may have open.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
