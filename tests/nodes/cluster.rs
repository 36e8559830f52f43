//! What nodes share: their engines, their key, their settings, their accounts.

use super::node::Node;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use testkit::PASSWORD;
use testkit::program::without_settings;
use testkit::{shared_postgres, shared_redis};
use uuid::Uuid;

/// Values of variables, by their names without the prefix `QR_LOGIN_`.
pub type Settings = BTreeMap<String, String>;

/// Creates a command for the program with only these settings.
pub fn program(settings: &Settings, folder: &Path) -> Command {
    let mut command = without_settings(env!("CARGO_BIN_EXE_qr-login"), folder);
    command.envs(settings.iter().map(|(name, value)| (format!("QR_LOGIN_{name}"), value)));
    command
}

/// A group of nodes.
#[derive(Debug)]
pub struct Cluster {
    home: TempDir,
    folder: PathBuf,
    settings: Settings,
}

impl Cluster {
    /// Creates a cluster on the engines that all tests share.
    pub fn shared() -> Self {
        Self::on(&shared_redis(), &shared_postgres())
    }

    /// Creates a cluster on these engines, with its own key.
    pub fn on(redis_url: &str, database_url: &str) -> Self {
        let cluster = Self::embedded().with("REDIS_URL", redis_url).with("DATABASE_URL", database_url);
        let file = cluster.file("key.pem", &cluster.new_key());
        cluster.with("SIGNING_KEY_FILE", &file)
    }

    /// Creates a cluster without engines: a node keeps its data itself.
    pub fn embedded() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().to_owned();
        Self { home, folder, settings: Settings::new() }
            .with("RATE_LIMIT", "off")
            .with("PUBLIC_URL", "http://login.example")
            .with("TRUSTED_PROXIES", "127.0.0.1/32")
    }

    /// Puts the data into another folder.
    pub fn living_in(mut self, folder: &Path) -> Self {
        self.folder = folder.to_owned();
        self
    }

    /// Adds a setting.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Removes a setting.
    pub fn without(mut self, name: &str) -> Self {
        self.settings.remove(name);
        self
    }

    /// Writes a file to the cluster's folder and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Returns whether the folder that the nodes work in has this file.
    pub fn has_file(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Generates a private key with the command line.
    pub fn new_key(&self) -> String {
        self.run(&["key", "new"], "")
    }

    /// Creates another node, not started yet.
    pub fn stopped_node(&self) -> Node {
        Node::new(self.settings.clone(), &self.folder)
    }

    /// Starts another node with a different setting.
    pub async fn node_with(&self, name: &str, value: &str) -> Node {
        let mut settings = self.settings.clone();
        settings.insert(name.to_owned(), value.to_owned());
        let mut node = Node::new(settings, &self.folder);
        node.start().await;
        node
    }

    /// Starts another node.
    pub async fn node(&self) -> Node {
        let mut node = self.stopped_node();
        node.start().await;
        node
    }

    /// Starts several nodes concurrently.
    pub async fn nodes<const COUNT: usize>(&self) -> [Node; COUNT] {
        let mut nodes: [Node; COUNT] = std::array::from_fn(|_| self.stopped_node());
        nodes.iter_mut().for_each(Node::launch);
        join_all(nodes.iter_mut().map(Node::is_up)).await;
        nodes
    }

    /// Creates an account with a new name by the command line, as the site's owner would, and returns the name.
    pub fn account(&self) -> String {
        let name = format!("dong-{}", Uuid::new_v4().simple());
        self.run(&["user", "add", &name], PASSWORD);
        name
    }

    /// Runs the program, which must succeed, with this standard input, and returns its output.
    pub fn run(&self, arguments: &[&str], input: &str) -> String {
        self.try_run(arguments, input).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// Runs the program and returns its output, or its error output if it fails.
    pub fn try_run(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = program(&self.settings, &self.folder);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that reads no input may have exited already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let words = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(words(output.stdout)) } else { Err(words(output.stderr)) }
    }
}
