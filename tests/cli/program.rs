//! Runs the program without the machine's own settings.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::program::without_settings;

/// Longer than any command takes, even on a busy machine. A server that should not have started is stopped then.
const PATIENCE: Duration = Duration::from_secs(60);
/// Poll interval.
const LOOK: Duration = Duration::from_millis(10);

/// Reads a whole stream in a separate thread.
fn read(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
}

/// A separate folder for the test, in which the program runs.
#[derive(Debug)]
pub struct Place(TempDir);

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    pub succeeded: bool,
    pub out: String,
    pub err: String,
}

impl Outcome {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.succeeded, "{self:?}");
        self
    }

    /// Checks that it failed and that its output names one of these.
    #[track_caller]
    pub fn failed(self, names: &[&str]) -> Self {
        assert!(!self.succeeded, "{self:?}");
        assert!(names.iter().any(|name| self.err.contains(name)), "{names:?} is not named: {self:?}");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Creates the command with these arguments.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = without_settings(env!("CARGO_BIN_EXE_qr-login"), self.path());
        command.args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, &[], "")
    }

    /// Runs the program to completion, with these variables and this standard input.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Outcome {
        let mut command = self.program(arguments);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that failed early does not read it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let (out, err) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                panic!(
                    "{arguments:?} with {variables:?} did not end: {:?} {:?}",
                    out.join().unwrap(),
                    err.join().unwrap()
                );
            }
            thread::sleep(LOOK);
        };
        Outcome { succeeded: status.success(), out: out.join().unwrap(), err: err.join().unwrap() }
    }
}
