//! The measured deployments of the server: standalone, on engines, as two nodes; and the servers it is compared with.

use crate::bare_axum;
use crate::cores::Place;
use crate::engine::{self, Engine};
use crate::options::{Options, root};
use crate::process::{Process, pinned};
use crate::site::Dialect;
use anyhow::{Context, Result, ensure};
use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tempfile::TempDir;

/// The maximum, so that no ticket expires during a measurement.
const TICKET_TTL: &str = "300";
/// The public host of several nodes.
const PUBLIC_HOST: &str = "login.example";

/// Processes that run until dropped, nodes before engines, because fields are dropped in declaration order.
#[derive(Debug)]
pub struct Deployment {
    pub dialect: Dialect,
    /// The measured process: the node that the PCs talk to.
    pub server: Process,
    pub pc: SocketAddr,
    /// The node that the phones talk to.
    pub phone: SocketAddr,
    _other_node: Option<Process>,
    _engines: Vec<Engine>,
    _folder: TempDir,
}

/// Number of nodes that share Redis and PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nodes {
    One,
    Two,
}

impl Deployment {
    /// Starts one process with SQLite, which needs nothing else.
    pub async fn embedded(options: &Options) -> Result<Self> {
        let folder = folder()?;
        let mut command = node(options, Place::Measured);
        command.env("QR_LOGIN_DATABASE_URL", format!("sqlite://{}", folder.path().join("bench.db").display()));
        Self::alone("qr-login", command, Dialect::qr_login, folder).await
    }

    /// The same with a site behind a proxy, from whose address all requests come.
    pub async fn with_site(options: &Options, host: &str) -> Result<Self> {
        let folder = folder()?;
        let clients = folder.path().join("clients.toml");
        std::fs::write(&clients, format!("[[site]]\nhost = \"{host}\"\n")).context("writing the sites")?;
        let mut command = node(options, Place::Measured);
        command
            .env("QR_LOGIN_CLIENTS_FILE", clients)
            .env("QR_LOGIN_TRUSTED_PROXIES", "127.0.0.1")
            .env("QR_LOGIN_DATABASE_URL", format!("sqlite://{}", folder.path().join("bench.db").display()));
        Self::alone("qr-login", command, Dialect::qr_login, folder).await
    }

    /// The same with a limit on open files.
    pub async fn with_files(options: &Options, files: usize) -> Result<Self> {
        let folder = folder()?;
        let mut command = limited(node(options, Place::Measured), files);
        command.env("QR_LOGIN_DATABASE_URL", format!("sqlite://{}", folder.path().join("bench.db").display()));
        Self::alone("qr-login", command, Dialect::qr_login, folder).await
    }

    /// Starts nodes on Redis and PostgreSQL. Of two nodes, the PCs talk to one and the phones to the other.
    pub async fn on_engines(options: &Options, nodes: Nodes) -> Result<Self> {
        let folder = folder()?;
        let redis = engine::redis(&options.cores, folder.path()).await?;
        let postgres = engine::postgres(&options.cores, folder.path()).await?;
        let start = async |name: &str, place: Place| {
            let mut command = node(options, place);
            command
                .env("QR_LOGIN_REDIS_URL", &redis.url)
                .env("QR_LOGIN_DATABASE_URL", &postgres.url)
                .env("QR_LOGIN_SIGNING_KEY_FILE", folder.path().join("key.pem"))
                .env("QR_LOGIN_PUBLIC_URL", format!("http://{PUBLIC_HOST}"));
            let mut process = Process::start(name, command, folder.path())?;
            let address = process.address().await?;
            anyhow::Ok((process, address))
        };
        let (server, pc) = start("node A", Place::Measured).await?;
        let (other, phone) = match nodes {
            Nodes::One => (None, pc),
            Nodes::Two => {
                let (process, address) = start("node B", Place::Beside).await?;
                (Some(process), address)
            }
        };
        Ok(Self {
            dialect: Dialect::qr_login(PUBLIC_HOST.to_owned()),
            server,
            pc,
            phone,
            _other_node: other,
            _engines: vec![redis, postgres],
            _folder: folder,
        })
    }

    /// Starts the tutorial's server, in Node.js.
    pub async fn tutorial(options: &Options) -> Result<Self> {
        Self::alone("tutorial", node_js(options, "server.js")?, Dialect::tutorial, folder()?).await
    }

    /// Starts bare axum handlers that respond with bodies of these sizes.
    pub async fn bare_axum(options: &Options, sizes: &[usize]) -> Result<Self> {
        let driver = std::env::current_exe().context("looking for the driver's own binary")?;
        let mut command = pinned(&options.cores, Place::Measured, driver);
        command.arg(bare_axum::SUBCOMMAND).args(sizes.iter().map(usize::to_string));
        Self::alone("bare axum", command, Dialect::qr_login, folder()?).await
    }

    async fn alone(name: &str, command: Command, dialect: fn(String) -> Dialect, folder: TempDir) -> Result<Self> {
        let mut server = Process::start(name, command, folder.path())?;
        let address = server.address().await?;
        Ok(Self {
            dialect: dialect(address.to_string()),
            server,
            pc: address,
            phone: address,
            _other_node: None,
            _engines: Vec::new(),
            _folder: folder,
        })
    }
}

/// Creates the command for a script of `benches/baseline` as the measured process.
pub fn node_js(options: &Options, script: &str) -> Result<Command> {
    let home = root().join("benches/baseline");
    ensure!(home.join("node_modules").is_dir(), "run `npm ci` in benches/baseline first");
    let mut command = pinned(&options.cores, Place::Measured, "node");
    command.arg(home.join(script)).env("PORT", "0").env("NODE_ENV", "production");
    Ok(command)
}

/// Creates the command for the server with default settings, but a quiet log.
pub fn unset(options: &Options, place: Place) -> Command {
    let mut command = pinned(&options.cores, place, &options.server);
    // Removes settings of the environment.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("QR_LOGIN_")) {
        command.env_remove(name);
    }
    command.arg("serve").env("QR_LOGIN_LOG", "warn");
    command
}

/// Creates the command for a node, with the settings that all nodes share.
fn node(options: &Options, place: Place) -> Command {
    let mut command = unset(options, place);
    command
        .arg("--demo")
        .env("QR_LOGIN_ADDR", "127.0.0.1:0")
        .env("QR_LOGIN_RATE_LIMIT", "off")
        .env("QR_LOGIN_TICKET_TTL", TICKET_TTL);
    command
}

/// Limits the number of open files of a command.
fn limited(command: Command, files: usize) -> Command {
    let mut limited = Command::new("prlimit");
    limited.arg(format!("--nofile={files}:{files}")).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}

/// Creates a temporary folder that PostgreSQL's user can access.
pub fn folder() -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("qr-login-bench-").permissions(Permissions::from_mode(0o755));
    builder.tempdir().context("making a temporary folder")
}
