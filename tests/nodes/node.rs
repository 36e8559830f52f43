//! One node: the real program as a process.

use super::cluster::{Settings, program};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::Place;
use testkit::until;
use testkit::{Answer, Client};
use testkit::{Process, free_port};

impl Place for Node {
    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A node, which keeps its port and its settings while it is stopped.
#[derive(Debug)]
pub struct Node {
    pub port: u16,
    settings: Settings,
    folder: PathBuf,
    process: Option<Process>,
}

impl Node {
    /// Creates a node that is not started yet.
    pub fn new(mut settings: Settings, folder: &Path) -> Self {
        let port = free_port();
        settings.insert("ADDR".to_owned(), format!("127.0.0.1:{port}"));
        Self { port, settings, folder: folder.to_owned(), process: None }
    }

    /// Starts it and waits until it is ready to serve.
    pub async fn start(&mut self) {
        self.launch();
        self.is_up().await;
    }

    /// Starts it.
    pub fn launch(&mut self) {
        let mut command = Command::new("sh");
        let program = program(&self.settings, &self.folder);
        // A process that exceeds its file size limit should get an error and not be killed.
        command.args(["-c", "trap '' XFSZ; exec \"$0\""]).arg(program.get_program()).current_dir(&self.folder);
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let log = self.folder.join(format!("node-{}.log", self.port));
        self.process = Some(Process::spawn(&format!("the node at {}", self.port), command, &log, "KILL"));
    }

    /// Waits until it serves, whether or not its engines respond.
    pub async fn is_up(&mut self) {
        let (client, origin) = (Client::anywhere(), self.origin());
        let process = self.process.as_mut().expect("it was started");
        until("the node serves", async || {
            process.expect_alive("");
            client.at(&origin).try_get("/healthz").await.filter(|answer| answer.status == 200)
        })
        .await;
    }

    /// Stops it as a service manager does.
    pub fn stop(&mut self) {
        self.process.take().expect("it runs").end("TERM");
    }

    /// Kills it, as in a crash or a power failure.
    pub fn kill(&mut self) {
        self.process.take().expect("it runs").end("KILL");
    }

    /// Pauses it: it keeps its connections but does not respond.
    pub fn pause(&self) {
        self.process().signal("STOP");
    }

    /// Resumes it.
    pub fn resume(&self) {
        self.process().signal("CONT");
    }

    /// Requests `/healthz`.
    pub async fn health(&self) -> Answer {
        Client::new(self).get("/healthz").await
    }

    /// Requests `/readyz`.
    pub async fn readiness(&self) -> Answer {
        Client::new(self).get("/readyz").await
    }

    /// Waits until `/readyz` reports this state of an engine (`tickets` or `database`), and returns its status code.
    pub async fn engine_is(&self, engine: &str, word: &str) -> u16 {
        let client = Client::new(self);
        until(&format!("{engine} are {word}"), async || {
            let answer = client.get("/readyz").await;
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            (body[engine] == word).then_some(answer.status.as_u16())
        })
        .await
    }

    /// Waits until that many PCs wait on this node, by `websocket` or `long_poll`.
    pub async fn has_waiting(&self, transport: &str, count: usize) {
        self.counts(&format!("qr_login_waiting_pcs{{transport=\"{transport}\"}} {count}")).await;
    }

    /// Waits until `/metrics` has this line.
    pub async fn counts(&self, line: &str) {
        let client = Client::new(self);
        until(line, async || {
            let answer = client.get("/metrics").await;
            answer.body.lines().any(|other| other == line).then_some(())
        })
        .await;
    }

    /// Returns the running process.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }
}
