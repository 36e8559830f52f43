//! How rows are cleaned up.

use super::ending::LONG_AGO;
use super::{Database, is_living, kept, stored};
use crate::store_contract::samples::{MINUTE, device, known_device, pc_session, person, phone_session};
use clock::now;
use domain::account::{Session, SessionKind};
use domain::ids::{AccountId, SessionId};
use domain::time::Timestamp;
use futures::future::join_all;
use std::collections::HashSet;
use std::time::Duration;
use store::{MOST_LISTED, RevokeScope};

/// Adds live PC sessions of the account that began so many minutes before `end`.
async fn pcs(database: &Database, account: AccountId, end: Timestamp, minutes: &[u32]) -> Vec<SessionId> {
    let mut ids = Vec::new();
    for minutes in minutes {
        let session = Session { expires_at: Some(now() + 60 * MINUTE), ..pc_session(account, end - *minutes * MINUTE) };
        ids.push(kept(database, session).await.id);
    }
    ids
}

pub async fn a_list_is_bounded_and_no_pc_displaces_a_phone(database: &Database) {
    let account = person(database).await.id;
    let phone = kept(database, phone_session(&known_device(database, account).await, now() - 60 * MINUTE)).await;
    let pcs: Vec<Session> = (0..2 * MOST_LISTED + 10).map(|_| pc_session(account, now())).collect();
    join_all(pcs.iter().map(|session| database.sessions.put_session(session))).await;
    let listed = database.sessions.sessions(account, now()).await.unwrap();
    assert_eq!(listed.len(), 2 * MOST_LISTED as usize);
    assert_eq!(listed.last(), Some(&phone), "the last used first");
}

pub async fn an_unused_phone_ends(database: &Database) {
    // Longer ago than in any other test.
    let border = LONG_AGO - 1_000_000 * MINUTE;
    let account = person(database).await.id;
    let phone = async |at| kept(database, phone_session(&known_device(database, account).await, at)).await;
    let (unused, used) = (phone(border - Duration::from_millis(1)).await, phone(border - MINUTE).await);
    database.sessions.touch_session(used.id, "192.0.2.1", border).await.unwrap();
    let pc = Session { expires_at: Some(now() + MINUTE), ..pc_session(account, border - MINUTE) };
    let pc = kept(database, pc).await;
    let at = now();
    assert_eq!(database.sessions.end_unused_phones(border, at).await.unwrap(), [unused.id]);
    assert_eq!(stored(database, unused.id).await.unwrap().revoked_at, Some(at));
    assert!(is_living(database, account, used.id).await && is_living(database, account, pc.id).await);
    assert_eq!(database.sessions.end_unused_phones(border, at).await.unwrap(), []);
}

pub async fn an_account_with_many_sessions_is_crowded(database: &Database) {
    let (crowded, other) = (person(database).await.id, person(database).await.id);
    pcs(database, crowded, now(), &[1, 2, 3]).await;
    pcs(database, other, now(), &[1, 2]).await;
    let ended = kept(database, pc_session(crowded, now())).await.id;
    database.sessions.revoke_sessions(crowded, &RevokeScope::One(ended), now()).await.unwrap();
    for (most, expected) in [(3, true), (4, false)] {
        let found = database.sessions.crowded_accounts(most).await.unwrap();
        assert_eq!(found.contains(&crowded), expected, "ended ones count, too");
        assert!(!found.contains(&other));
    }
}

