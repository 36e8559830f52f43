//! Someone who knows the tutorial tries `dong` and `111` on a real site. The operator has tried demo mode in the same
//! folder before, and nothing warned that its accounts still exist.

use super::server::within;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use testkit::{Client, Fields};

const DONG: Fields<'_> = &[("username", "dong"), ("password", "111")];

/// The real program, stopped at the end of the test.
struct Site {
    process: Child,
    url: String,
    /// Kept open, or the program could not write to it.
    _words: BufReader<ChildStdout>,
}

impl Site {
    /// Starts it in that folder as the operator would, with its log going to the file `log`.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut process = program(folder, arguments).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut words = BufReader::new(process.stdout.take().unwrap());
        let mut lines = words.by_ref().lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.trim().strip_prefix("PC ").map(|url| url.trim().to_owned())).unwrap();
        Self { process, url, _words: words }
    }

    async fn sign_in(&self) -> u16 {
        Client::new(&self.url).post("/api/login", DONG).await.status.as_u16()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qr-login"));
    testkit::program::forget_settings(&mut command);
    command.args(arguments).current_dir(folder).env("QR_LOGIN_ADDR", "127.0.0.1:0");
    command
}

/// Waits until the log has a line with all of these.
async fn until_logged(folder: &Path, texts: &[&str]) -> String {
    within(async {
        loop {
            let log = std::fs::read_to_string(folder.join("log")).unwrap();
            if log.lines().any(|line| texts.iter().all(|text| line.contains(text))) {
                return log;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn demo_accounts_are_not_in_the_sites_database() {
    let folder = tempfile::tempdir().unwrap();
    // The flag may come before or after the command.
    for arguments in [&["serve", "--demo"][..], &["--demo", "serve"], &["--demo"]] {
        let demonstration = Site::start(folder.path(), arguments);
        assert_eq!(demonstration.sign_in().await, 200, "{arguments:?}");
        drop(demonstration);
        assert!(!folder.path().join("qr-login.db").exists(), "{arguments:?}");
        assert!(folder.path().join("qr-login-demo.db").exists(), "{arguments:?}");
    }
    let site = Site::start(folder.path(), &["serve"]);
    assert_eq!(site.sign_in().await, 401);
    assert!(folder.path().join("qr-login.db").exists());
}

#[tokio::test]
async fn a_site_with_demo_accounts_warns_at_every_start_until_they_are_disabled() {
    let folder = tempfile::tempdir().unwrap();
    let database = ["--database-url", "sqlite://site.db"];
    drop(Site::start(folder.path(), &["serve", "--demo", database[0], database[1]]));
    for _ in 0..2 {
        let site = Site::start(folder.path(), &["serve", database[0], database[1]]);
        assert_eq!(site.sign_in().await, 200);
        until_logged(folder.path(), &["WARN", "dong", "password of the demonstration", "user disable dong"]).await;
        until_logged(folder.path(), &["WARN", "guang", "password of the demonstration"]).await;
    }
    let disabled = program(folder.path(), &["user", "disable", "dong", database[0], database[1]]).output().unwrap();
    assert!(disabled.status.success());
    let site = Site::start(folder.path(), &["serve", database[0], database[1]]);
    assert_eq!(site.sign_in().await, 401);
    let log = until_logged(folder.path(), &["guang", "password of the demonstration"]).await;
    assert!(!log.contains("dong"), "it looks for dong first: {log}");
}

#[tokio::test]
async fn a_public_demo_logs_two_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), &["serve", "--demo", "--public-url", "https://login.example"]);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for text in ["demo mode: anybody can sign in", "demo mode at an https address"] {
        assert!(log.lines().any(|line| line.contains("WARN") && line.contains(text)), "{text}: {log}");
    }
    drop(site);
}
