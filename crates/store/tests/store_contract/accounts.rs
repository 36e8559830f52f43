//! The contract of [`AccountStore`](store::AccountStore).

use super::backends::Database;
use super::samples::{MINUTE, account, known_device, name, pc_session, person, phone_session};
use super::sessions::is_living;
use clock::now;
use domain::account::{Account, AccountChange};
use domain::ids::{Secret, SessionId};
use futures::future::join_all;
use std::collections::HashSet;
use std::sync::Arc;
use store::StoreError;
use uuid::Uuid;

macro_rules! account_contract {
    ($backend:ident) => {
        contract! { accounts, $backend:
            it_responds
            an_account_is_read_back_whole
            an_unknown_account_is_none
            concurrent_loads_return_the_right_accounts
            a_username_is_taken_once
            an_id_is_taken_once
            concurrent_adds_of_a_username_succeed_once
            names_are_text_and_nothing_else
            accounts_are_listed_by_name
            a_disabled_account_is_marked_everywhere
            a_disabled_account_can_be_enabled_again
            a_new_password_replaces_the_old_and_nothing_else
            of_two_changes_of_the_same_password_one_counts
            changes_to_an_unknown_account_change_nothing
            every_remedy_for_a_theft_ends_all_sessions_of_only_that_account
            an_account_that_is_enabled_again_has_no_session
        }
    };
}
pub(super) use account_contract as contract;

async fn stored(database: &Database, username: &str) -> Option<(Account, String)> {
    let found = database.accounts.credentials(username).await.unwrap();
    found.map(|credentials| (credentials.account, credentials.password_hash.reveal().to_owned()))
}

pub async fn it_responds(database: &Database) {
    database.accounts.ping().await.unwrap();
}

pub async fn an_account_is_read_back_whole(database: &Database) {
    let with_picture = account(&name("one"));
    let without = Account {
        email: None,
        email_verified: false,
        groups: Vec::new(),
        avatar_url: None,
        display_name: String::new(),
        ..account(&name("other"))
    };
    for account in [with_picture, without] {
        database.accounts.add_account(&account, "$argon2id$…", now()).await.unwrap();
        assert_eq!(database.accounts.account(account.id).await.unwrap().as_ref(), Some(&account));
        let username = account.username.clone();
        assert_eq!(stored(database, &username).await, Some((account, "$argon2id$…".to_owned())));
    }
}

pub async fn an_unknown_account_is_none(database: &Database) {
    let known = person(database).await;
    assert_eq!(database.accounts.account(Uuid::new_v4().into()).await.unwrap(), None);
    for username in [String::new(), name("nobody"), format!("{} ", known.username), known.username[1..].to_owned()] {
        assert_eq!(stored(database, &username).await, None, "{username:?}");
    }
}

pub async fn concurrent_loads_return_the_right_accounts(database: &Database) {
    let people = join_all((0..20).map(|_| person(database))).await;
    let nobody = Uuid::new_v4().into();
    let ids = people.iter().map(|account| account.id).chain([nobody]);
    let found = join_all(ids.map(|id| database.accounts.account(id))).await;
    let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    let expected: Vec<_> = people.into_iter().map(Some).chain([None]).collect();
    assert_eq!(found, expected);
}

pub async fn a_username_is_taken_once(database: &Database) {
    let first = person(database).await;
    let second = account(&first.username);
    let outcome = database.accounts.add_account(&second, "$other", now()).await;
    assert!(matches!(outcome, Err(StoreError::Exists)), "{outcome:?}");
    assert_eq!(stored(database, &first.username).await, Some((first, "$hash".to_owned())));
    assert_eq!(database.accounts.account(second.id).await.unwrap(), None);
}

pub async fn an_id_is_taken_once(database: &Database) {
    let first = person(database).await;
    let second = Account { id: first.id, ..account(&name("other")) };
    let outcome = database.accounts.add_account(&second, "$other", now()).await;
    assert!(matches!(outcome, Err(StoreError::Exists)), "{outcome:?}");
    assert_eq!(database.accounts.account(first.id).await.unwrap(), Some(first));
}

