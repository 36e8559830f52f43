//! Grants: their code, their refresh tokens, and what they depend on.

use super::*;
use domain::grant::Grant;
use domain::ids::Secret;
use futures::future::join_all;
use store::RevokeScope;
use store::grants::{GrantRow, SessionSpan};

pub async fn a_grant_is_read_back_whole_with_its_account_and_session(database: &Database) {
    let (account, session) = signed_in(database).await;
    let grant = grant(&client(), &session, "openid offline_access");
    database.grants.put_grant(&grant).await.unwrap();
    let span = SessionSpan { expires_at: session.expires_at, revoked_at: None };
    let found = database.grants.grant(grant.id).await.unwrap();
    assert_eq!(found, Some(GrantRow { grant, account, session: Some(span) }));
}

pub async fn an_unknown_grant_is_none(database: &Database) {
    assert_eq!(database.grants.grant(Uuid::new_v4().into()).await.unwrap(), None);
}

pub async fn a_grant_is_added_only_in_a_live_session_of_its_account(database: &Database) {
    let (account, session) = signed_in(database).await;
    let (_, strangers) = signed_in(database).await;
    let added = async |grant: &Grant| {
        let done = database.grants.put_grant(grant).await.unwrap();
        assert_eq!(database.grants.grant(grant.id).await.unwrap().is_some(), done);
        done
    };
    let new = || grant(&client(), &session, "openid offline_access");
    assert!(added(&new()).await);
    assert!(!added(&Grant { session: strangers.id, ..new() }).await);
    assert!(!added(&Grant { session: Uuid::new_v4().into(), ..new() }).await);
    assert!(!added(&Grant { created_at: session.expires_at.unwrap(), ..new() }).await);
    database.sessions.revoke_sessions(account.id, &RevokeScope::One(session.id), now()).await.unwrap();
    assert!(!added(&new()).await);
}

/// A thief who is signed in asks for grants all the time, while the owner secures the account.
pub async fn no_grant_that_is_added_at_the_same_moment_outlives_a_remedy(database: &Database) {
    for round in 0..10 {
        let (account, session) = signed_in(database).await;
        let kept = kept_pc(database, account.id).await;
        let grants: Vec<_> = (0..8).map(|_| grant(&client(), &session, "openid offline_access")).collect();
        let adding = join_all(grants.iter().map(|grant| database.grants.put_grant(grant)));
        let remedy = async {
            let at = now();
            let verified = Secret::new("$hash".to_owned());
            match round % 2 {
                0 => database.accounts.change_password(account.id, &verified, "$new", kept.id, at).await,
                _ => database.accounts.sign_out(&account.username, at).await,
            }
        };
        let (added, ended) = tokio::join!(adding, remedy);
        ended.unwrap().unwrap();
        for (grant, added) in grants.iter().zip(added) {
            let found = database.grants.grant(grant.id).await.unwrap();
            assert_eq!(found.is_some(), added.unwrap());
            assert!(found.is_none_or(|row| row.grant.revoked_at.is_some()), "round {round}");
        }
    }
}

