//! What is specific to a file: it outlives the process, and several processes may open it.

use super::backends::Database;
use super::samples::{account, known_device, name, pc_session, person, phone_session};
use clock::now;
use futures::future::join_all;
use std::path::Path;
use std::sync::Arc;
use store::connect::{self, ConnectError, database_file};
use store::sqlite::Sqlite;
use store::{RevokeScope, StoreError};

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let database = Database::at(&file).await;
    let account = person(&database).await;
    let device = known_device(&database, account.id).await;
    let phone = phone_session(&device, now());
    let (pc, ended) = (pc_session(account.id, now()), pc_session(account.id, now()));
    for session in [&phone, &pc, &ended] {
        database.sessions.put_session(session).await.unwrap();
    }
    let at = now();
    database.sessions.revoke_sessions(account.id, &RevokeScope::One(ended.id), at).await.unwrap();
    drop(database);

    let database = Database::at(&file).await;
    let found = database.accounts.credentials(&account.username).await.unwrap().unwrap();
    assert_eq!((&found.account, found.password_hash.reveal()), (&account, "$hash"));
    for session in [&phone, &pc] {
        assert_eq!(database.sessions.session(session.id).await.unwrap(), Some((session.clone(), account.clone())));
    }
    assert_eq!(database.sessions.put_session(&phone_session(&device, now())).await.unwrap(), [phone.id]);
    let (session, _) = database.sessions.session(ended.id).await.unwrap().unwrap();
    assert_eq!(session.revoked_at, Some(at));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_connections_to_one_file_see_each_others_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shared.db");
    let (one, other) = (Database::at(&file).await, Database::at(&file).await);
    let account = person(&one).await;
    let device = known_device(&other, account.id).await;
    let first = phone_session(&device, now());
    assert_eq!(one.sessions.put_session(&first).await.unwrap(), []);
    let second = phone_session(&device, now());
    assert_eq!(other.sessions.put_session(&second).await.unwrap(), [first.id]);
    assert!(one.sessions.session(first.id).await.unwrap().unwrap().0.revoked_at.is_some());
    assert!(other.accounts.set_disabled(&account.username, true, now()).await.unwrap().is_some());
    assert!(one.accounts.account(account.id).await.unwrap().unwrap().disabled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_connections_to_one_file_do_not_block_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("busy.db");
    let handles = [Database::at(&file).await, Database::at(&file).await];
    let owner = person(&handles[0]).await.id;
    let device = known_device(&handles[0], owner).await;
    let wanted = name("wanted");
    let tasks = (0..24).map(|number| {
        let (accounts, sessions) = (&handles[number % 2].accounts, &handles[number % 2].sessions);
        let (accounts, sessions) = (Arc::clone(accounts), Arc::clone(sessions));
        let (account, session) = (account(&wanted), phone_session(&device, now()));
        tokio::spawn(async move {
            let ended = sessions.put_session(&session).await.unwrap();
            match accounts.add_account(&account, "$hash", now()).await {
                Ok(()) => (ended.len(), 1),
                Err(StoreError::Exists) => (ended.len(), 0),
                Err(error) => panic!("{error}"),
            }
        })
    });
    let outcomes: Vec<(usize, usize)> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().map(|(ended, _)| ended).sum::<usize>(), 23);
    assert_eq!(outcomes.iter().map(|(_, added)| added).sum::<usize>(), 1);
    assert_eq!(handles[1].sessions.sessions(owner, now()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_file_can_be_opened_concurrently() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("new.db").display());
    let opened = join_all((0..4).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { Sqlite::open(&url).await })
    }))
    .await;
    for outcome in opened {
        outcome.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_an_error_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear all, this is a letter and not a database. ".repeat(100)).unwrap();
    let nowhere = folder.path().join("no such folder").join("a.db");
    for file in [&text, &nowhere, &folder.path().to_owned()] {
        let outcome = connect::Database::open(&format!("sqlite://{}", file.display())).await;
        assert!(matches!(outcome, Err(ConnectError::Database(_))), "{}", file.display());
    }
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("Dear all"));
    assert!(matches!(connect::Database::open("redis://localhost").await, Err(ConnectError::DatabaseUrl)));
}

#[tokio::test]
async fn databases_in_memory_are_separate() {
    let (one, other) = (
        connect::Database::open("sqlite::memory:").await.unwrap(),
        connect::Database::open("sqlite::memory:").await.unwrap(),
    );
    let account = account(&name("lonely"));
    one.accounts.add_account(&account, "$hash", now()).await.unwrap();
    assert_eq!(other.accounts.accounts().await.unwrap(), []);
}

#[test]
fn the_database_file_is_derived_from_the_url() {
    for (url, file) in [
        ("sqlite://qr-login.db", Some("qr-login.db")),
        ("sqlite:qr-login.db", Some("qr-login.db")),
        ("sqlite:///data/qr-login.db?mode=rwc", Some("/data/qr-login.db")),
        ("sqlite::memory:", None),
        ("sqlite://:memory:", None),
        ("sqlite:", None),
        ("postgres://localhost/a", None),
    ] {
        assert_eq!(database_file(url).as_deref(), file.map(Path::new), "{url}");
    }
}
