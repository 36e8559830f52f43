//! A thief has a signed-in phone, or only its token, which does not expire. The operator changes the account's
//! password, or disables it for a while: every existing session must end, and none may come back.

use super::server::{PASSWORD, Server, until};
use clock::now;
use futures::future::join_all;
use service::security::password::Passwords;
use service::security::random::Random;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::connect::Database;
use tempfile::TempDir;
use testkit::{Client, Pc, Phone, browser_phone, signed_in_pc};

const NEW_PASSWORD: &str = "battery staple";

/// Starts a server on a database file that the operator's commands use, too.
async fn site() -> (TempDir, String, Server) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("site.db").display());
    let server = Server::with(&["--database-url", &url]).await;
    (folder, url, server)
}

/// Runs an operator's command and returns its output.
fn operator(folder: &Path, database_url: &str, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qr-login"));
    command.args(arguments).env("QR_LOGIN_DATABASE_URL", database_url).current_dir(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Signs in the thief's phone and a PC that it approves. The owner's own phone is a third session.
async fn theft(server: &Server, account: &str) -> (Phone, Client) {
    Phone::new(server, account).await;
    let thief = Phone::new(server, account).await;
    let (_, pc) = signed_in_pc(server, &thief).await;
    (thief, pc)
}

async fn are_out(thief: &Phone, pc: &Client) {
    thief.user_info().await.refused(401, "token_revoked");
    pc.get("/api/userinfo").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn a_new_password_ends_every_session_that_the_old_one_began() {
    let (folder, url, server) = site().await;
    let (thief, pc) = theft(&server, "dong").await;
    let bystander = Phone::new(&server, "guang").await;
    let said = operator(folder.path(), &url, &["user", "password", "dong"], NEW_PASSWORD);
    assert!(said.contains("ended 3 sessions"), "{said}");
    are_out(&thief, &pc).await;
    let id = Pc::new(&server).ticket().await;
    thief.scan(&id).await.refused(401, "token_revoked");
    bystander.user_info().await.ok();
    let again = [("username", "dong"), ("password", PASSWORD), ("device_id", thief.device.as_str())];
    Client::new(&server).post("/api/login", &again).await.refused(401, "invalid_credentials");
    Client::new(&server).post("/api/login", &[("username", "dong"), ("password", NEW_PASSWORD)]).await.ok();
}

#[tokio::test]
async fn an_account_that_was_disabled_for_a_while_comes_back_without_its_sessions() {
    let (folder, url, server) = site().await;
    let (thief, pc) = theft(&server, "dong").await;
    let said = operator(folder.path(), &url, &["user", "disable", "dong"], "");
    assert!(said.contains("ended 3 sessions"), "{said}");
    are_out(&thief, &pc).await;
    operator(folder.path(), &url, &["user", "enable", "dong"], "");
    are_out(&thief, &pc).await;
    Phone::new(&server, "dong").await.user_info().await.ok();
    // Repeating it, or enabling an account that is already enabled, ends no more sessions.
    let said = operator(folder.path(), &url, &["user", "enable", "dong"], "");
    assert!(said.contains("enabled dong"), "{said}");
    let said = operator(folder.path(), &url, &["user", "sign-out", "dong"], "");
    assert!(said.contains("ended 1 session\n"), "{said}");
}

#[tokio::test]
async fn the_operator_signs_an_account_out_everywhere() {
    let (folder, url, server) = site().await;
    let (thief, pc) = theft(&server, "dong").await;
    let said = operator(folder.path(), &url, &["user", "sign-out", "dong"], "");
    assert!(said.contains("ended 3 sessions"), "{said}");
    are_out(&thief, &pc).await;
    Phone::new(&server, "dong").await.user_info().await.ok();
}

/// The thief knows the old password, too, and changes it at the same moment as its owner: one of the two new passwords
/// counts, and only the session that set it stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_people_who_change_it_at_once_one_is_left() {
    let server = Server::start().await;
    server.account("dong").await;
    let rivals = join_all(["owner's own words", "the thief's words"].map(async |new| {
        let client = browser_phone(&server, "dong").await;
        (client, new)
    }))
    .await;
    let changes = rivals.iter().map(|(client, new)| {
        let (client, new) = (client.clone(), (*new).to_owned());
        let fields = async move {
            client.post("/api/settings/password", &[("password", PASSWORD), ("new_password", &new)]).await
        };
        tokio::spawn(fields)
    });
    let outcomes: Vec<_> = join_all(changes.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    let winner = outcomes.iter().position(|answer| answer.status == 200).unwrap();
    // The other one found a wrong password, or was signed out before it was asked for.
    assert_eq!(outcomes[1 - winner].status, 401);
    rivals[winner].0.get("/api/userinfo").await.ok();
    rivals[1 - winner].0.get("/api/userinfo").await.refused(401, "token_revoked");
    for (at, (_, new)) in rivals.iter().enumerate() {
        let answer = Client::new(&server).post("/api/login", &[("username", "dong"), ("password", new)]).await;
        assert_eq!(answer.status == 200, at == winner);
    }
}

/// The thief knows the old password and retries continuously, so that some attempts are verified while the new one is
/// set.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_verified_while_the_password_changes_does_not_outlive_it() {
    let (_folder, url, server) = site().await;
    server.account("dong").await;
    // The operator's process computes its own hash, and does not wait behind the thief's attempts.
    let store = Database::open(&url).await.unwrap().accounts;
    let hash = Passwords::new(Random::default()).unwrap().hash(NEW_PASSWORD.to_owned()).await.unwrap();
    let answered = Arc::new(AtomicUsize::new(0));
    let tries = (0..24).map(|_| {
        let (client, answered) = (Client::new(&server), Arc::clone(&answered));
        tokio::spawn(async move {
            let answer = client.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await;
            answered.fetch_add(1, Ordering::SeqCst);
            (answer, client)
        })
    });
    let tries: Vec<_> = tries.collect();
    // Some attempts have finished, the others have read the old hash and wait for a core.
    until(|| answered.load(Ordering::SeqCst) >= 2).await;
    store.set_password("dong", &hash, now()).await.unwrap();
    for outcome in join_all(tries).await {
        let (answer, client) = outcome.unwrap();
        if answer.status == 200 {
            client.get("/api/userinfo").await.refused(401, "token_revoked");
        }
    }
}
