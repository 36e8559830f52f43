//! What nodes have in common: their engines, their key, their settings, their accounts.

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

/// Values of variables, by their names without `QR_LOGIN_`.
pub type Settings = BTreeMap<String, String>;

/// The program with these settings and none of the machine's own, not yet started.
pub fn program(settings: &Settings, folder: &Path) -> Command {
    let mut command = without_settings(env!("CARGO_BIN_EXE_qr-login"), folder);
    command.envs(settings.iter().map(|(name, value)| (format!("QR_LOGIN_{name}"), value)));
    command
}

/// Nodes that belong together.
#[derive(Debug)]
pub struct Cluster {
    home: TempDir,
    folder: PathBuf,
    settings: Settings,
}

impl Cluster {
    /// On the engines that all tests share.
    pub fn shared() -> Self {
        Self::on(&shared_redis(), &shared_postgres())
    }

    /// On these engines, with a key of its own.
    pub fn on(redis_url: &str, database_url: &str) -> Self {
        let cluster = Self::embedded().with("REDIS_URL", redis_url).with("DATABASE_URL", database_url);
        let file = cluster.file("key.pem", &cluster.new_key());
        cluster.with("SIGNING_KEY_FILE", &file)
    }

    /// On nothing: a node keeps everything by itself.
    pub fn embedded() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().to_owned();
        Self { home, folder, settings: Settings::new() }
            .with("RATE_LIMIT", "off")
            .with("PUBLIC_URL", "http://login.example")
            .with("TRUSTED_PROXIES", "127.0.0.1/32")
    }

    /// The same, with everything in a folder of another's.
    pub fn living_in(mut self, folder: &Path) -> Self {
        self.folder = folder.to_owned();
        self
    }

    /// The same, with another setting.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same, without a setting.
    pub fn without(mut self, name: &str) -> Self {
        self.settings.remove(name);
        self
    }

    /// Writes a file that belongs to the cluster and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A private key, fresh from the command line.
    pub fn new_key(&self) -> String {
        self.run(&["key", "new"], "")
    }

    /// One more node, not started yet.
    pub fn stopped_node(&self) -> Node {
        Node::new(self.settings.clone(), &self.folder)
    }

    /// One more node, with another setting than the others.
    pub async fn node_with(&self, name: &str, value: &str) -> Node {
        let mut settings = self.settings.clone();
        settings.insert(name.to_owned(), value.to_owned());
        let mut node = Node::new(settings, &self.folder);
        node.start().await;
        node
    }

    /// One more node.
    pub async fn node(&self) -> Node {
        let mut node = self.stopped_node();
        node.start().await;
        node
    }

    /// Nodes that are started at the same moment.
    pub async fn nodes<const COUNT: usize>(&self) -> [Node; COUNT] {
        let mut nodes: [Node; COUNT] = std::array::from_fn(|_| self.stopped_node());
        nodes.iter_mut().for_each(Node::launch);
        join_all(nodes.iter_mut().map(Node::is_up)).await;
        nodes
    }

    /// Makes an account of a new name by the command line, as the site's owner would, and returns the name.
    pub fn account(&self) -> String {
        let name = format!("dong-{}", Uuid::new_v4().simple());
        self.run(&["user", "add", &name], PASSWORD);
        name
    }

    /// Runs the program to its good end, with this on standard input, and returns what it prints.
    pub fn run(&self, arguments: &[&str], input: &str) -> String {
        self.try_run(arguments, input).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// Runs the program and returns what it prints, or where it fails, what it says of that.
    pub fn try_run(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = program(&self.settings, &self.folder);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let words = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(words(output.stdout)) } else { Err(words(output.stderr)) }
    }
}
