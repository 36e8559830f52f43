//! The contract of [`AccountStore`](store::AccountStore): what an account says about its person, and its deletion.

use super::backends::Database;
use super::samples::{account, known_device, name, pc_session, person, phone_session};
use clock::now;
use domain::account::{Account, AccountChange, InvalidAccount, Picture, PictureId};
use domain::ids::SessionId;
use futures::future::join_all;
use std::collections::HashSet;
use std::sync::Arc;
use store::{ChangeError, StoreError};
use uuid::Uuid;

macro_rules! people_contract {
    ($backend:ident) => {
        contract! { people, $backend:
            a_change_changes_what_it_names_and_nothing_else
            an_invalid_change_changes_nothing
            concurrent_changes_are_all_made
            a_picture_is_kept_with_its_account
            two_accounts_may_have_the_same_picture
            deleting_an_account_deletes_all_that_is_its_own
            a_deleted_account_gets_no_session_and_no_device
            a_later_account_of_the_same_name_is_another_one
        }
    };
}
pub(super) use people_contract as contract;

/// Returns a picture that no account has.
fn picture() -> Picture {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    // Bytes that are no text, and a NUL.
    Picture { id: PictureId::new(digest), bytes: vec![0xff, 0xd8, 0, 0x27, 0x5c, digest[0]] }
}

fn with_picture(picture: Option<&Picture>) -> AccountChange {
    AccountChange { picture: Some(picture.cloned()), ..AccountChange::default() }
}

async fn changed(database: &Database, account: &Account, change: &AccountChange) -> Account {
    database.accounts.change_account((&account.username).into(), change).await.unwrap().unwrap()
}

pub async fn a_change_changes_what_it_names_and_nothing_else(database: &Database) {
    let (before, other) = (person(database).await, person(database).await);
    let session = pc_session(before.id, now());
    database.sessions.put_session(&session).await.unwrap();
    for change in [
        AccountChange { display_name: Some("张三 '\"".to_owned()), ..AccountChange::default() },
        AccountChange { email: Some(Some("wei@example.com".to_owned())), ..AccountChange::default() },
        AccountChange { email_verified: Some(true), ..AccountChange::default() },
        AccountChange { add_groups: vec!["admins".to_owned()], ..AccountChange::default() },
        AccountChange { email: Some(None), groups: Some(Vec::new()), ..AccountChange::default() },
        AccountChange::default(),
    ] {
        let expected = change.apply(database.accounts.account(before.id).await.unwrap().unwrap()).unwrap();
        assert_eq!(changed(database, &before, &change).await, expected);
        assert_eq!(database.accounts.account(before.id).await.unwrap().as_ref(), Some(&expected));
        let credentials = database.accounts.credentials(&before.username).await.unwrap().unwrap();
        assert_eq!((&credentials.account, credentials.password_hash.reveal()), (&expected, "$hash"));
        assert_eq!(database.sessions.session(session.id).await.unwrap(), Some((session.clone(), expected)));
    }
    assert_eq!(database.accounts.account(other.id).await.unwrap(), Some(other));
}

pub async fn an_invalid_change_changes_nothing(database: &Database) {
    let before = person(database).await;
    let change = AccountChange {
        display_name: Some("somebody else".to_owned()),
        email: Some(Some("no address".to_owned())),
        ..AccountChange::default()
    };
    let outcome = database.accounts.change_account((&before.username).into(), &change).await;
    assert!(matches!(outcome, Err(ChangeError::Invalid(InvalidAccount::Email(_)))), "{outcome:?}");
    assert_eq!(database.accounts.account(before.id).await.unwrap(), Some(before.clone()));
    // It has not kept the account locked.
    changed(database, &before, &AccountChange::default()).await;
}

pub async fn concurrent_changes_are_all_made(database: &Database) {
    let before = person(database).await;
    let groups: Vec<String> = (10..26).map(|number| format!("g{number}")).collect();
    let changes = groups.iter().map(|group| {
        let (store, username) = (Arc::clone(&database.accounts), before.username.clone());
        let change = AccountChange { add_groups: vec![group.clone()], ..AccountChange::default() };
        tokio::spawn(async move { store.change_account((&username).into(), &change).await.unwrap() })
    });
    join_all(changes.collect::<Vec<_>>()).await;
    let expected = AccountChange { add_groups: groups, ..AccountChange::default() }.apply(before.clone()).unwrap();
    assert_eq!(database.accounts.account(before.id).await.unwrap(), Some(expected));
}

