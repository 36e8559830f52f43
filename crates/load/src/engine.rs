//! Redis and PostgreSQL for one measurement, run by `scripts/engine.sh`; ready once started.

use crate::cores::{Cores, Place};
use crate::options::root;
use crate::process::{Process, START, pinned};
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How to probe an engine, and how its response begins if it is ready.
struct Greeting {
    question: &'static [u8],
    answer: u8,
}

const REDIS: Greeting = Greeting { question: b"PING\r\n", answer: b'+' };
/// A startup message of protocol 3.0 for the user and the database `qr_login`. `R` requests, or skips, authentication.
const POSTGRES: Greeting =
    Greeting { question: b"\0\0\0\x29\0\x03\0\0user\0qr_login\0database\0qr_login\0\0", answer: b'R' };

#[derive(Debug)]
pub struct Engine {
    // Stopped on drop.
    _process: Process,
    pub url: String,
}

pub async fn redis(cores: &Cores, folder: &Path) -> Result<Engine> {
    let (process, port) = start("redis", cores, folder, &REDIS).await?;
    Ok(Engine { _process: process, url: format!("redis://127.0.0.1:{port}") })
}

pub async fn postgres(cores: &Cores, folder: &Path) -> Result<Engine> {
    let (process, port) = start("postgres", cores, folder, &POSTGRES).await?;
    Ok(Engine { _process: process, url: format!("postgres://qr_login@127.0.0.1:{port}/qr_login") })
}

async fn start(engine: &str, cores: &Cores, folder: &Path, greeting: &Greeting) -> Result<(Process, u16)> {
    let port = free_port()?;
    let mut command = pinned(cores, Place::Beside, root().join("scripts/engine.sh"));
    command.arg(engine).arg(folder.join(engine)).arg(port.to_string());
    let mut process = Process::start(engine, command, folder)?;
    let deadline = Instant::now() + START;
    while !answers(port, greeting).await {
        process.check(deadline)?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok((process, port))
}

async fn answers(port: u16, greeting: &Greeting) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()?;
        stream.write_all(greeting.question).await.ok()?;
        stream.read_u8().await.ok()
    };
    timeout(Duration::from_secs(1), exchange).await.ok().flatten() == Some(greeting.answer)
}

/// Returns a port that was free a moment ago.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    Ok(listener.local_addr().context("looking for a free port")?.port())
}
