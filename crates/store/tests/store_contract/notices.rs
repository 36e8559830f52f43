//! The contract of `NoticeStore`: notices that sessions ended.

use super::backends::Database;
use super::samples::{MINUTE, kept_pc, known_device, person, phone_session};
use clock::now;
use domain::account::{Account, Session};
use domain::client::ClientId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;
use futures::future::join_all;
use store::RevokeScope;
use uuid::Uuid;

/// Runs the suite against an engine.
macro_rules! notices_contract {
    ($backend:ident) => {
        contract! { notices, $backend:
            a_notice_is_due_when_its_session_expires
            a_notice_is_due_at_once_when_its_session_is_ended
            every_way_to_end_sessions_makes_notices_due
            a_notice_outlives_its_account
            nobody_waits_for_the_end_of_a_session_that_ended
            an_end_and_a_notice_at_the_same_moment_see_each_other
            each_app_has_one_notice_of_a_session
            an_attempt_belongs_to_one_of_many
            the_end_of_a_session_does_not_hasten_a_later_attempt
            a_busy_app_does_not_hide_the_others
        }
    };
}
pub(crate) use notices_contract as contract;

/// A client id that no other test uses.
fn client() -> ClientId {
    format!("app-{}", Uuid::new_v4().simple()).parse().unwrap()
}

async fn signed_in(database: &Database) -> (Account, Session) {
    let account = person(database).await;
    let session = kept_pc(database, account.id).await;
    (account, session)
}

async fn expect_end(database: &Database, session: &Session, client: &ClientId) -> bool {
    database.notices.expect_end(session.id, client, now()).await.unwrap()
}

/// Returns the notices of these clients that are due; an engine may have others.
async fn due(database: &Database, clients: &[&ClientId], at: Timestamp) -> Vec<LogoutNotice> {
    let found = database.notices.due_notices(at, &[], 100_000).await.unwrap();
    found.into_iter().filter(|notice| clients.contains(&&notice.client)).collect()
}

async fn end(database: &Database, session: &Session, at: Timestamp) {
    let scope = RevokeScope::One(session.id);
    database.sessions.revoke_sessions(session.account, &scope, at).await.unwrap();
}

pub async fn a_notice_is_due_when_its_session_expires(database: &Database) {
    let (account, session) = signed_in(database).await;
    let client = client();
    assert!(expect_end(database, &session, &client).await);
    let end = session.expires_at.unwrap();
    assert_eq!(due(database, &[&client], Timestamp::from_millis(end.as_millis() - 1)).await, []);
    let notice =
        LogoutNotice { session: session.id, client: client.clone(), account: account.id, due_at: end, attempts: 0 };
    assert_eq!(due(database, &[&client], end).await, [notice]);
    database.notices.drop_notice(session.id, &client).await.unwrap();
    database.notices.drop_notice(session.id, &client).await.unwrap();
    assert_eq!(due(database, &[&client], end).await, []);
}

pub async fn a_notice_is_due_at_once_when_its_session_is_ended(database: &Database) {
    let account = person(database).await;
    let device = known_device(database, account.id).await;
    // A phone's session does not expire.
    let session = phone_session(&device, now());
    database.sessions.put_session(&session).await.unwrap();
    let client = client();
    assert!(expect_end(database, &session, &client).await);
    assert_eq!(due(database, &[&client], now() + 1_000_000 * MINUTE).await, []);
    let at = now();
    end(database, &session, at).await;
    assert_eq!(due(database, &[&client], at).await[0].due_at, at);
}

pub async fn every_way_to_end_sessions_makes_notices_due(database: &Database) {
    for way in ["disable", "password", "sign-out", "delete", "replace", "others", "unused"] {
        let account = person(database).await;
        let device = known_device(database, account.id).await;
        let session = phone_session(&device, now());
        database.sessions.put_session(&session).await.unwrap();
        let client = client();
        assert!(expect_end(database, &session, &client).await);
        let (name, at) = (&account.username, now());
        match way {
            "disable" => drop(database.accounts.set_disabled(name, true, at).await.unwrap()),
            "password" => drop(database.accounts.set_password(name, "$other", at).await.unwrap()),
            "sign-out" => drop(database.accounts.sign_out(name, at).await.unwrap()),
            "delete" => drop(database.accounts.delete_account(name.into(), at).await.unwrap()),
            "replace" => drop(database.sessions.put_session(&phone_session(&device, at)).await.unwrap()),
            "others" => {
                let scope = RevokeScope::Others(Uuid::new_v4().into());
                drop(database.sessions.revoke_sessions(account.id, &scope, at).await.unwrap());
            }
            _ => drop(database.sessions.end_unused_phones(at + MINUTE, at).await.unwrap()),
        }
        assert_eq!(due(database, &[&client], now()).await.len(), 1, "{way}");
    }
}

