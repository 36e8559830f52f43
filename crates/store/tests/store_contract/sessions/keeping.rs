//! Devices, and how sessions are stored.

use super::{Database, is_living, kept, stored};
use crate::store_contract::samples::{MINUTE, device, known_device, pc_session, person, phone_session};
use clock::now;
use domain::account::{Account, Device, Session};
use domain::ids::SessionId;
use futures::FutureExt;
use futures::future::join_all;
use std::collections::HashSet;
use std::sync::Arc;
use store::RevokeScope;
use uuid::Uuid;

pub async fn storing_a_device_again_does_not_end_its_session(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    let session = kept(database, phone_session(&device, now())).await;
    let renewed = Device { name: "爱疯 'n\"".into(), kind: "tablet".into(), ..device };
    for _ in 0..2 {
        database.sessions.put_device(&renewed, now()).await.unwrap();
    }
    assert_eq!(stored(database, session.id).await.as_ref(), Some(&session));
    assert!(is_living(database, account, session.id).await);
}

pub async fn a_session_is_read_back_whole_with_its_account(database: &Database) {
    let account = person(database).await;
    let device = known_device(database, account.id).await;
    for session in [phone_session(&device, now()), pc_session(account.id, now())] {
        let session = kept(database, session).await;
        let found = database.sessions.session(session.id).await.unwrap();
        assert_eq!(found, Some((session, account.clone())));
    }
}

pub async fn an_unknown_session_is_none(database: &Database) {
    let account = person(database).await.id;
    kept(database, pc_session(account, now())).await;
    assert_eq!(stored(database, Uuid::new_v4().into()).await, None);
    assert_eq!(database.sessions.sessions(Uuid::new_v4().into(), now()).await.unwrap(), []);
}

pub async fn a_session_shows_that_its_account_was_disabled(database: &Database) {
    let account = person(database).await;
    let session = kept(database, pc_session(account.id, now())).await;
    let at = now();
    database.accounts.set_disabled(&account.username, true, at).await.unwrap();
    let found = database.sessions.session(session.id).await.unwrap();
    let session = Session { revoked_at: Some(at), ..session };
    assert_eq!(found, Some((session, Account { disabled: true, ..account })));
}

pub async fn a_new_session_on_a_phone_ends_the_previous_one(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    let start = now();
    let mut earlier = kept(database, phone_session(&device, start)).await;
    for minute in 1..4 {
        let next = phone_session(&device, start + minute * MINUTE);
        assert_eq!(database.sessions.put_session(&next).await.unwrap(), [earlier.id]);
        let ended = stored(database, earlier.id).await.unwrap();
        assert_eq!(ended.revoked_at, Some(next.created_at));
        assert_eq!(stored(database, next.id).await.as_ref(), Some(&next));
        let living = database.sessions.sessions(account, start).await.unwrap();
        assert_eq!(living, std::slice::from_ref(&next));
        earlier = next;
    }
}

pub async fn a_new_session_only_ends_sessions_of_the_same_device(database: &Database) {
    let (account, stranger) = (person(database).await.id, person(database).await.id);
    let (first, second) = (known_device(database, account).await, known_device(database, account).await);
    let same_name = Device { id: first.id.clone(), ..device(stranger) };
    database.sessions.put_device(&same_name, now()).await.unwrap();
    let mut others = Vec::new();
    for session in [
        phone_session(&second, now()),
        phone_session(&same_name, now()),
        pc_session(account, now()),
        pc_session(account, now()),
    ] {
        others.push(kept(database, session).await);
    }
    let own = kept(database, phone_session(&first, now())).await;
    assert_eq!(database.sessions.put_session(&phone_session(&first, now())).await.unwrap(), [own.id]);
    for other in others {
        assert_eq!(stored(database, other.id).await, Some(other));
    }
}

pub async fn concurrent_sign_ins_on_one_phone_leave_one_live_session(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    let outcomes = join_all((0..16).map(|_| {
        let (store, session) = (Arc::clone(&database.sessions), phone_session(&device, now()));
        tokio::spawn(async move { (store.put_session(&session).await.unwrap(), session.id) })
    }))
    .await;
    let (ended, begun): (Vec<_>, Vec<SessionId>) = outcomes.into_iter().map(Result::unwrap).unzip();
    let ended: Vec<SessionId> = ended.into_iter().flatten().collect();
    let told: HashSet<_> = ended.iter().copied().collect();
    assert_eq!((ended.len(), told.len()), (15, 15), "each ended session is returned exactly once");
    let living = database.sessions.sessions(account, now()).await.unwrap();
    assert_eq!(living.len(), 1);
    assert!(begun.contains(&living[0].id) && !told.contains(&living[0].id));
}

