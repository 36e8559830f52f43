//! The contract of `IdentityStore`: whose accounts are whose, and which assertions were used.

use super::backends::Database;
use super::samples::{MINUTE, account, name, person};
use clock::now;
use futures::future::join_all;
use store::StoreError;
use store::identities::Identity;

/// Runs the suite against an engine.
macro_rules! identities_contract {
    ($backend:ident) => {
        contract! { identities, $backend:
            an_identity_is_found_by_both_of_its_parts_exactly
            an_identity_has_one_account_however_many_try
            a_name_that_is_taken_adds_nothing
            an_identity_is_given_to_an_account_once
            an_identity_is_taken_only_from_its_own_account
            a_deleted_account_takes_its_identities_along
            an_assertion_is_used_once_however_many_try
        }
    };
}
pub(crate) use identities_contract as contract;

pub async fn an_identity_is_found_by_both_of_its_parts_exactly(database: &Database) {
    let (issuer, account) = (name("https://issuer.example"), account(&name("vouched")));
    let identity = Identity { issuer: &issuer, subject: "o'brien \"7\"" };
    database.identities.add_account_of(identity, &account, "$hash", now()).await.unwrap();
    assert_eq!(database.identities.account_of(identity).await.unwrap(), Some(account.clone()));
    assert_eq!(database.accounts.account(account.id).await.unwrap(), Some(account));
    let upper = issuer.to_uppercase();
    for other in [
        Identity { subject: "O'brien \"7\"", ..identity },
        Identity { subject: "o'brien \"7\" ", ..identity },
        Identity { issuer: &upper, ..identity },
        Identity { issuer: "", ..identity },
    ] {
        assert_eq!(database.identities.account_of(other).await.unwrap(), None, "{other:?}");
    }
}

pub async fn an_identity_has_one_account_however_many_try(database: &Database) {
    let issuer = name("https://issuer.example");
    let identity = Identity { issuer: &issuer, subject: "7" };
    let accounts: Vec<_> = (0..10).map(|_| account(&name("vouched"))).collect();
    let add = |account| database.identities.add_account_of(identity, account, "$hash", now());
    let added = join_all(accounts.iter().map(add)).await;
    assert_eq!(added.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(added.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::Exists))), "{added:?}");
    // The losers have left nothing behind.
    let found = join_all(accounts.iter().map(|account| database.accounts.account(account.id))).await;
    let found: Vec<_> = found.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(database.identities.account_of(identity).await.unwrap().as_ref(), found.first());
    assert_eq!(found.len(), 1);
}

pub async fn a_name_that_is_taken_adds_nothing(database: &Database) {
    let somebody = person(database).await;
    let issuer = name("https://issuer.example");
    let identity = Identity { issuer: &issuer, subject: "7" };
    let namesake = account(&somebody.username);
    let outcome = database.identities.add_account_of(identity, &namesake, "$hash", now()).await;
    assert!(matches!(outcome, Err(StoreError::Exists)), "{outcome:?}");
    assert_eq!(database.identities.account_of(identity).await.unwrap(), None);
}

pub async fn an_identity_is_given_to_an_account_once(database: &Database) {
    let (one, other) = (person(database).await, person(database).await);
    let issuer = name("https://issuer.example");
    let identity = Identity { issuer: &issuer, subject: "7" };
    assert!(!database.identities.link(identity, &name("nobody"), now()).await.unwrap());
    assert!(database.identities.link(identity, &one.username, now()).await.unwrap());
    let again = database.identities.link(identity, &other.username, now()).await;
    assert!(matches!(again, Err(StoreError::Exists)), "{again:?}");
    assert_eq!(database.identities.account_of(identity).await.unwrap(), Some(one));
}

pub async fn an_identity_is_taken_only_from_its_own_account(database: &Database) {
    let (one, other) = (person(database).await, person(database).await);
    let issuer = name("https://issuer.example");
    let identity = Identity { issuer: &issuer, subject: "7" };
    database.identities.link(identity, &one.username, now()).await.unwrap();
    assert!(!database.identities.unlink(identity, &other.username).await.unwrap());
    let another = Identity { subject: "8", ..identity };
    assert!(!database.identities.unlink(another, &one.username).await.unwrap());
    assert_eq!(database.identities.account_of(identity).await.unwrap(), Some(one.clone()));
    assert!(database.identities.unlink(identity, &one.username).await.unwrap());
    assert_eq!(database.identities.account_of(identity).await.unwrap(), None);
    assert!(database.identities.link(identity, &other.username, now()).await.unwrap());
}

pub async fn a_deleted_account_takes_its_identities_along(database: &Database) {
    let somebody = person(database).await;
    let issuer = name("https://issuer.example");
    let identity = Identity { issuer: &issuer, subject: "7" };
    database.identities.link(identity, &somebody.username, now()).await.unwrap();
    database.accounts.delete_account((&somebody.username).into(), now()).await.unwrap();
    assert_eq!(database.identities.account_of(identity).await.unwrap(), None);
}

pub async fn an_assertion_is_used_once_however_many_try(database: &Database) {
    let (issuer, other, until) = (name("https://issuer.example"), name("https://other.example"), now() + MINUTE);
    let used = join_all((0..20).map(|_| database.identities.use_assertion(&issuer, "j", until))).await;
    assert_eq!(used.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
    assert!(database.identities.use_assertion(&other, "j", until).await.unwrap());
    assert!(database.identities.use_assertion(&issuer, "J", until).await.unwrap());
    // Forgotten only when it could not be used any more.
    database.identities.forget_assertions(until).await.unwrap();
    assert!(!database.identities.use_assertion(&issuer, "j", until).await.unwrap());
    assert!(database.identities.forget_assertions(until + MINUTE).await.unwrap() >= 3);
    assert!(database.identities.use_assertion(&issuer, "j", until).await.unwrap());
}
