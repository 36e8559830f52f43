//! What is forgotten.

use super::*;
use domain::authorization::INTERACTION_TTL;
use domain::grant::{CODE_TTL, Grant};
use std::time::Duration;

const MILLISECOND: Duration = Duration::from_millis(1);

pub async fn what_ended_long_ago_is_forgotten_and_nothing_else(database: &Database) {
    let (_, session) = signed_in(database).await;
    // Far in the past, so that other tests' rows on the same engine are not in question.
    let before = now() - 100_000 * MINUTE;
    let old = |grant: Grant| Grant { created_at: before - 10 * MINUTE, ..grant };
    let used = |grant: Grant| (true, grant);
    let fresh = || grant(&client(), &session, "openid");
    let expired = used(old(Grant { expires_at: before - MILLISECOND, ..fresh() }));
    let expiring = used(old(Grant { expires_at: before, ..fresh() }));
    let unused = (false, Grant { created_at: before - CODE_TTL - MILLISECOND, ..fresh() });
    let usable = (false, Grant { created_at: before - CODE_TTL, ..fresh() });
    let revoked = used(old(fresh()));
    for (is_used, grant) in [&expired, &expiring, &unused, &usable, &revoked] {
        database.grants.put_grant(grant).await.unwrap();
        if *is_used {
            assert!(database.grants.use_code(grant.id, before).await.unwrap());
        }
    }
    database.grants.revoke_grant(revoked.1.id, before - MILLISECOND).await.unwrap();
    assert!(database.grants.forget_grants(before).await.unwrap() >= 3);
    let is_kept = async |grant: &Grant| database.grants.grant(grant.id).await.unwrap().is_some();
    for (_, gone) in [&expired, &unused, &revoked] {
        assert!(!is_kept(gone).await);
    }
    for (_, kept) in [&expiring, &usable] {
        assert!(is_kept(kept).await);
    }
}

pub async fn an_expired_interaction_is_forgotten_at_once(database: &Database) {
    // Far in the past, so that other tests' rows on the same engine are not in question.
    let now = now() - 100_000 * MINUTE;
    let over = interaction(&client(), "openid", now - INTERACTION_TTL);
    let open = interaction(&client(), "openid", now - INTERACTION_TTL + MILLISECOND);
    for interaction in [&over, &open] {
        database.grants.put_interaction(interaction).await.unwrap();
    }
    assert!(database.grants.forget_interactions(now).await.unwrap() >= 1);
    assert_eq!(database.grants.interaction(over.id).await.unwrap(), None);
    assert_eq!(database.grants.interaction(open.id).await.unwrap(), Some(open));
}