pub async fn storing_a_session_is_idempotent(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    for session in [phone_session(&device, now()), pc_session(account, now())] {
        let first = kept(database, session).await;
        let again = Session { name: "another name".into(), created_at: first.created_at + MINUTE, ..first.clone() };
        assert_eq!(database.sessions.put_session(&again).await.unwrap(), []);
        assert_eq!(stored(database, first.id).await.as_ref(), Some(&first));
        assert!(is_living(database, account, first.id).await);
    }
}

pub async fn storing_an_ended_session_again_does_not_revive_it(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    for session in [phone_session(&device, now()), pc_session(account, now())] {
        let session = kept(database, session).await;
        let ended = database.sessions.revoke_sessions(account, &RevokeScope::One(session.id), now()).await.unwrap();
        assert_eq!(ended, [session.id]);
        assert_eq!(database.sessions.put_session(&session).await.unwrap(), []);
        assert!(!is_living(database, account, session.id).await);
    }
}

pub async fn storing_an_ended_session_again_does_not_end_its_successor(database: &Database) {
    let account = person(database).await.id;
    let device = known_device(database, account).await;
    let earlier = kept(database, phone_session(&device, now())).await;
    let later = phone_session(&device, now());
    assert_eq!(database.sessions.put_session(&later).await.unwrap(), [earlier.id]);
    assert_eq!(database.sessions.put_session(&earlier).await.unwrap(), [], "a late retry of the first sign-in");
    assert!(is_living(database, account, later.id).await);
    assert!(!is_living(database, account, earlier.id).await);
}

pub async fn concurrent_stores_of_one_session_all_succeed(database: &Database) {
    let account = person(database).await.id;
    let session = pc_session(account, now());
    let outcomes = join_all((0..16).map(|_| {
        let (store, session) = (Arc::clone(&database.sessions), session.clone());
        tokio::spawn(async move { store.put_session(&session).await.unwrap() })
    }))
    .await;
    assert!(outcomes.into_iter().all(|ended| ended.unwrap().is_empty()));
    assert_eq!(database.sessions.sessions(account, now()).await.unwrap(), [session]);
}

pub async fn concurrent_loads_return_the_right_sessions(database: &Database) {
    let people = [person(database).await, person(database).await, person(database).await];
    // More than one query loads.
    let expected: Vec<(Session, &Account)> =
        people.iter().cycle().take(50).map(|owner| (pc_session(owner.id, now()), owner)).collect();
    let keeping = join_all(expected.iter().map(|(session, _)| database.sessions.put_session(session))).await;
    assert!(keeping.into_iter().all(|ended| ended.unwrap().is_empty()));

    let strangers = join_all((0..10).map(|_| database.sessions.session(Uuid::new_v4().into())));
    let known = join_all(expected.iter().map(|(session, _)| database.sessions.session(session.id)));
    let (strangers, known) = tokio::join!(strangers, known);
    assert!(strangers.into_iter().all(|found| found.unwrap().is_none()));
    for ((session, owner), found) in expected.into_iter().zip(known) {
        assert_eq!(found.unwrap(), Some((session, owner.clone())));
    }
}

pub async fn a_cancelled_load_does_not_affect_others(database: &Database) {
    let account = person(database).await.id;
    let session = kept(database, pc_session(account, now())).await;
    // Requested, and dropped before the response, except where a busy machine let the other thread respond first.
    let cancelled = (0..20).filter(|_| database.sessions.session(session.id).now_or_never().is_none()).count();
    assert!(cancelled > 0);
    assert_eq!(stored(database, session.id).await, Some(session));
}

pub async fn a_rejected_session_does_not_fail_the_rest_of_its_batch(database: &Database) {
    let account = person(database).await.id;
    let sessions: Vec<Session> =
        (0..10).map(|number| pc_session(if number == 5 { Uuid::new_v4().into() } else { account }, now())).collect();
    let outcomes = join_all(sessions.iter().map(|session| database.sessions.put_session(session))).await;
    assert!(outcomes.iter().enumerate().all(|(number, outcome)| outcome.is_ok() == (number != 5)), "{outcomes:?}");
    assert_eq!(database.sessions.sessions(account, now()).await.unwrap().len(), 9);
}
