//! Secrets that are compared carelessly, logged, or in a URL.

use crate::oidc::provider::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use testkit::{Answer, Client, bearer};

/// Returns the Rust files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// No secret is compared by `==`: hashes compare in constant time, and everything else is verified by a MAC
#[test]
fn m17_secrets_compared_with_equals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["src", "crates/domain/src", "crates/service/src"].map(|folder| rust_files(&root.join(folder))).concat()
    {
        let text = fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap();
        for line in program.lines().filter(|line| line.contains("reveal()") || line.contains("as_bytes()")) {
            let compares =
                ["== ", "!= ", ".eq(", ".ne(", "starts_with", ".contains("].iter().any(|it| line.contains(it));
            let is_length = line.contains("len()");
            assert!(!(compares && line.contains("reveal()")) || is_length, "{}: {line}", file.display());
        }
    }
    let ids = fs::read_to_string(root.join("crates/domain/src/ids.rs")).unwrap();
    let comparison = ids.split("impl PartialEq for SecretHash").nth(1).unwrap().split("\n}\n").next().unwrap();
    assert!(comparison.contains("ct_eq"), "{comparison}");
    assert!(!ids.contains("derive(PartialEq") || !ids.contains("PartialEq)]\npub struct SecretHash"));
}

/// The real program, stopped at the end of the test.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it with everything in its log, and returns it with its URL.
fn node(folder: &Path, log: &Path) -> (Node, String) {
    let mut program = testkit::program::without_settings(env!("CARGO_BIN_EXE_qr-login"), folder);
    program.args(["serve", "--demo", "--addr", "127.0.0.1:0", "--log", "trace"]).args(flags(folder));
    let mut node = Node(program.stdout(Stdio::piped()).stderr(File::create(log).unwrap()).spawn().unwrap());
    let mut words = BufReader::new(node.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let site = words.find_map(|line| line.trim().strip_prefix("PC ").map(|site| site.trim().to_owned())).unwrap();
    (node, site)
}

/// Signs the demo's person in by a scan, from an authorization request on. Returns all that the browser was answered.
async fn sign_in(browser: &Browser, phone: &Client, changes: testkit::Fields<'_>) -> Vec<Answer> {
    let first = browser.authorize(changes).await;
    let path = response_of(&next_of(&first).unwrap()).remove("next").unwrap();
    let interaction = path.strip_prefix("/oauth/continue?i=").unwrap();
    let ticket = browser.0.post("/api/qrcode/generate", &[("interaction", interaction)]).await.text("id");
    let token = phone.post("/api/qrcode/scan", &[("id", &ticket)]).await.text("confirm_token");
    phone.post("/api/qrcode/confirm", &[("id", &ticket), ("confirm_token", &token)]).await.ok();
    browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.ok();
    vec![first, browser.0.get(&path).await]
}

/// After sign-ins, refreshes, refusals and a sign-out neither the log nor a `Location` has a secret; a code is sent to its
/// app alone
#[tokio::test]
async fn m17_secrets_in_logs_and_urls() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let (node, site) = node(folder.path(), &log);
    let (phone, browser) = (Client::new(&site), Browser(Client::new(&site)));
    phone.post("/api/login", &[("username", "dong"), ("password", "111")]).await.ok();

    let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
    let app = Client::new(&site).always("authorization", &basic);
    let wrong = "a-secret-that-is-wrong";
    let challenge = challenge();
    let request = [
        ("scope", "openid profile offline_access"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let mut answers = sign_in(&browser, &phone, &request).await;
    let code = response_of(&next_of(&answers[1]).unwrap())["code"].clone();
    let exchange = [code_form(&code, CALLBACK), vec![("code_verifier", VERIFIER)]].concat();
    let by_post = [&exchange[..], &[("client_id", "web"), ("client_secret", wrong)]].concat();
    answers.push(Client::new(&site).post("/oauth/token", &by_post).await);
    answers.push(app.post("/oauth/token", &code_form(&code, CALLBACK)).await);
    let tokens: Value = app.post("/oauth/token", &exchange).await.ok();
    let [access, refresh, id] =
        ["access_token", "refresh_token", "id_token"].map(|name| tokens[name].as_str().unwrap());
    let again = app.post("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await.ok();
    bearer(&site, access).get("/oauth/userinfo").await.ok();
    answers.push(Client::new(&site).post("/oauth/userinfo", &[("access_token", access)]).await);
    answers.push(app.post("/oauth/introspect", &[("token", refresh)]).await);
    answers.push(browser.authorize(&[("prompt", "none"), ("id_token_hint", id)]).await);
    answers.push(browser.authorize(&[("prompt", "login"), ("login_hint", "dong")]).await);
    answers.push(app.post("/oauth/token", &exchange).await);
    answers.push(app.post("/oauth/revoke", &[("token", refresh)]).await);
    let query = [("id_token_hint", id), ("post_logout_redirect_uri", "https://app.example/bye")];
    answers.push(browser.0.ask("/oauth/logout", &query).await);
    drop(node);

    let mut secrets = vec![SECRET, VERIFIER, wrong, access, refresh, basic.split_once(' ').unwrap().1];
    let successor = again["refresh_token"].as_str().unwrap();
    secrets.extend([successor, id.rsplit('.').next().unwrap(), "PRIVATE KEY"]);
    let cookies: Vec<String> = ["qr_pc", "qr_browser"].iter().filter_map(|name| browser.0.cookie(name)).collect();
    secrets.extend(cookies.iter().map(String::as_str));
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("DEBUG") && log.contains("event=\"authorize\""), "{log}");
    for secret in secrets.iter().copied().chain([code.as_str()]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the log: {}", line.unwrap_or_default());
    }
    let locations: Vec<String> = answers.iter().map(|answer| answer.header("location")).collect();
    assert!(locations.iter().filter(|location| location.starts_with(CALLBACK)).count() >= 2, "{locations:?}");
    for location in &locations {
        assert!(secrets.iter().all(|secret| !location.contains(secret)), "{location}");
        assert!(!location.contains(&code) || location.starts_with(&format!("{CALLBACK}?code=")), "{location}");
    }
}
