//! The contract of `ConnectionStore`.

use super::backends::Database;
use super::samples::{MINUTE, name, person};
use clock::now;
use domain::connection::{Connection, ConnectionState, Prompt};
use domain::ids::{AccountId, SecretHash};
use domain::time::Timestamp;
use futures::future::join_all;
use std::time::Duration;
use store::StoreError;
use uuid::Uuid;

/// Runs the suite against an engine.
macro_rules! connections_contract {
    ($backend:ident) => {
        contract! { connections, $backend:
            a_connection_is_what_was_stored
            of_many_changes_to_one_version_one_counts
            pending_ones_are_found_when_they_are_due
            only_its_owner_deletes_a_connection
            a_deleted_account_takes_its_connections_along
            a_new_password_removes_the_keys_of_scripts
            only_attempts_that_came_to_nothing_are_forgotten
        }
    };
}
pub(crate) use connections_contract as contract;

fn attempt(account: AccountId, due_at: Timestamp) -> Connection {
    Connection {
        id: Uuid::new_v4().into(),
        account,
        upstream: "forge".to_owned(),
        version: 1,
        state: ConnectionState::Pending,
        prompt: Prompt::checked("ABCD-EFGH", "https://forge.example/device", None),
        label: None,
        sealed: Some(name("sealed")),
        due_at: Some(due_at),
        interval: Duration::from_millis(5_500),
        script_key: None,
        created_at: now(),
        expires_at: Some(due_at + MINUTE),
        used_at: None,
    }
}

async fn added(database: &Database, due_at: Timestamp) -> Connection {
    let attempt = attempt(person(database).await.id, due_at);
    database.connections.add_connection(&attempt).await.unwrap();
    attempt
}

pub async fn a_connection_is_what_was_stored(database: &Database) {
    let first = added(database, now()).await;
    assert_eq!(database.connections.connection(first.id).await.unwrap(), Some(first.clone()));
    let connected = Connection {
        label: Some("o'brien \"7\" 东".to_owned()),
        script_key: Some(SecretHash::new([7; 32])),
        used_at: Some(now()),
        ..first.connected("other".to_owned())
    };
    assert!(database.connections.swap_connection(&connected).await.unwrap());
    assert_eq!(database.connections.connections_of(first.account).await.unwrap(), std::slice::from_ref(&connected));
    let later = Connection { created_at: first.created_at + MINUTE, ..attempt(first.account, now()) };
    database.connections.add_connection(&later).await.unwrap();
    assert_eq!(database.connections.connections_of(first.account).await.unwrap(), [later, connected]);
    assert_eq!(database.connections.connection(Uuid::new_v4().into()).await.unwrap(), None);
}

