//! Runs a sample configuration in the real nginx, on loopback, without root.

use super::certificate::Certificate;
use super::documents::with;
use super::https::Https;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use tempfile::TempDir;
use testkit::until;
use testkit::{Process, free_port};

/// nginx with one sample in its `http` block.
pub struct Nginx {
    /// The port for plain HTTP.
    pub plain_port: u16,
    pub https: Https,
    _process: Process,
    _folder: TempDir,
}

impl Nginx {
    /// Starts it with the sample, in which only ports and paths are replaced, as given by `upstreams`.
    pub async fn start(sample: &str, upstreams: &[(&str, SocketAddr)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::new(folder.path());
        let (port, plain_port) = (free_port(), free_port());
        let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
        let mut site = with(
            sample,
            &[
                ("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;")),
                ("listen 80;", &format!("listen 127.0.0.1:{plain_port};")),
                ("/etc/ssl/login.example.com.pem", &path(&certificate.certificate)),
                ("/etc/ssl/login.example.com.key", &path(&certificate.key)),
            ],
        );
        for (written, address) in upstreams {
            site = with(&site, &[(written, &address.to_string())]);
        }
        let home = path(folder.path());
        let main = format!(
            "daemon off; master_process off; pid {home}/nginx.pid; error_log stderr warn;\n\
             worker_rlimit_nofile 4000; events {{ worker_connections 2000; }}\n\
             http {{ access_log off; client_body_temp_path {home}/t; proxy_temp_path {home}/t;\n\
             fastcgi_temp_path {home}/t; uwsgi_temp_path {home}/t; scgi_temp_path {home}/t;\n{site}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, main).unwrap();
        let arguments = ["-p", &home, "-c", &path(&file)].map(str::to_owned);
        // Also checks that nginx prints no warning.
        let checked = program().args(&arguments).arg("-t").output().expect(ADVICE);
        let words = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(checked.status.success() && !words.contains("[warn]"), "{words}");
        let mut command = program();
        command.args(&arguments);
        let mut process = Process::spawn("nginx", command, &folder.path().join("log"), "TERM");
        let https = Https::new(port, &certificate.certificate);
        until("nginx serves", async || {
            process.expect_alive(ADVICE);
            https.is_ready().await.then_some(())
        })
        .await;
        Self { plain_port, https, _process: process, _folder: folder }
    }
}

const ADVICE: &str = "Is the package nginx installed? `make test` does that.";

/// Debian installs it outside of some users' path.
fn program() -> Command {
    let mut command = Command::new("nginx");
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command
}