pub async fn concurrent_adds_of_a_username_succeed_once(database: &Database) {
    let username = name("wanted");
    let outcomes = join_all((0..16).map(|_| {
        let (store, account) = (Arc::clone(&database.accounts), account(&username));
        tokio::spawn(async move { (store.add_account(&account, "$hash", now()).await, account) })
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) =
        outcomes.into_iter().map(Result::unwrap).partition(|(outcome, _)| outcome.is_ok());
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|(outcome, _)| matches!(outcome, Err(StoreError::Exists))));
    assert_eq!(stored(database, &username).await.unwrap().0, won[0].1);
}

pub async fn names_are_text_and_nothing_else(database: &Database) {
    for prefix in ["' OR '1'='1", "\"; DROP TABLE accounts; --", "%", "_", "扫码登录", "a\\b", "$1", "?"] {
        let account = account(&name(prefix));
        database.accounts.add_account(&account, "$hash", now()).await.unwrap();
        assert_eq!(stored(database, &account.username).await.map(|found| found.0), Some(account));
        assert_eq!(stored(database, prefix).await, None);
    }
}

pub async fn accounts_are_listed_by_name(database: &Database) {
    let group = name("group");
    for letter in ["c", "a", "b"] {
        database.accounts.add_account(&account(&format!("{group}-{letter}")), "$hash", now()).await.unwrap();
    }
    let listed: Vec<String> = database
        .accounts
        .accounts()
        .await
        .unwrap()
        .into_iter()
        .filter_map(|account| account.username.strip_prefix(&group).map(str::to_owned))
        .collect();
    assert_eq!(listed, ["-a", "-b", "-c"]);
}

pub async fn a_disabled_account_is_marked_everywhere(database: &Database) {
    let (barred, other) = (person(database).await, person(database).await);
    assert!(database.accounts.set_disabled(&barred.username, true, now()).await.unwrap().is_some());
    let barred = Account { disabled: true, ..barred };
    assert_eq!(database.accounts.account(barred.id).await.unwrap().as_ref(), Some(&barred));
    assert_eq!(stored(database, &barred.username).await.unwrap().0, barred);
    let listed = database.accounts.accounts().await.unwrap();
    assert!(listed.contains(&barred) && listed.contains(&other));
}

pub async fn a_disabled_account_can_be_enabled_again(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    for disabled in [true, true, false, false, true] {
        for name in [&account.username, &other.username] {
            assert!(database.accounts.set_disabled(name, true, now()).await.unwrap().is_some());
        }
        assert!(database.accounts.set_disabled(&account.username, disabled, now()).await.unwrap().is_some());
        assert_eq!(database.accounts.account(account.id).await.unwrap().unwrap().disabled, disabled);
        assert!(database.accounts.account(other.id).await.unwrap().unwrap().disabled);
    }
}

pub async fn a_new_password_replaces_the_old_and_nothing_else(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    assert_eq!(database.accounts.set_password(&account.username, "$new", now()).await.unwrap(), Some(Vec::new()));
    assert_eq!(stored(database, &account.username.clone()).await, Some((account, "$new".to_owned())));
    assert_eq!(stored(database, &other.username.clone()).await, Some((other, "$hash".to_owned())));
}

pub async fn of_two_changes_of_the_same_password_one_counts(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    let (own, thief, strangers) =
        (pc_session(account.id, now()), pc_session(account.id, now()), pc_session(other.id, now()));
    for session in [&own, &thief, &strangers] {
        database.sessions.put_session(session).await.unwrap();
    }
    let change = async |id, verified: &str, hash: &str, keep| {
        let verified = Secret::new(verified.to_owned());
        database.accounts.change_password(id, &verified, hash, keep, now()).await.unwrap()
    };
    assert_eq!(change(Uuid::new_v4().into(), "$hash", "$x", own.id).await, None);
    assert_eq!(change(account.id, "$another", "$x", own.id).await, None);
    assert!(is_living(database, account.id, thief.id).await);
    let outcomes = join_all([&own, &thief].map(|session| change(account.id, "$hash", "$new", session.id))).await;
    let won = outcomes.iter().position(Option::is_some).unwrap();
    let (kept, ended) = if won == 0 { (&own, &thief) } else { (&thief, &own) };
    assert_eq!((&outcomes[won], &outcomes[1 - won]), (&Some(vec![ended.id]), &None));
    assert!(is_living(database, account.id, kept.id).await && !is_living(database, account.id, ended.id).await);
    assert!(is_living(database, other.id, strangers.id).await);
    assert_eq!(stored(database, &account.username.clone()).await, Some((account.clone(), "$new".to_owned())));
    database.accounts.set_disabled(&account.username, true, now()).await.unwrap();
    assert_eq!(change(account.id, "$new", "$x", kept.id).await, None, "disabled");
}

