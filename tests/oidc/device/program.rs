//! `qr-login device-login` against a server, with a person's phone.

use super::super::provider::Provider;
use super::prepare;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use testkit::Phone;
use testkit::program::without_settings;
use tokio::task::block_in_place;

/// A running program. Stopped when the test is over.
struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
}

/// What it left: its exit code, and the rest of its output.
type End = (Option<i32>, String, String);

impl Program {
    fn start(provider: &Provider, arguments: &[&str]) -> Self {
        let mut command = without_settings(env!("CARGO_BIN_EXE_qr-login"), &std::env::temp_dir());
        command.arg("device-login").args(arguments);
        if !arguments.contains(&"--issuer") {
            command.args(["--issuer", &provider.issuer()]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: BufReader::new(out), err: BufReader::new(err) }
    }

    /// Reads the line of JSON that shows the codes. Returns it, and the ticket.
    fn codes(&mut self) -> (Value, String) {
        let mut line = String::new();
        block_in_place(|| self.out.read_line(&mut line)).unwrap();
        let shown: Value = serde_json::from_str(&line).unwrap();
        let ticket = shown["verification_uri_complete"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
        (shown, ticket)
    }

    /// Reads what a person sees, until the program waits.
    fn screen(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        while !seen.last().is_some_and(|line: &String| line.contains("Waiting")) {
            let mut line = String::new();
            assert!(block_in_place(|| self.err.read_line(&mut line)).unwrap() > 0, "{seen:?}");
            seen.push(line.trim_end_matches('\n').to_owned());
        }
        seen
    }

    fn end(mut self) -> End {
        block_in_place(|| {
            let (mut out, mut err) = (String::new(), String::new());
            self.out.read_to_string(&mut out).unwrap();
            self.err.read_to_string(&mut err).unwrap();
            (self.child.wait().unwrap().code(), out, err)
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_prints_the_tokens_once_the_person_has_confirmed() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let scope = "openid profile offline_access";
    let mut program = Program::start(&provider, &["--client", "tv", "--scope", scope, "--json"]);
    let (shown, ticket) = program.codes();
    assert_eq!(shown.get("device_code"), None);
    let scanned = phone.scan(&ticket).await;
    assert_eq!(scanned.ok()["requester"]["user_code"], shown["user_code"]);
    phone.confirm(&ticket, &scanned.text("confirm_token")).await.ok();
    let (code, out, err) = program.end();
    assert_eq!(code, Some(0), "{err}");
    let tokens: Value = serde_json::from_str(&out).unwrap();
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    provider.userinfo(tokens["access_token"].as_str().unwrap()).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_person_sees_the_page_the_code_and_a_drawing_of_both() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let mut program = Program::start(&provider, &["--client", "tv", "--light"]);
    let seen = program.screen();
    let page = seen.iter().position(|line| line.trim() == format!("{}/device", provider.issuer())).unwrap();
    let user_code = seen[page + 1].trim().parse().unwrap();
    let id = provider.app.tickets.by_user_code(user_code).await.unwrap().id;
    // That a reader decodes what is drawn is for the test of the drawing.
    let url = format!("{}/confirm?id={id}", provider.issuer());
    let drawn = service::qr::terminal::draw(&url, service::qr::terminal::Paint::OnLight).unwrap();
    assert!(seen.join("\n").contains(drawn.trim_end_matches('\n')), "{}", seen.join("\n"));
    let token = phone.token_for(&id.to_string()).await;
    phone.cancel(&id.to_string(), &token).await.ok();
    let (code, out, _) = program.end();
    assert_eq!((code, out.as_str()), (Some(3), ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_work_is_said_at_once() {
    let provider = Provider::start().await;
    prepare(&provider);
    for (arguments, expected, says) in [
        (&["--client", "patient"][..], 1, "invalid_client"),
        (&["--client", "nobody"], 1, "invalid_client"),
        (&["--client", "tv", "--scope", "root"], 1, "invalid_scope"),
        (&["--issuer", "http://login.example"], 1, "https://"),
        (&["--issuer", "http://127.0.0.1:1"], 5, "cannot reach"),
        (&["--light", "--dark"], 2, "--dark"),
    ] {
        let (code, out, err) = Program::start(&provider, arguments).end();
        assert_eq!((code, out.as_str()), (Some(expected), ""), "{err}");
        assert!(err.contains(says), "{says}: {err}");
    }
}