pub async fn of_many_changes_to_one_version_one_counts(database: &Database) {
    let first = added(database, now()).await;
    let until = |seconds| first.claimed(first.created_at + Duration::from_secs(seconds));
    let claims: Vec<_> = (1..=20).map(until).collect();
    let swapped = join_all(claims.iter().map(|claim| database.connections.swap_connection(claim))).await;
    let won: Vec<_> = swapped.into_iter().zip(&claims).filter(|(won, _)| *won.as_ref().unwrap()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(database.connections.connection(first.id).await.unwrap().as_ref(), Some(won[0].1));
    assert!(!database.connections.swap_connection(&first.claimed(first.created_at)).await.unwrap());
}

pub async fn a_new_password_removes_the_keys_of_scripts(database: &Database) {
    let keep_key = async || {
        let first = added(database, now()).await;
        let keyed = Connection { script_key: Some(SecretHash::new([7; 32])), ..first.connected("sealed".to_owned()) };
        assert!(database.connections.swap_connection(&keyed).await.unwrap());
        keyed
    };
    let (keyed, strangers) = (keep_key().await, keep_key().await);
    let name = database.accounts.account(keyed.account).await.unwrap().unwrap().username;
    database.accounts.set_password(&name, "$new", now()).await.unwrap().unwrap();
    let found = database.connections.connection(keyed.id).await.unwrap().unwrap();
    assert_eq!(found, Connection { script_key: None, version: keyed.version + 1, ..keyed.clone() });
    // A change that is based on what was before does not bring it back.
    assert!(!database.connections.swap_connection(&keyed.claimed(now())).await.unwrap());
    assert_eq!(database.connections.connection(strangers.id).await.unwrap(), Some(strangers));
}

pub async fn pending_ones_are_found_when_they_are_due(database: &Database) {
    // Long ago, so that what other tests have left is due later.
    let start = Timestamp::from_millis(1_000);
    let (second, first) = (added(database, start + MINUTE).await, added(database, start).await);
    let due = async |until, most| {
        let found = database.connections.pending_until(until, most).await.unwrap();
        let ours = found.iter().filter(|one| [first.id, second.id].contains(&one.id));
        ours.map(|one| one.id).collect::<Vec<_>>()
    };
    assert!(due(start - MINUTE, 10).await.is_empty());
    assert_eq!(due(start, 10).await, [first.id]);
    assert_eq!(due(start + MINUTE, 10).await, [first.id, second.id]);
    assert_eq!(due(start + MINUTE, 1).await, [first.id]);
    let connected = first.connected("tokens".to_owned()).claimed(start);
    assert!(database.connections.swap_connection(&first.claimed(start + MINUTE * 2)).await.unwrap());
    assert_eq!(due(start + MINUTE, 10).await, [second.id]);
    // The claim on a connection is no poll.
    assert!(database.connections.swap_connection(&Connection { version: 3, ..connected }).await.unwrap());
    assert_eq!(due(start + MINUTE * 3, 10).await, [second.id]);
    database.connections.drop_connection(second.id, second.account).await.unwrap();
}

pub async fn only_its_owner_deletes_a_connection(database: &Database) {
    let first = added(database, now()).await;
    let stranger = person(database).await;
    assert_eq!(database.connections.drop_connection(first.id, stranger.id).await.unwrap(), None);
    let dropped = join_all((0..5).map(|_| database.connections.drop_connection(first.id, first.account))).await;
    let dropped: Vec<_> = dropped.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(dropped, std::slice::from_ref(&first));
    assert!(!database.connections.swap_connection(&first.claimed(now())).await.unwrap());
}

pub async fn a_deleted_account_takes_its_connections_along(database: &Database) {
    let owner = person(database).await;
    let mut one = attempt(owner.id, now());
    database.connections.add_connection(&one).await.unwrap();
    database.accounts.delete_account((&owner.username).into(), now()).await.unwrap();
    assert_eq!(database.connections.connection(one.id).await.unwrap(), None);
    one.id = Uuid::new_v4().into();
    let outcome = database.connections.add_connection(&one).await;
    assert!(matches!(outcome, Err(StoreError::Gone)), "{outcome:?}");
}

pub async fn only_attempts_that_came_to_nothing_are_forgotten(database: &Database) {
    let start = Timestamp::from_millis(1_000);
    let mut kept = Vec::new();
    for state in ConnectionState::ALL {
        let first = added(database, now()).await;
        let changed = Connection { state, expires_at: Some(start), ..first.next() };
        assert!(database.connections.swap_connection(&changed).await.unwrap());
        kept.push(changed);
    }
    database.connections.forget_attempts(start - MINUTE).await.unwrap();
    for one in &kept {
        assert_eq!(database.connections.connection(one.id).await.unwrap().as_ref(), Some(one));
    }
    assert!(database.connections.forget_attempts(start).await.unwrap() >= 3);
    for one in &kept {
        let found = database.connections.connection(one.id).await.unwrap();
        assert_eq!(found.is_none(), one.state.came_to_nothing(), "{one:?}");
        database.connections.drop_connection(one.id, one.account).await.unwrap();
    }
}
