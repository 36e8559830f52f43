//! Assigns separate cores to the server and the driver, so that neither takes the other's CPU time.

use anyhow::{Context, Result, ensure};
use std::process::{Command, Stdio};

#[derive(Clone, Debug)]
pub struct Cores {
    server: usize,
    driver: Vec<usize>,
}

/// Which cores a process runs on.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Alone on the first core: the measured process.
    Measured,
    /// On the other cores, with the driver: supporting processes.
    Beside,
}

impl Cores {
    /// Divides the cores that this process may use. On a single core both share it.
    pub fn allowed() -> Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let mut all = parse(list.context("/proc/self/status does not name the allowed cores")?.trim())?;
        ensure!(!all.is_empty(), "no core is allowed");
        let server = all.remove(0);
        Ok(Self { server, driver: if all.is_empty() { vec![server] } else { all } })
    }

    /// Returns the number of the driver's cores.
    pub fn for_the_driver(&self) -> usize {
        self.driver.len()
    }

    /// Returns the cores as an argument for `taskset -c`.
    pub fn list(&self, place: Place) -> String {
        match place {
            Place::Measured => self.server.to_string(),
            Place::Beside => self.driver.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// Moves this process to the driver's cores. Call it before any thread is started.
    pub fn pin_this_process(&self) -> Result<()> {
        let mut command = Command::new("taskset");
        command.args(["-c", "-p", &self.list(Place::Beside), &std::process::id().to_string()]);
        let status = command.stdout(Stdio::null()).status().context("taskset (package util-linux) does not run")?;
        ensure!(status.success(), "taskset could not move the driver to its cores");
        Ok(())
    }
}

/// Parses a list such as `0-3,8`.
fn parse(list: &str) -> Result<Vec<usize>> {
    let mut cores = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<usize>().with_context(|| format!("{list} is no list of cores"));
        cores.extend(number(first)?..=number(last)?);
    }
    Ok(cores)
}
