//! Which sessions are live, and how they end.

use super::{Database, kept, stored};
use crate::store_contract::samples::{MINUTE, known_device, pc_session, person, phone_session};
use clock::now;
use domain::account::Session;
use domain::ids::SessionId;
use domain::time::Timestamp;
use std::collections::HashSet;
use std::time::Duration;
use store::RevokeScope;
use uuid::Uuid;

pub async fn live_sessions_are_listed_most_recently_used_first(database: &Database) {
    let (account, stranger) = (person(database).await.id, person(database).await.id);
    let device = known_device(database, account).await;
    let start = now();
    let end = start + 60 * MINUTE;
    let first = kept(database, phone_session(&device, start)).await;
    let third = kept(database, pc_session(account, start + 2 * MINUTE)).await;
    let second = kept(database, Session { expires_at: Some(end), ..pc_session(account, start + MINUTE) }).await;
    let revoked = kept(database, pc_session(account, start)).await;
    database.sessions.revoke_sessions(account, &RevokeScope::One(revoked.id), start).await.unwrap();
    kept(database, pc_session(stranger, start)).await;
    let listed = async |now| database.sessions.sessions(account, now).await.unwrap();
    assert_eq!(listed(start + 3 * MINUTE).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(listed(end - Duration::from_millis(1)).await, [third.clone(), second, first.clone()]);
    assert_eq!(listed(end).await, [third, first.clone()], "expired at exactly its expiry");
    assert_eq!(listed(end + 600 * MINUTE).await, [first], "a phone's session does not expire");
}

pub async fn using_a_session_is_recorded(database: &Database) {
    let account = person(database).await.id;
    let (session, other) =
        (kept(database, pc_session(account, now())).await, kept(database, pc_session(account, now())).await);
    let later = session.created_at + 5 * MINUTE;
    database.sessions.touch_session(session.id, "203.0.113.9", later).await.unwrap();
    let used = Session { last_seen_at: later, ip: "203.0.113.9".into(), ..session };
    assert_eq!(stored(database, used.id).await.as_ref(), Some(&used));
    assert_eq!(stored(database, other.id).await.as_ref(), Some(&other));
    assert_eq!(database.sessions.sessions(account, later).await.unwrap(), [used, other]);
    database.sessions.touch_session(Uuid::new_v4().into(), "203.0.113.9", later).await.unwrap();
}

pub async fn one_session_is_ended_once(database: &Database) {
    let account = person(database).await.id;
    let (session, other) =
        (kept(database, pc_session(account, now())).await, kept(database, pc_session(account, now())).await);
    let at = now();
    let scope = RevokeScope::One(session.id);
    assert_eq!(database.sessions.revoke_sessions(account, &scope, at).await.unwrap(), [session.id]);
    assert_eq!(database.sessions.revoke_sessions(account, &scope, at + MINUTE).await.unwrap(), []);
    assert_eq!(stored(database, session.id).await, Some(Session { revoked_at: Some(at), ..session }));
    assert_eq!(stored(database, other.id).await, Some(other));
    let unknown = RevokeScope::One(Uuid::new_v4().into());
    assert_eq!(database.sessions.revoke_sessions(account, &unknown, at).await.unwrap(), []);
}

pub async fn the_session_of_another_account_is_not_ended(database: &Database) {
    let (account, stranger) = (person(database).await.id, person(database).await.id);
    let session = kept(database, pc_session(account, now())).await;
    for scope in [RevokeScope::One(session.id), RevokeScope::Others(Uuid::new_v4().into())] {
        assert_eq!(database.sessions.revoke_sessions(stranger, &scope, now()).await.unwrap(), []);
    }
    assert_eq!(stored(database, session.id).await, Some(session));
}

pub async fn all_other_sessions_are_ended_at_once(database: &Database) {
    let (account, stranger) = (person(database).await.id, person(database).await.id);
    let device = known_device(database, account).await;
    let own = kept(database, phone_session(&device, now())).await;
    let strangers = kept(database, pc_session(stranger, now())).await;
    let mut others = HashSet::new();
    for _ in 0..3 {
        others.insert(kept(database, pc_session(account, now())).await.id);
    }
    let gone = kept(database, pc_session(account, now())).await.id;
    database.sessions.revoke_sessions(account, &RevokeScope::One(gone), now()).await.unwrap();
    let scope = RevokeScope::Others(own.id);
    let at = now();
    let ended = database.sessions.revoke_sessions(account, &scope, at).await.unwrap();
    assert_eq!(ended.len(), 3);
    assert_eq!(ended.into_iter().collect::<HashSet<SessionId>>(), others);
    let own = Session { approvals_void_until: Some(at), ..own };
    assert_eq!(database.sessions.sessions(account, now()).await.unwrap(), [own]);
    assert_eq!(stored(database, strangers.id).await, Some(strangers));
    assert_eq!(database.sessions.revoke_sessions(account, &scope, now()).await.unwrap(), []);
}

pub async fn an_ended_session_is_not_ended_again(database: &Database) {
    let account = person(database).await.id;
    let over = kept(database, pc_session(account, now() - 120 * MINUTE)).await;
    for scope in [RevokeScope::One(over.id), RevokeScope::Others(Uuid::new_v4().into())] {
        let ended = database.sessions.revoke_sessions(account, &scope, now()).await.unwrap();
        assert_eq!(ended, [], "only live sessions are ended: {scope:?}");
    }
    assert_eq!(stored(database, over.id).await, Some(over));
}

/// A time long before those of any other test.
pub(super) const LONG_AGO: Timestamp = Timestamp::from_millis(1_000_000_000_000);

pub async fn only_sessions_that_ended_long_ago_are_deleted(database: &Database) {
    let account = person(database).await.id;
    let (first, second, third) = (
        known_device(database, account).await,
        known_device(database, account).await,
        known_device(database, account).await,
    );
    let before = LONG_AGO - Duration::from_millis(1);
    let over = |end| Session { expires_at: Some(end), ..pc_session(account, LONG_AGO - 60 * MINUTE) };
    let revoked = |device, at| Session { revoked_at: Some(at), ..phone_session(device, LONG_AGO - 60 * MINUTE) };
    let forgotten = [kept(database, over(before)).await, kept(database, revoked(&first, before)).await];
    let remembered = [
        kept(database, over(LONG_AGO)).await,
        kept(database, revoked(&second, LONG_AGO)).await,
        kept(database, phone_session(&third, LONG_AGO - 60 * MINUTE)).await,
        kept(database, pc_session(account, now())).await,
    ];
    database.sessions.forget_sessions(LONG_AGO).await.unwrap();
    for session in forgotten {
        assert_eq!(stored(database, session.id).await, None);
    }
    for session in remembered {
        assert_eq!(stored(database, session.id).await, Some(session));
    }
    // The phone itself stays known, so that it may sign in again.
    kept(database, phone_session(&first, now())).await;
}
