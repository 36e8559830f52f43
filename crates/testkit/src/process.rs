//! A child process of a test: signalled by its id, and killed when the test ends, even if it fails.

use crate::patience::until_blocking;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Number of output lines that a failing test prints.
const LAST_WORDS: usize = 15;

/// Returns a free port, below the ephemeral ports, so that a process that is restarted finds its port free again.
pub fn free_port() -> u16 {
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    if NEXT.load(Ordering::Relaxed) == 0 {
        // Concurrent runs start at different ports.
        let seed = u32::from(std::process::id() as u16)
            ^ SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros();
        let _ = NEXT.compare_exchange(0, (seed % u32::from(COUNT)) as u16 + 1, Ordering::Relaxed, Ordering::Relaxed);
    }
    let ports = std::iter::repeat_with(|| FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.take(usize::from(COUNT)).find(is_free).expect("a free port")
}

/// A running program. Its output goes to a file.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    farewell: &'static str,
}

impl Process {
    /// Starts it; `farewell` is the signal that stops it at the end of the test.
    pub fn spawn(name: &str, mut command: Command, log: &Path, farewell: &'static str) -> Self {
        let words: File = OpenOptions::new().create(true).append(true).open(log).unwrap();
        command.stdin(Stdio::null()).stdout(words.try_clone().unwrap()).stderr(words);
        let child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name: name.to_owned(), child, log: log.to_owned(), farewell }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        kill(signal, &[self.id()]);
    }

    /// Sends a signal to it and to all of its child processes.
    pub fn signal_family(&self, signal: &str) {
        let id = self.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children.split_whitespace().map(|child| child.parse().unwrap());
        kill(signal, &std::iter::once(id).chain(children).collect::<Vec<_>>());
    }

    /// Sends it a signal and waits until it has exited.
    pub fn end(mut self, signal: &str) {
        self.signal(signal);
        until_blocking(&format!("the end of {}", self.name), || self.child.try_wait().unwrap());
    }

    /// Fails, printing its last output, if it has exited.
    pub fn expect_alive(&mut self, advice: &str) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("{} ended with {status}. {advice} It said: {}", self.name, self.last_words());
        }
    }

    /// Returns the file with its output.
    pub fn log(&self) -> &Path {
        &self.log
    }

    fn last_words(&self) -> String {
        let words = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<_> = words.lines().collect();
        lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, self.last_words());
        }
        // A paused process does not handle other signals.
        self.signal_family("CONT");
        self.signal(self.farewell);
        for _ in 0..200 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program `kill`, because sending a signal from here would be unsafe code. Processes that have exited are
/// skipped.
fn kill(signal: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$0\" \"$@\"", signal]).args(ids).stderr(Stdio::null());
    let _ = kill.status();
}
