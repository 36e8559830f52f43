//! A process's resource usage, as counted by the kernel.

use anyhow::{Context, Result};
use std::fs;
use std::time::{Duration, Instant};

/// Memory in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident set size.
    pub rss: f64,
    /// Proportional set size: shared pages count in proportion.
    pub pss: f64,
}

pub fn memory(pid: u32) -> Result<Memory> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kilobytes.map(|kilobytes| kilobytes * 1024.0).with_context(|| format!("{path} has no {name}"))
    };
    Ok(Memory { rss: field("Rss:")?, pss: field("Pss:")? })
}

/// Returns user and system time together. Linux counts them in hundredths of a second.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    // The name, in brackets, may contain spaces.
    let fields = text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect::<Vec<_>>());
    let ticks = |at: usize| fields.as_ref().and_then(|fields| fields.get(at)?.parse::<u64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).with_context(|| format!("{path} has no times"))?;
    Ok(Duration::from_millis((user + system) * 10))
}

/// Measures a process's CPU time from now on.
#[derive(Debug)]
pub struct Meter {
    pid: u32,
    since: Instant,
    before: Duration,
}

impl Meter {
    pub fn start(pid: u32) -> Result<Self> {
        Ok(Self { pid, since: Instant::now(), before: cpu_time(pid)? })
    }

    /// Returns the usage in percent of one core.
    pub fn percent(&self) -> Result<f64> {
        let taken = cpu_time(self.pid)?.saturating_sub(self.before);
        Ok(100.0 * taken.as_secs_f64() / self.since.elapsed().as_secs_f64())
    }
}
