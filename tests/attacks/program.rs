//! The real program as a process, for attacks on its memory and its file descriptors.

use super::server::within;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use testkit::Client;

/// A running program on a free port, with the demo accounts in a separate folder. It is stopped at the end of the test.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// The address it listens on.
    pub address: SocketAddr,
    /// Its standard output until it was ready.
    words: Vec<String>,
    folder: TempDir,
}

impl Program {
    /// Starts it with these flags.
    pub fn start(flags: &[&str]) -> Self {
        Self::run("exec \"$@\"", flags)
    }

    /// Starts it with these flags and this soft and hard limit of open files.
    pub fn start_with_files(soft: usize, hard: usize, flags: &[&str]) -> Self {
        Self::run(&format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$@\""), flags)
    }

    /// Runs the program and its flags, which are the arguments of an `sh` script.
    fn run(script: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_qr-login"), "serve", "--demo"]).args(flags);
        testkit::program::forget_settings(&mut command);
        command.current_dir(folder.path()).env("QR_LOGIN_ADDR", "127.0.0.1:0");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut words: Vec<String> = Vec::new();
        // The last line before it is ready.
        while !words.last().is_some_and(|line| line.trim_start().starts_with("account guang")) {
            match lines.next() {
                Some(line) => words.push(line.unwrap()),
                None => panic!("it did not start: {}", fs::read_to_string(folder.path().join("log")).unwrap()),
            }
        }
        let address = announced(&words, "PC").parse().unwrap();
        Self { child, address, words, folder }
    }

    /// Returns the host and port that it announced for this: `PC`, `phone` or `health`.
    pub fn said(&self, word: &str) -> String {
        announced(&self.words, word)
    }

    /// Returns its base URL.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the bytes in a line of `/proc/PID/status`, such as `VmRSS` and its peak `VmHWM`.
    pub fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// Resets its peak memory.
    pub fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").unwrap();
    }

    /// Returns its soft and its hard limit of open files.
    pub fn open_files(&self) -> (Option<u64>, Option<u64>) {
        let limits = fs::read_to_string(format!("/proc/{}/limits", self.pid())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let mut words = line.split_whitespace().skip(3).map(|word| word.parse().ok());
        (words.next().unwrap(), words.next().unwrap())
    }

    /// Lowers its limit of open files while it runs.
    pub fn allow_files(&self, soft: u64) {
        let pid = Pid::from_raw(self.pid().try_into().unwrap());
        let maximum = self.open_files().1;
        prlimit(pid, Resource::Nofile, Rlimit { current: Some(soft), maximum }).unwrap();
    }

    /// Returns the counter of that name (and labels) in its metrics; zero if it has not been counted yet.
    pub async fn metric(&self, name: &str) -> u64 {
        let answer = Client::connecting_anew(&self.origin()).get("/metrics").await;
        let line = answer.body.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |value| value.trim().parse().unwrap())
    }

    /// Waits until that metric has an expected value.
    pub async fn until_metric(&self, name: &str, is_wanted: impl Fn(u64) -> bool) {
        within(async { while !is_wanted(self.metric(name).await) {} }).await;
    }

    /// Returns its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Stops it, waits until it has exited, and returns its log.
    pub fn stop(&mut self) -> String {
        let pid = Pid::from_raw(self.pid().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.log()
    }
}

fn announced(words: &[String], word: &str) -> String {
    let line = words.iter().find_map(|line| line.trim().strip_prefix(word)).expect("it is announced");
    let url = line.trim().trim_start_matches("http://");
    url.split('/').next().unwrap().to_owned()
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- it said:\n{}", self.log());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