pub async fn a_picture_is_kept_with_its_account(database: &Database) {
    let (account, first, second) = (person(database).await, picture(), picture());
    let read = async |picture: &Picture| database.accounts.picture(picture.id).await.unwrap();
    assert_eq!(read(&first).await, None);
    let with_first = changed(database, &account, &with_picture(Some(&first))).await;
    assert_eq!(with_first.avatar_url, Some(first.path()));
    assert_eq!(read(&first).await.as_ref(), Some(&first.bytes));
    // It stays with a change of something else.
    let renamed = AccountChange { display_name: Some("another".to_owned()), ..AccountChange::default() };
    assert_eq!(changed(database, &account, &renamed).await.avatar_url, Some(first.path()));
    assert_eq!(read(&first).await.as_ref(), Some(&first.bytes));
    changed(database, &account, &with_picture(Some(&second))).await;
    assert_eq!((read(&first).await, read(&second).await), (None, Some(second.bytes.clone())));
    assert_eq!(changed(database, &account, &with_picture(None)).await.avatar_url, None);
    assert_eq!(read(&second).await, None);
}

pub async fn two_accounts_may_have_the_same_picture(database: &Database) {
    let (one, other, same) = (person(database).await, person(database).await, picture());
    for account in [&one, &other] {
        changed(database, account, &with_picture(Some(&same))).await;
    }
    changed(database, &one, &with_picture(None)).await;
    assert_eq!(database.accounts.picture(same.id).await.unwrap().as_ref(), Some(&same.bytes));
    changed(database, &other, &with_picture(None)).await;
    assert_eq!(database.accounts.picture(same.id).await.unwrap(), None);
}

pub async fn deleting_an_account_deletes_all_that_is_its_own(database: &Database) {
    let (account, other, its_picture) = (person(database).await, person(database).await, picture());
    changed(database, &account, &with_picture(Some(&its_picture))).await;
    let (device, others_device) = (known_device(database, account.id).await, known_device(database, other.id).await);
    let (phone, pc) = (phone_session(&device, now()), pc_session(account.id, now()));
    let over = phone_session(&device, now());
    let others = phone_session(&others_device, now());
    for session in [&over, &phone, &pc, &others] {
        database.sessions.put_session(session).await.unwrap();
    }
    let ended = database.accounts.delete_account((&account.username).into(), now()).await.unwrap().unwrap();
    let ended: HashSet<SessionId> = ended.into_iter().collect();
    assert_eq!(ended, HashSet::from([phone.id, pc.id]));
    assert_eq!(database.accounts.account(account.id).await.unwrap(), None);
    assert!(database.accounts.credentials(&account.username).await.unwrap().is_none());
    for session in [&over, &phone, &pc] {
        assert_eq!(database.sessions.session(session.id).await.unwrap(), None);
    }
    assert_eq!(database.accounts.picture(its_picture.id).await.unwrap(), None);
    assert_eq!(database.accounts.delete_account((&account.username).into(), now()).await.unwrap(), None);
    assert_eq!(database.sessions.session(others.id).await.unwrap(), Some((others, other)));
}

pub async fn a_deleted_account_gets_no_session_and_no_device(database: &Database) {
    let (gone, other) = (person(database).await, person(database).await);
    let device = known_device(database, gone.id).await;
    database.accounts.delete_account((&gone.username).into(), now()).await.unwrap().unwrap();
    let outcome = database.sessions.put_session(&phone_session(&device, now())).await;
    assert!(matches!(outcome, Err(StoreError::Gone)), "{outcome:?}");
    let outcome = database.sessions.put_device(&device, now()).await;
    assert!(matches!(outcome, Err(StoreError::Gone)), "{outcome:?}");
    // Stored in one batch with sessions of another account, which are kept.
    let sessions: Vec<_> =
        (0..16).map(|number| pc_session(if number % 4 == 0 { gone.id } else { other.id }, now())).collect();
    let outcomes = join_all(sessions.iter().map(|session| database.sessions.put_session(session))).await;
    for (session, outcome) in sessions.iter().zip(outcomes) {
        match outcome {
            Ok(_) => assert_eq!(session.account, other.id),
            Err(error) => assert!(matches!(error, StoreError::Gone) && session.account == gone.id, "{error}"),
        }
    }
    assert_eq!(database.sessions.sessions(other.id, now()).await.unwrap().len(), 12);
}

pub async fn a_later_account_of_the_same_name_is_another_one(database: &Database) {
    let first = person(database).await;
    database.accounts.delete_account((&first.username).into(), now()).await.unwrap().unwrap();
    let second = account(&first.username);
    database.accounts.add_account(&second, "$other", now()).await.unwrap();
    assert_eq!(database.accounts.account(first.id).await.unwrap(), None);
    assert_eq!(database.accounts.account(second.id).await.unwrap(), Some(second));
    let unknown = Account { username: name("unknown"), ..first };
    assert!(
        database
            .accounts
            .change_account((&unknown.username).into(), &AccountChange::default())
            .await
            .unwrap()
            .is_none()
    );
}
