//! A real proxy with a configuration of docs/deploy, in which only hosts, ports and paths are replaced.

use super::certificate::Certificate;
use super::echo::Echo;
use super::gate::Reply;
use super::https::Https;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use testkit::{Process, free_port, until};

/// A running proxy before an application that echoes each request.
pub struct Engine {
    https: Https,
    _app: Echo,
    _process: Process,
    _folder: TempDir,
}

/// What a configuration is made for.
pub struct Setup<'a> {
    pub folder: &'a Path,
    pub port: u16,
    pub login: String,
    pub app: String,
    pub certificate: String,
    pub key: String,
}

impl Engine {
    /// Starts a proxy before a server at `login` with the command that `prepare` returns.
    pub async fn start(name: &str, login: String, prepare: impl FnOnce(&Setup<'_>) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::new(folder.path());
        let port = free_port();
        let app = Echo::start().await;
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let setup = Setup {
            folder: folder.path(),
            port,
            login,
            app: app.address.to_string(),
            certificate: text(&certificate.certificate),
            key: text(&certificate.key),
        };
        let command = prepare(&setup);
        let mut process = Process::spawn(name, command, &folder.path().join("log"), "TERM");
        let https = Https::new(port, &certificate.certificate);
        until("the proxy serves", async || {
            process.expect_alive("");
            https.is_ready().await.then_some(())
        })
        .await;
        Self { https, _app: app, _process: process, _folder: folder }
    }

    pub async fn send(&self, method: &str, host: &str, path: &str, lines: &[(&str, &str)]) -> Reply {
        let lines = [&[("Host", host)], lines].concat();
        let answer = self.https.connect().await.send(method, path, &lines, "").await;
        Reply { status: answer.status, head: answer.head, body: answer.body }
    }
}