pub async fn surplus_sessions_end_unless_they_are_recent(database: &Database) {
    let (account, other) = (person(database).await.id, person(database).await.id);
    let at = now();
    let ids = pcs(database, account, at, &[50, 40, 30, 20, 5, 1]).await;
    let strangers = pcs(database, other, at, &[50, 40, 30]).await;
    let phone = kept(database, phone_session(&known_device(database, account).await, at - 60 * MINUTE)).await.id;
    let over = kept(database, pc_session(account, at - 90 * MINUTE)).await;
    // The oldest is in use.
    database.sessions.touch_session(ids[0], "192.0.2.1", at).await.unwrap();
    let end = async |most| {
        let ended = database.sessions.end_surplus(account, SessionKind::Pc, most, at - 10 * MINUTE, at).await.unwrap();
        ended.into_iter().collect::<HashSet<_>>()
    };
    assert_eq!(end(6).await, HashSet::new());
    assert_eq!(end(4).await, [ids[1], ids[2]].into());
    assert_eq!(stored(database, ids[1]).await.unwrap().revoked_at, Some(at));
    assert_eq!(end(4).await, HashSet::new());
    assert_eq!(end(1).await, [ids[3]].into(), "those of the last ten minutes are not surplus yet");
    for living in [ids[0], ids[4], ids[5], phone] {
        assert!(is_living(database, account, living).await);
    }
    assert_eq!(stored(database, over.id).await, Some(over));
    for living in strangers {
        assert!(is_living(database, other, living).await);
    }
    let phones = database.sessions.end_surplus(account, SessionKind::Phone, 1, at, at).await.unwrap();
    assert_eq!(phones, []);
}

pub async fn only_the_most_recently_ended_sessions_are_retained(database: &Database) {
    let (account, other) = (person(database).await.id, person(database).await.id);
    let at = now();
    let living = pcs(database, account, at, &[300]).await;
    let mut ended = Vec::new();
    for minutes in [240, 230, 220, 210, 5] {
        // The first one expires, the others are revoked.
        let began = pc_session(account, at - minutes * MINUTE - 60 * MINUTE);
        let session = if minutes > 225 {
            began
        } else {
            Session { expires_at: Some(at + 60 * MINUTE), revoked_at: Some(at - minutes * MINUTE), ..began }
        };
        ended.push(kept(database, session).await.id);
    }
    let strangers = kept(database, pc_session(other, at - 400 * MINUTE)).await;
    let forget = async |most| database.sessions.forget_surplus(account, most, at - 10 * MINUTE).await.unwrap();
    let known = async |ids: &[SessionId]| {
        let found = join_all(ids.iter().map(|id| stored(database, *id))).await;
        found.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    assert_eq!(forget(5).await, 0);
    assert_eq!(known(&ended).await, [true; 5]);
    assert_eq!(forget(3).await, 2);
    assert_eq!(known(&ended).await, [false, false, true, true, true]);
    assert_eq!(forget(3).await, 0);
    assert_eq!(forget(1).await, 2);
    ended.push(kept(database, Session { revoked_at: Some(at), ..pc_session(account, at) }).await.id);
    assert_eq!(forget(1).await, 0, "what ended in the last ten minutes is not surplus yet");
    assert!(is_living(database, account, living[0]).await);
    assert_eq!(stored(database, strangers.id).await, Some(strangers));
}

pub async fn a_phone_without_sessions_is_deleted_after_a_while(database: &Database) {
    let account = person(database).await.id;
    let border = LONG_AGO - 2_000_000 * MINUTE;
    let mut devices = Vec::new();
    for (known_since, has_session) in [(border - MINUTE, false), (border - MINUTE, true), (border, false)] {
        let device = device(account);
        database.sessions.put_device(&device, known_since).await.unwrap();
        if has_session {
            kept(database, phone_session(&device, now())).await;
        }
        devices.push(device);
    }
    assert_eq!(database.sessions.forget_sessions(border).await.unwrap(), 1);
    // A session needs an existing device.
    for (device, known) in devices.iter().zip([false, true, true]) {
        let outcome = database.sessions.put_session(&phone_session(device, now())).await;
        assert_eq!(outcome.is_ok(), known);
    }
    // A phone that comes back is known again.
    database.sessions.put_device(&devices[0], now()).await.unwrap();
    kept(database, phone_session(&devices[0], now())).await;
}
