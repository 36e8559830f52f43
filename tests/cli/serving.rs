//! `qr-login serve`, from its first output to its graceful shutdown.

use super::program::Place;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

/// A running server, stopped at the end of the test.
pub struct Server {
    child: Child,
    /// Its output until it was ready.
    words: Vec<String>,
    pub url: String,
}

impl Server {
    /// Starts the program on a free port and reads its output up to the line that begins with `until`.
    pub fn start(place: &Place, arguments: &[&str], until: &str) -> Self {
        Self::start_with(place, arguments, &[], until)
    }

    /// The same with these variables.
    pub fn start_with(place: &Place, arguments: &[&str], variables: &[(&str, &str)], until: &str) -> Self {
        let mut command = place.program(arguments);
        command.envs(variables.iter().copied());
        command.env("QR_LOGIN_ADDR", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut words = Vec::new();
        while !words.last().is_some_and(|line: &String| line.trim_start().starts_with(until)) {
            words.push(lines.next().expect("the server announces that it is ready").unwrap());
        }
        let url = words.iter().find_map(|line| line.trim().strip_prefix("PC ")).expect("an address").trim().to_owned();
        Self { child, words, url }
    }

    /// Returns its process id.
    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Stops it as a service manager does, and returns whether it exited successfully, and its log.
    pub fn stop(mut self) -> (bool, String) {
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status().unwrap();
        assert!(asked.success());
        let ended_well = self.child.wait().unwrap().success();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (ended_well, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the body of a successful response.
pub async fn get(url: &str, path: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(format!("{url}{path}")).send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
}

async fn sign_in(url: &str, name: &str, password: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = format!("username={name}&password={password}");
    let request = client.post(format!("{url}/api/login")).header("content-type", "application/x-www-form-urlencoded");
    request.body(form).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_demo_prints_its_accounts_and_lets_them_sign_in() {
    let place = Place::new();
    let server = Server::start(&place, &["serve", "--demo"], "account guang");
    let said = server.words.join("\n");
    for text in ["qr-login is ready", "phone", "dong", "111", "guang", "222", "--addr 0.0.0.0:"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert_eq!(sign_in(&server.url, "dong", "111").await, 200);
    assert_eq!(sign_in(&server.url, "guang", "222").await, 200);
    assert_eq!(sign_in(&server.url, "guang", "111").await, 401);
    let (ended_well, log) = server.stop();
    assert!(ended_well, "{log}");
    assert!(log.to_lowercase().contains("demo"), "it warns: {log}");
    for secret in ["password=", "eyJ", "$argon2"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn without_demo_there_are_no_accounts_and_data_survives_a_restart() {
    let place = Place::new();
    let server = Server::start(&place, &[], "phone");
    assert_eq!(sign_in(&server.url, "dong", "111").await, 401);
    assert!(server.stop().0);
    place.run_with(&["user", "add", "li"], &[], "correct-horse\n").ok();
    let keys: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .collect();
    assert_eq!(keys.len(), 1, "the key stands beside the database: {keys:?}");
    assert_eq!(fs::metadata(&keys[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read(&keys[0]).unwrap();

    let server = Server::start(&place, &["serve"], "phone");
    assert_eq!(sign_in(&server.url, "li", "correct-horse").await, 200);
    place.run(&["user", "disable", "li"]).ok();
    assert_eq!(sign_in(&server.url, "li", "correct-horse").await, 401, "while the server runs");
    assert!(server.stop().0);
    assert_eq!(fs::read(&keys[0]).unwrap(), key);
}

#[tokio::test]
async fn the_json_log_is_one_object_per_line() {
    let place = Place::new();
    let server = Server::start(&place, &["--log-format", "json", "--database-url", "sqlite::memory:"], "phone");
    assert_eq!(sign_in(&server.url, "dong", "111").await, 401);
    let (ended_well, log) = server.stop();
    assert!(ended_well, "{log}");
    assert!(log.lines().count() >= 1);
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
}

#[tokio::test]
async fn dangerous_settings_log_a_warning() {
    let place = Place::new();
    let dangerous = ["--rate-limit", "off", "--trusted-proxies", "10.0.0.0/8,0.0.0.0/0,fd00::/8,::/0"];
    let log = Server::start(&place, &dangerous, "phone").stop().1;
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    for setting in ["QR_LOGIN_RATE_LIMIT=off", "QR_LOGIN_TRUSTED_PROXIES: 0.0.0.0/0", "QR_LOGIN_TRUSTED_PROXIES: ::/0"]
    {
        assert!(warnings.iter().any(|line| line.contains(setting)), "{setting}: {log}");
    }
    assert_eq!(warnings.len(), 3, "there are other warnings: {log}");
    let log = Server::start(&place, &["--trusted-proxies", "127.0.0.1"], "phone").stop().1;
    assert!(!log.contains(" WARN "), "{log}");
}

#[tokio::test]
async fn an_untrusted_proxy_logs_one_warning() {
    let place = Place::new();
    let server = Server::start(&place, &["--trusted-proxies", "10.0.0.1"], "phone");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..3 {
        let request = client.get(&server.url).header("x-forwarded-for", "203.0.113.7");
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let (_, log) = server.stop();
    assert_eq!(log.matches("QR_LOGIN_TRUSTED_PROXIES").count(), 1, "{log}");
    assert!(log.contains("127.0.0.1") && !log.contains("203.0.113.7"), "{log}");
}

#[tokio::test]
async fn a_server_goes_on_although_nobody_reads_what_it_says() {
    let place = Place::new();
    let address = format!("127.0.0.1:{}", testkit::free_port());
    let mut command = place.program(&["serve", "--demo", "--addr", &address]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = || client.get(format!("http://{address}/healthz")).send();
    testkit::until("it answers", async || request().await.ok().filter(|answer| answer.status() == 200)).await;
    assert_eq!(sign_in(&format!("http://{address}"), "dong", "111").await, 200);
    assert!(child.try_wait().unwrap().is_none(), "it still runs");
    child.kill().unwrap();
    child.wait().unwrap();
}
