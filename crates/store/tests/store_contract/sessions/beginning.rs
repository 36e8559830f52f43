//! Sessions that begin by password, and how many an account may have.

use super::{Database, is_living, kept, stored};
use crate::store_contract::samples::{MINUTE, known_device, pc_session, person, phone_session};
use clock::now;
use domain::account::{Account, Session};
use domain::ids::{AccountId, Secret, SessionId};
use futures::future::join_all;
use std::sync::Arc;

/// More than any test creates.
const ANY: u32 = 100;

/// The password hash of every account of a test.
fn present() -> Secret {
    Secret::new("$hash".to_owned())
}

async fn begin(database: &Database, session: &Session, most: u32) -> Vec<SessionId> {
    let ended = database.sessions.put_session_by_password(session, &present(), most).await.unwrap();
    ended.expect("the password is the account's")
}

async fn living(database: &Database, account: AccountId) -> Vec<SessionId> {
    database.sessions.sessions(account, now()).await.unwrap().into_iter().map(|session| session.id).collect()
}

pub async fn a_session_only_begins_by_the_current_password(database: &Database) {
    let (account, other) = (person(database).await, person(database).await);
    let device = known_device(database, account.id).await;
    let first = phone_session(&device, now());
    assert_eq!(begin(database, &first, ANY).await, []);
    assert_eq!(begin(database, &first, ANY).await, [], "storing it again is idempotent");
    assert_eq!(stored(database, first.id).await.as_ref(), Some(&first));

    database.accounts.set_password(&other.username, "$new", now()).await.unwrap();
    for session in [phone_session(&device, now()), pc_session(account.id, now()), pc_session(other.id, now())] {
        let hash = if session.account == account.id { Secret::new("$older".to_owned()) } else { present() };
        let refused = database.sessions.put_session_by_password(&session, &hash, ANY).await.unwrap();
        assert_eq!(refused, None);
        assert_eq!(stored(database, session.id).await, None);
    }
    assert!(is_living(database, account.id, first.id).await, "a refused session ends no other");

    let second = phone_session(&device, now());
    assert_eq!(begin(database, &second, ANY).await, [first.id]);
    database.accounts.set_disabled(&account.username, true, now()).await.unwrap();
    for session in [phone_session(&device, now()), pc_session(account.id, now())] {
        let refused = database.sessions.put_session_by_password(&session, &present(), ANY).await.unwrap();
        assert_eq!(refused, None);
    }
    assert_eq!(living(database, account.id).await, []);
}

pub async fn no_concurrent_sign_in_outlives_a_new_password(database: &Database) {
    let account = person(database).await;
    let device = known_device(database, account.id).await;
    let beginning = |number: usize| {
        let (store, account, device) = (Arc::clone(&database.sessions), account.id, device.clone());
        tokio::spawn(async move {
            let session =
                if number.is_multiple_of(2) { pc_session(account, now()) } else { phone_session(&device, now()) };
            store.put_session_by_password(&session, &present(), ANY).await.unwrap().is_some()
        })
    };
    let before: Vec<_> = (0..8).map(beginning).collect();
    let change = {
        let (store, name) = (Arc::clone(&database.accounts), account.username.clone());
        tokio::spawn(async move { store.set_password(&name, "$new", now()).await.unwrap().unwrap() })
    };
    let after: Vec<_> = (0..8).map(beginning).collect();
    let begun = join_all(before.into_iter().chain(after)).await.into_iter().filter(|begun| *begun.as_ref().unwrap());
    let (begun, ended) = (begun.count(), change.await.unwrap().len());
    assert_eq!(living(database, account.id).await, [], "{begun} began, {ended} were ended");
}

pub async fn surplus_phones_end_least_recently_used_first(database: &Database) {
    let (account, other) = (person(database).await.id, person(database).await.id);
    let start = now() - 60 * MINUTE;
    let (pc, strangers) = (pc_session(account, now()), pc_session(other, now()));
    kept(database, pc.clone()).await;
    kept(database, strangers.clone()).await;
    let mut phones = Vec::new();
    for minute in 0..3 {
        let session = phone_session(&known_device(database, account).await, start + minute * MINUTE);
        assert_eq!(begin(database, &session, 3).await, []);
        phones.push(session);
    }
    // The oldest is the most recently used.
    database.sessions.touch_session(phones[0].id, "192.0.2.9", start + 10 * MINUTE).await.unwrap();
    let fourth = phone_session(&known_device(database, account).await, start + 11 * MINUTE);
    assert_eq!(begin(database, &fourth, 3).await, [phones[1].id]);
    assert_eq!(stored(database, phones[1].id).await.unwrap().revoked_at, Some(fourth.created_at));
    assert_eq!(living(database, account).await, [pc.id, fourth.id, phones[0].id, phones[2].id]);
    assert_eq!(living(database, other).await, [strangers.id]);
    // If there are far too many, for example from an earlier version, all surplus ones end. The new one stays even if
    // it began earlier by another node's clock.
    let early = phone_session(&known_device(database, account).await, start - 5 * MINUTE);
    assert_eq!(begin(database, &early, 1).await.len(), 3);
    assert_eq!(living(database, account).await, [pc.id, early.id]);
}

pub async fn surplus_pcs_end_least_recently_used_first_and_no_phone_ends(database: &Database) {
    let account = person(database).await.id;
    let start = now() - 30 * MINUTE;
    let phone = kept(database, phone_session(&known_device(database, account).await, start)).await;
    let mut pcs = Vec::new();
    for minute in 1..5 {
        let session = pc_session(account, start + minute * MINUTE);
        let ended = begin(database, &session, 2).await;
        let expected: Vec<SessionId> = pcs.iter().rev().skip(1).take(1).copied().collect();
        assert_eq!(ended, expected);
        pcs.push(session.id);
    }
    assert_eq!(living(database, account).await, [pcs[3], pcs[2], phone.id]);
}

pub async fn concurrent_sign_ins_do_not_exceed_the_bound(database: &Database) {
    let account: Account = person(database).await;
    let beginning = (0..24).map(|_| async {
        let session = phone_session(&known_device(database, account.id).await, now());
        begin(database, &session, 5).await.len()
    });
    let ended: usize = join_all(beginning).await.into_iter().sum();
    assert_eq!((ended, living(database, account.id).await.len()), (19, 5));
}
