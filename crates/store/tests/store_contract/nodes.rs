//! How one node learns of another's changes through the engines that they share.

use super::backends::{postgres, redis};
use super::samples::{account, known_device, name, pc_session, person, phone_session, scanned, ticket};
use clock::now;
use domain::ids::{SessionId, TicketId};
use domain::ticket::Ticket;
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use store::feed::Feed;
use store::{RevokeScope, Swap};

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it took too long")
}

#[tokio::test]
async fn a_node_is_notified_of_each_change_by_another_node() {
    let (here, there) = (redis().await, redis().await);
    let fresh = ticket();
    there.insert(Arc::new(fresh.clone())).await.unwrap();
    let feed = Feed::<TicketId, Arc<Ticket>>::default();
    let mut waiting = feed.subscribe(fresh.id);
    let following = tokio::spawn({
        let feed = feed.clone();
        async move { here.follow(&feed).await }
    });
    // The first notification is the ticket as it was when the node subscribed.
    assert_eq!(*soon(waiting.next()).await, fresh);
    let mut current = fresh;
    for token in 0..3 {
        current = scanned(&current, token);
        assert_eq!(there.swap(Arc::new(current.clone())).await.unwrap(), Swap::Done);
        assert_eq!(*soon(waiting.next()).await, current);
    }
    assert!(waiting.next().now_or_never().is_none(), "a change is published once");
    following.abort();
}

#[tokio::test]
async fn a_node_is_notified_of_each_session_that_another_node_ends() {
    let (here, there) = (postgres().await, postgres().await);
    let account = person(&there).await;
    let device = known_device(&there, account.id).await;
    let phone = phone_session(&device, now());
    let (one, other, last) =
        (pc_session(account.id, now()), pc_session(account.id, now()), pc_session(account.id, now()));
    let leaver = person(&there).await;
    let leavers = pc_session(leaver.id, now());
    for session in [&phone, &one, &other, &last, &leavers] {
        there.sessions.put_session(session).await.unwrap();
    }
    let feed = Feed::<SessionId, ()>::default();
    let mut waiting = [&phone, &one, &other, &last, &leavers].map(|session| feed.subscribe(session.id));
    let following = tokio::spawn({
        let feed = feed.clone();
        async move { here.sessions.follow(&feed).await }
    });
    // The first notification makes every subscriber read again.
    for waiter in &mut waiting {
        soon(waiter.next()).await;
    }
    let [on_phone, on_one, on_other, on_last, on_leavers] = &mut waiting;
    there.sessions.revoke_sessions(account.id, &RevokeScope::One(one.id), now()).await.unwrap();
    soon(on_one.next()).await;
    there.sessions.put_session(&phone_session(&device, now())).await.unwrap();
    soon(on_phone.next()).await;
    there.sessions.revoke_sessions(account.id, &RevokeScope::Others(last.id), now()).await.unwrap();
    soon(on_other.next()).await;
    assert!(on_last.next().now_or_never().is_none(), "this session was not ended");
    assert!(there.accounts.set_disabled(&account.username, true, now()).await.unwrap().is_some());
    soon(on_last.next()).await;
    assert!(on_leavers.next().now_or_never().is_none(), "this account is another one");
    there.accounts.delete_account((&leaver.username).into(), now()).await.unwrap().unwrap();
    soon(on_leavers.next()).await;
    following.abort();
}

#[tokio::test]
async fn one_node_reads_what_another_stored() {
    let (here, there) = (postgres().await, postgres().await);
    let account = account(&name("shared"));
    there.accounts.add_account(&account, "$hash", now()).await.unwrap();
    assert_eq!(here.accounts.account(account.id).await.unwrap(), Some(account));
}
