//! The machine of the measurements, without which no figure means anything.

use crate::cores::Place;
use crate::options::{Options, root};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::SystemTime;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    /// Which cores are the server's, and which the driver's.
    pub server_core: String,
    pub driver_cores: String,
    pub memory_gib: f64,
    pub kernel: String,
    pub rustc: String,
    pub commit: String,
    /// Seconds since 1970.
    pub measured_at: u64,
}

impl Machine {
    pub fn this(options: &Options) -> Result<Self> {
        let info = |path: &str, name: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let kilobytes = info("/proc/meminfo", "MemTotal");
        let kilobytes = kilobytes.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
        let listed = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cores = listed.lines().filter(|line| line.starts_with("processor")).count();
        Ok(Self {
            cpu: info("/proc/cpuinfo", "model name"),
            cores: if cores == 0 { available_parallelism().map_or(1, usize::from) } else { cores },
            server_core: options.cores.list(Place::Measured),
            driver_cores: options.cores.list(Place::Beside),
            memory_gib: (kilobytes.unwrap_or_default() / 1024.0 / 1024.0).round(),
            kernel: said("uname", &["-sr"]),
            rustc: said("rustc", &["--version"]),
            commit: said("git", &["describe", "--always", "--dirty"]),
            measured_at: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        })
    }

    /// Describes it in a sentence.
    pub fn sentence(&self) -> String {
        format!(
            "{} with {} cores (server on core {}, driver on {}), {} GiB, {}; {}; commit {}.",
            self.cpu,
            self.cores,
            self.server_core,
            self.driver_cores,
            self.memory_gib,
            self.kernel,
            self.rustc,
            self.commit
        )
    }
}

/// Returns the output of a command, or `unknown`: a missing fact must not stop a measurement.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let text = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    text.map_or_else(|| "unknown".to_owned(), |text| String::from_utf8_lossy(&text).trim().to_owned())
}
