//! A process of the test's own: signalled by its id, and gone with the test, even with one that fails.

use crate::patience::until_blocking;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Lines of a process's words that a failing test shows.
const LAST_WORDS: usize = 15;

/// A free port. Below those that the system gives to outgoing connections, so that a process that is stopped
/// finds its port free again.
pub fn free_port() -> u16 {
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    if NEXT.load(Ordering::Relaxed) == 0 {
        // Two runs at a time begin at different places.
        let seed = u32::from(std::process::id() as u16)
            ^ SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros();
        let _ = NEXT.compare_exchange(0, (seed % u32::from(COUNT)) as u16 + 1, Ordering::Relaxed, Ordering::Relaxed);
    }
    let ports = std::iter::repeat_with(|| FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.take(usize::from(COUNT)).find(is_free).expect("a free port")
}

/// A running program. What it says goes to a file.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    farewell: &'static str,
}

impl Process {
    /// Starts it; `farewell` is the signal that ends it with the test.
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

    /// Sends a signal to it and to all processes that it has started.
    pub fn signal_family(&self, signal: &str) {
        let id = self.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children.split_whitespace().map(|child| child.parse().unwrap());
        kill(signal, &std::iter::once(id).chain(children).collect::<Vec<_>>());
    }

    /// Sends it a signal and waits until it has ended.
    pub fn end(mut self, signal: &str) {
        self.signal(signal);
        until_blocking(&format!("the end of {}", self.name), || self.child.try_wait().unwrap());
    }

    /// Fails, with its last words, where it has ended by itself.
    pub fn expect_alive(&mut self, advice: &str) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("{} ended with {status}. {advice} It said: {}", self.name, self.last_words());
        }
    }

    /// Where all that it says goes to.
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
        // A paused process does not hear another signal.
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

/// The program `kill`, since sending a signal from here would be unsafe code. Processes that have ended are skipped.
fn kill(signal: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$0\" \"$@\"", signal]).args(ids).stderr(Stdio::null());
    let _ = kill.status();
}
