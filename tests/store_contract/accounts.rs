//! What an [`AccountStore`](qr_login::server::store::AccountStore) must do.

use super::backends::Database;
use super::samples::{account, name, person};
use futures::future::join_all;
use qr_login::account::Account;
use qr_login::server::clock::now;
use qr_login::server::store::StoreError;
use std::sync::Arc;
use uuid::Uuid;

macro_rules! account_contract {
    ($backend:ident) => {
        contract! { accounts, $backend:
            it_answers
            an_account_is_read_back_whole
            an_unknown_account_is_none
            of_many_accounts_each_is_its_own
            a_username_is_taken_once
            an_id_is_taken_once
            of_many_who_want_a_username_one_gets_it
            names_are_text_and_nothing_else
            accounts_are_listed_by_name
            a_disabled_account_says_so_everywhere
            a_disabled_account_may_be_let_in_again
            a_new_password_replaces_the_old_and_nothing_else
            what_is_done_to_nobody_changes_nothing
        }
    };
}
pub(super) use account_contract as contract;

async fn stored(database: &Database, username: &str) -> Option<(Account, String)> {
    let found = database.accounts.credentials(username).await.unwrap();
    found.map(|credentials| (credentials.account, credentials.password_hash.reveal().to_owned()))
}

pub async fn it_answers(database: &Database) {
    database.accounts.ping().await.unwrap();
}

pub async fn an_account_is_read_back_whole(database: &Database) {
    let with_picture = account(&name("one"));
    let without = Account { avatar_url: None, display_name: String::new(), ..account(&name("other")) };
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

pub async fn of_many_accounts_each_is_its_own(database: &Database) {
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

pub async fn of_many_who_want_a_username_one_gets_it(database: &Database) {
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

pub async fn a_disabled_account_says_so_everywhere(database: &Database) {
    let (barred, other) = (person(database).await, person(database).await);
    assert!(database.accounts.set_disabled(&barred.username, Some(now())).await.unwrap());
    let barred = Account { disabled: true, ..barred };
    assert_eq!(database.accounts.account(barred.id).await.unwrap().as_ref(), Some(&barred));
    assert_eq!(stored(database, &barred.username).await.unwrap().0, barred);
    let listed = database.accounts.accounts().await.unwrap();
    assert!(listed.contains(&barred) && listed.contains(&other));
}

pub async fn a_disabled_account_may_be_let_in_again(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    for since in [Some(now()), Some(now()), None, None, Some(now())] {
        for name in [&account.username, &other.username] {
            assert!(database.accounts.set_disabled(name, Some(now())).await.unwrap());
        }
        assert!(database.accounts.set_disabled(&account.username, since).await.unwrap());
        assert_eq!(database.accounts.account(account.id).await.unwrap().unwrap().disabled, since.is_some());
        assert!(database.accounts.account(other.id).await.unwrap().unwrap().disabled);
    }
}

pub async fn a_new_password_replaces_the_old_and_nothing_else(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    assert!(database.accounts.set_password(&account.username, "$new").await.unwrap());
    assert_eq!(stored(database, &account.username.clone()).await, Some((account, "$new".to_owned())));
    assert_eq!(stored(database, &other.username.clone()).await, Some((other, "$hash".to_owned())));
}

pub async fn what_is_done_to_nobody_changes_nothing(database: &Database) {
    let known = person(database).await;
    for nobody in [name("nobody"), "%".to_owned(), String::new(), known.username[..9].to_owned()] {
        assert!(!database.accounts.set_disabled(&nobody, Some(now())).await.unwrap());
        assert!(!database.accounts.set_disabled(&nobody, None).await.unwrap());
        assert!(!database.accounts.set_password(&nobody, "$new").await.unwrap());
    }
    assert_eq!(stored(database, &known.username.clone()).await, Some((known, "$hash".to_owned())));
}
