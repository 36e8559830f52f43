//! Redis, PostgreSQL and nginx, run by the same script that benchmarks and developers use.

use crate::patience::{until, within};
use crate::process::{Process, free_port};
use std::env;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Returns the URL of the Redis shared by all tests that do not stop it.
pub fn shared_redis() -> String {
    shared("QR_LOGIN_TEST_REDIS_URL", "redis-server")
}

/// Returns the URL of the PostgreSQL shared by all tests that do not stop it.
pub fn shared_postgres() -> String {
    shared("QR_LOGIN_TEST_POSTGRES_URL", "postgresql")
}

fn shared(variable: &str, package: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run `make test`, which installs the package {package} where it is missing and starts \
             it for the tests, or this test alone by scripts/with-engines.sh"
        )
    })
}

/// The kind of engine.
#[derive(Clone, Debug)]
enum Kind {
    Redis,
    Postgres,
    /// A load balancer for the nodes at these addresses.
    Nginx(Vec<String>),
}

/// An engine of a single test, which may stop and restart it.
#[derive(Debug)]
pub struct Engine {
    kind: Kind,
    folder: TempDir,
    port: u16,
    process: Option<Process>,
}

impl Engine {
    pub async fn redis() -> Self {
        let mut engine = Self::stopped_redis();
        engine.start().await;
        engine
    }

    /// Creates a Redis that is not started yet.
    pub fn stopped_redis() -> Self {
        Self::new(Kind::Redis, free_port())
    }

    pub async fn postgres() -> Self {
        let mut engine = Self::stopped_postgres();
        engine.start().await;
        engine
    }

    /// Creates a PostgreSQL that is not started yet.
    pub fn stopped_postgres() -> Self {
        Self::new(Kind::Postgres, free_port())
    }

    /// Starts nginx for servers at these ports. Its own port is chosen by the caller, because it is part of the
    /// servers' public URL.
    pub async fn nginx(port: u16, nodes: &[u16]) -> Self {
        let nodes = nodes.iter().map(|node| format!("127.0.0.1:{node}")).collect();
        let mut engine = Self::new(Kind::Nginx(nodes), port);
        engine.start().await;
        engine
    }

    fn new(kind: Kind, port: u16) -> Self {
        Self { kind, folder: tempfile::tempdir().unwrap(), port, process: None }
    }

    /// Returns its URL, as used in the settings.
    pub fn url(&self) -> String {
        let port = self.port;
        match self.kind {
            Kind::Redis => format!("redis://127.0.0.1:{port}"),
            Kind::Postgres => format!("postgres://qr_login@127.0.0.1:{port}/qr_login"),
            Kind::Nginx(_) => format!("http://127.0.0.1:{port}"),
        }
    }

    /// Starts it with its previous data, and waits until it responds.
    pub async fn start(&mut self) {
        let (name, package, nodes) = match &self.kind {
            Kind::Redis => ("redis", "redis-server", [].as_slice()),
            Kind::Postgres => ("postgres", "postgresql", [].as_slice()),
            Kind::Nginx(nodes) => ("nginx", "nginx", nodes.as_slice()),
        };
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/engine.sh"));
        command.arg(name).arg(self.folder.path()).arg(self.port.to_string()).args(nodes);
        let mut process = Process::spawn(name, command, &self.folder.path().join("log"), "INT");
        let advice = format!("Is the package {package} installed? `make test` does that.");
        until(&format!("{name} answers"), async || {
            process.expect_alive(&advice);
            self.answers().await.then_some(())
        })
        .await;
        self.process = Some(process);
    }

    /// Shuts it down gracefully, without waiting for its clients.
    pub fn stop(&mut self) {
        self.process.take().expect("it runs").end("INT");
    }

    /// Kills it, as in a crash.
    pub fn kill(&mut self) {
        self.process.take().expect("it runs").end("KILL");
    }

    /// Pauses it: it keeps its connections but does not respond.
    pub fn pause(&self) {
        self.process.as_ref().expect("it runs").signal_family("STOP");
    }

    /// Resumes it.
    pub fn resume(&self) {
        self.process.as_ref().expect("it runs").signal_family("CONT");
    }

    /// Sends a command to Redis and returns its response, if it is short.
    pub async fn redis_says(&self, command: &str) -> String {
        within(command, self.exchange(format!("{command}\r\n").as_bytes())).await.expect("Redis answers")
    }

    async fn answers(&self) -> bool {
        match self.kind {
            Kind::Redis => self.exchange(b"PING\r\n").await.is_some_and(|answer| answer.starts_with("+PONG")),
            // The server's first message: `R` requests, or here skips, authentication; `E` is an error, because it is
            // not ready.
            Kind::Postgres => {
                let hello = b"\0\0\0\x29\0\x03\0\0user\0qr_login\0database\0qr_login\0\0";
                self.exchange(hello).await.is_some_and(|answer| answer.starts_with('R'))
            }
            Kind::Nginx(_) => TcpStream::connect(("127.0.0.1", self.port)).await.is_ok(),
        }
    }

    async fn exchange(&self, request: &[u8]) -> Option<String> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        socket.write_all(request).await.ok()?;
        let mut answer = [0; 4096];
        let length = socket.read(&mut answer).await.ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }
}

/// Runs SQL with psql and returns the output.
pub fn sql(database_url: &str, statement: &str) -> String {
    let output = psql(database_url, statement).output().unwrap_or_else(|error| panic!("{error}. {PSQL}"));
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs SQL until it finishes or is dropped.
pub fn sql_in_background(database_url: &str, statement: &str) -> Background {
    Background(
        psql(database_url, statement).stdout(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{error}. {PSQL}")),
    )
}

/// A running statement.
#[derive(Debug)]
pub struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PSQL: &str = "Is the package postgresql-client installed? `make test` installs it with postgresql.";

fn psql(database_url: &str, statement: &str) -> Command {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1", database_url]);
    psql.args(["-c", statement]);
    psql
}
