//! A child process of the driver, which is stopped in any case.

use crate::cores::{Cores, Place};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Startup timeout; creating a database cluster on a busy machine takes longest.
pub const START: Duration = Duration::from_secs(60);
/// Timeout of a graceful shutdown before the process is killed.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// Creates the command that runs `program` on the cores of `place`.
pub fn pinned(cores: &Cores, place: Place, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &cores.list(place)]).arg(program);
    command
}

impl Process {
    /// Starts it. Its output goes to a file in `folder`.
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{}.log", name.replace(' ', "-")));
        let out = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let errors = out.try_clone().context("opening a log twice")?;
        command.stdin(Stdio::null()).stdout(out).stderr(errors);
        let child = command.spawn().with_context(|| format!("{name} does not start"))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has printed where it listens: `http://` and an address.
    pub async fn address(&mut self) -> Result<SocketAddr> {
        let deadline = Instant::now() + START;
        loop {
            if let Some(address) = announced(&self.said()) {
                return Ok(address);
            }
            self.check(deadline)?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Fails if it has exited, or if the deadline has passed.
    pub fn check(&mut self, deadline: Instant) -> Result<()> {
        if let Some(status) = self.child.try_wait().with_context(|| format!("asking after {}", self.name))? {
            bail!("{} ended ({status}); its last words:\n{}", self.name, self.last_words());
        }
        if Instant::now() > deadline {
            bail!("{} was not ready in {} s; its last words:\n{}", self.name, START.as_secs(), self.last_words());
        }
        Ok(())
    }

    fn said(&self) -> String {
        // Colours are for terminals. An unreadable log counts as empty.
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }

    /// Returns its warnings and errors, which explain most failures, and otherwise cast doubt on the figures.
    fn complaints(&self) -> Vec<String> {
        let said = self.said();
        let is_complaint = |line: &&str| [" WARN ", " ERROR "].iter().any(|level| line.contains(level));
        said.lines()
            .filter(is_complaint)
            .filter(|line| !line.contains("demo mode") && !line.contains("QR_LOGIN_RATE_LIMIT=off"))
            .take(8)
            .map(str::to_owned)
            .collect()
    }

    /// Sends SIGINT, which even PostgreSQL obeys while clients are connected.
    fn interrupt(&self) {
        let _ = Command::new("kill").args(["-INT", &self.pid().to_string()]).stderr(Stdio::null()).status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for complaint in self.complaints() {
            eprintln!("    {}: {complaint}", self.name);
        }
        // Its pid may have been reused by now.
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.interrupt();
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn announced(said: &str) -> Option<SocketAddr> {
    said.lines().find_map(|line| line.split("http://").nth(1)?.split_whitespace().next()?.parse().ok())
}