pub async fn changes_to_an_unknown_account_change_nothing(database: &Database) {
    let known = person(database).await;
    let session = pc_session(known.id, now());
    database.sessions.put_session(&session).await.unwrap();
    for nobody in [name("nobody"), "%".to_owned(), String::new(), known.username[..9].to_owned()] {
        assert_eq!(database.accounts.set_disabled(&nobody, true, now()).await.unwrap(), None);
        assert_eq!(database.accounts.set_disabled(&nobody, false, now()).await.unwrap(), None);
        assert_eq!(database.accounts.set_password(&nobody, "$new", now()).await.unwrap(), None);
        assert_eq!(database.accounts.sign_out(&nobody, now()).await.unwrap(), None);
        let change = AccountChange { display_name: Some("?".to_owned()), ..AccountChange::default() };
        assert_eq!(database.accounts.change_account((&nobody).into(), &change).await.unwrap(), None);
        assert_eq!(database.accounts.delete_account((&nobody).into(), now()).await.unwrap(), None);
    }
    assert!(is_living(database, known.id, session.id).await);
    assert_eq!(stored(database, &known.username.clone()).await, Some((known, "$hash".to_owned())));
}

/// What an operator may do with an account whose phone was stolen.
#[derive(Clone, Copy, Debug)]
enum Remedy {
    Disable,
    NewPassword,
    SignOut,
}

impl Remedy {
    async fn apply(self, database: &Database, username: &str) -> Vec<SessionId> {
        let accounts = &database.accounts;
        let outcome = match self {
            Self::Disable => accounts.set_disabled(username, true, now()).await,
            Self::NewPassword => accounts.set_password(username, "$new", now()).await,
            Self::SignOut => accounts.sign_out(username, now()).await,
        };
        outcome.unwrap().unwrap()
    }
}

pub async fn every_remedy_for_a_theft_ends_all_sessions_of_only_that_account(database: &Database) {
    for remedy in [Remedy::Disable, Remedy::NewPassword, Remedy::SignOut] {
        let (account, other) = (person(database).await, person(database).await);
        let device = known_device(database, account.id).await;
        let living = [phone_session(&device, now()), pc_session(account.id, now())];
        let over = pc_session(account.id, now() - 120 * MINUTE);
        let strangers = pc_session(other.id, now());
        for session in living.iter().chain([&over, &strangers]) {
            database.sessions.put_session(session).await.unwrap();
        }
        let ended: HashSet<SessionId> = remedy.apply(database, &account.username).await.into_iter().collect();
        assert_eq!(ended, living.each_ref().map(|session| session.id).into(), "{remedy:?}");
        for session in &living {
            let (found, _) = database.sessions.session(session.id).await.unwrap().unwrap();
            assert!(found.revoked_at.is_some(), "{remedy:?}");
        }
        assert_eq!(database.sessions.sessions(account.id, now()).await.unwrap(), [], "{remedy:?}");
        assert_eq!(database.sessions.sessions(other.id, now()).await.unwrap(), [strangers], "{remedy:?}");
        assert_eq!(remedy.apply(database, &account.username).await, [], "{remedy:?}");
    }
}

pub async fn an_account_that_is_enabled_again_has_no_session(database: &Database) {
    let account = person(database).await;
    let set = async |disabled| database.accounts.set_disabled(&account.username, disabled, now()).await.unwrap();
    let before = pc_session(account.id, now());
    database.sessions.put_session(&before).await.unwrap();
    assert_eq!(set(false).await, Some(Vec::new()), "it was not disabled");
    assert!(is_living(database, account.id, before.id).await);
    assert_eq!(set(true).await, Some(vec![before.id]));
    // As a concurrent sign-in by code would, which read the account just before.
    let during = pc_session(account.id, now());
    database.sessions.put_session(&during).await.unwrap();
    assert_eq!(set(false).await, Some(vec![during.id]));
    assert_eq!(database.sessions.sessions(account.id, now()).await.unwrap(), []);
}