pub async fn a_code_is_used_once_however_many_try(database: &Database) {
    let (_, session) = signed_in(database).await;
    let grant = grant(&client(), &session, "openid");
    database.grants.put_grant(&grant).await.unwrap();
    let at = now();
    let attempts = join_all((0..50).map(|_| database.grants.use_code(grant.id, at))).await;
    assert_eq!(attempts.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
    assert_eq!(stored(database, &grant).await, Grant { code_used_at: Some(at), ..grant });
}

pub async fn a_counter_moves_once_however_many_try(database: &Database) {
    let (_, session) = signed_in(database).await;
    let grant = exchanged(database, &client(), &session, "openid offline_access").await;
    let (at, end) = (now(), now() + 90 * MINUTE);
    let attempts = join_all((0..20).map(|_| database.grants.rotate_grant(grant.id, 0, at, end))).await;
    assert_eq!(attempts.into_iter().filter(|moved| *moved.as_ref().unwrap()).count(), 1);
    let found = stored(database, &grant).await;
    assert_eq!((found.counter, found.rotated_at, found.expires_at), (1, Some(at), end));
    assert!(!database.grants.rotate_grant(grant.id, 7, at, end).await.unwrap());
}

pub async fn a_revoked_grant_is_neither_exchanged_nor_refreshed(database: &Database) {
    let (_, session) = signed_in(database).await;
    let (fresh, live) =
        (grant(&client(), &session, "openid"), exchanged(database, &client(), &session, "offline_access").await);
    database.grants.put_grant(&fresh).await.unwrap();
    let at = now();
    for grant in [&fresh, &live] {
        database.grants.revoke_grant(grant.id, at).await.unwrap();
        // Idempotent: the first time counts.
        database.grants.revoke_grant(grant.id, at + MINUTE).await.unwrap();
        assert_eq!(stored(database, grant).await.revoked_at, Some(at));
    }
    assert!(!database.grants.use_code(fresh.id, at).await.unwrap());
    assert!(!database.grants.rotate_grant(live.id, 0, at, at + MINUTE).await.unwrap());
}

pub async fn a_grant_shows_that_its_session_or_account_ended(database: &Database) {
    let (account, session) = signed_in(database).await;
    let online = exchanged(database, &client(), &session, "openid").await;
    let offline = exchanged(database, &client(), &session, "openid offline_access").await;
    let lives = async |grant: &Grant, at| database.grants.grant(grant.id).await.unwrap().unwrap().lives_at(at);
    assert!(lives(&online, now()).await && lives(&offline, now()).await);
    database.sessions.revoke_sessions(account.id, &RevokeScope::One(session.id), now()).await.unwrap();
    assert!(!lives(&online, now()).await, "it depends on its session");
    assert!(lives(&offline, now()).await, "it outlives its session");
    database.accounts.set_disabled(&account.username, true, now()).await.unwrap();
    assert!(!lives(&offline, now()).await);
}

pub async fn every_remedy_for_a_theft_ends_all_grants_of_only_that_account(database: &Database) {
    for remedy in ["disable", "new password", "own new password", "sign out"] {
        let ((account, session), (_, others)) = (signed_in(database).await, signed_in(database).await);
        let client = client();
        let grant = exchanged(database, &client, &session, "openid offline_access").await;
        let strangers = exchanged(database, &client, &others, "openid offline_access").await;
        let (at, name) = (now(), account.username.as_str());
        let outcome = match remedy {
            "disable" => database.accounts.set_disabled(name, true, at).await,
            "new password" => database.accounts.set_password(name, "$new", at).await,
            "own new password" => {
                let verified = Secret::new("$hash".to_owned());
                database.accounts.change_password(account.id, &verified, "$new", session.id, at).await
            }
            _ => database.accounts.sign_out(name, at).await,
        };
        outcome.unwrap().unwrap();
        // For good: an account that is enabled again has no connected app.
        database.accounts.set_disabled(name, false, at + MINUTE).await.unwrap();
        assert_eq!(stored(database, &grant).await.revoked_at, Some(at), "{remedy}");
        assert_eq!(stored(database, &strangers).await.revoked_at, None, "{remedy}");
    }
}

pub async fn a_deleted_account_takes_its_grants_along(database: &Database) {
    let (account, session) = signed_in(database).await;
    let client = client();
    let grant = exchanged(database, &client, &session, "openid offline_access").await;
    let interaction = interaction(&client, "openid", now());
    database.grants.put_interaction(&interaction).await.unwrap();
    database.grants.consent(&interaction, account.id, true, now()).await.unwrap();
    database.accounts.delete_account((&account.username).into(), now()).await.unwrap();
    assert_eq!(database.grants.grant(grant.id).await.unwrap(), None);
    assert_eq!(database.grants.consented(account.id, &client).await.unwrap(), None);
}