pub async fn a_notice_outlives_its_account(database: &Database) {
    let (account, session) = signed_in(database).await;
    let client = client();
    assert!(expect_end(database, &session, &client).await);
    database.accounts.delete_account((&account.username).into(), now()).await.unwrap();
    let found = due(database, &[&client], now()).await;
    assert_eq!((found[0].session, found[0].account), (session.id, account.id));
}

pub async fn nobody_waits_for_the_end_of_a_session_that_ended(database: &Database) {
    let (_, session) = signed_in(database).await;
    let client = client();
    let expired = session.expires_at.unwrap();
    assert!(!database.notices.expect_end(session.id, &client, expired).await.unwrap());
    assert!(!database.notices.expect_end(Uuid::new_v4().into(), &client, now()).await.unwrap());
    end(database, &session, now()).await;
    assert!(!expect_end(database, &session, &client).await);
    assert_eq!(due(database, &[&client], expired).await, []);
}

pub async fn an_end_and_a_notice_at_the_same_moment_see_each_other(database: &Database) {
    for _ in 0..30 {
        let (_, session) = signed_in(database).await;
        let client = client();
        let (expected, ()) = tokio::join!(expect_end(database, &session, &client), end(database, &session, now()));
        assert_eq!(due(database, &[&client], now()).await.len(), usize::from(expected));
    }
}

pub async fn each_app_has_one_notice_of_a_session(database: &Database) {
    let (_, session) = signed_in(database).await;
    let (one, other) = (client(), client());
    let again = join_all((0..20).map(|_| expect_end(database, &session, &one))).await;
    assert!(again.into_iter().all(|expected| expected));
    assert!(expect_end(database, &session, &other).await);
    end(database, &session, now()).await;
    let found = due(database, &[&one, &other], now()).await;
    assert_eq!(found.iter().filter(|notice| notice.client == one).count(), 1);
    assert_eq!(found.len(), 2);
}

pub async fn an_attempt_belongs_to_one_of_many(database: &Database) {
    let (_, session) = signed_in(database).await;
    let client = client();
    expect_end(database, &session, &client).await;
    end(database, &session, now()).await;
    let notice = due(database, &[&client], now()).await.remove(0);
    let attempt = notice.attempted(now());
    let attempts = join_all((0..20).map(|_| database.notices.move_notice(&notice, &attempt))).await;
    assert_eq!(attempts.into_iter().filter(|moved| *moved.as_ref().unwrap()).count(), 1);
    assert_eq!(due(database, &[&client], now()).await, []);
    assert_eq!(due(database, &[&client], attempt.due_at).await, [attempt]);
}

pub async fn the_end_of_a_session_does_not_hasten_a_later_attempt(database: &Database) {
    let (_, session) = signed_in(database).await;
    let client = client();
    expect_end(database, &session, &client).await;
    let expired = session.expires_at.unwrap();
    let notice = due(database, &[&client], expired).await.remove(0);
    let attempt = notice.attempted(expired);
    assert!(database.notices.move_notice(&notice, &attempt).await.unwrap());
    end(database, &session, now()).await;
    assert_eq!(due(database, &[&client], expired).await, []);
}

pub async fn a_busy_app_does_not_hide_the_others(database: &Database) {
    let (_, session) = signed_in(database).await;
    let clients = [client(), client(), client()];
    for client in &clients {
        expect_end(database, &session, client).await;
    }
    end(database, &session, now()).await;
    let found = database.notices.due_notices(now(), &clients[..2], 100_000).await.unwrap();
    let ours: Vec<_> = found.iter().map(|notice| &notice.client).filter(|client| clients.contains(client)).collect();
    assert_eq!(ours, [&clients[2]]);
    assert_eq!(database.notices.due_notices(now(), &[], 1).await.unwrap().len(), 1);
}
