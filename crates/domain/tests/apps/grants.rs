//! Codes and refresh tokens.

use super::*;
use domain::account::Began;
use domain::client::ClientId;
use domain::grant::{CODE_TTL, Exchange, Grant, GrantError, REFRESH_GRACE, Refresh};
use proptest::prelude::*;
use std::time::Duration;

const MILLISECOND: Duration = Duration::from_millis(1);

fn grant() -> Grant {
    Grant {
        id: Uuid::from_u128(7).into(),
        client: client().id,
        account: account(1),
        session: Uuid::from_u128(8).into(),
        scopes: Scopes::parse("openid offline_access"),
        resource: None,
        nonce: None,
        redirect_uri: CALLBACK.to_owned(),
        code_challenge: Some(CHALLENGE.to_owned()),
        code_used_at: None,
        counter: 0,
        rotated_at: None,
        auth_time: at(0),
        began: Began::Code,
        created_at: at(0),
        expires_at: at(100_000),
        revoked_at: None,
    }
}

fn other() -> ClientId {
    "other".parse().unwrap()
}

#[test]
fn a_code_is_exchanged_by_its_client_with_its_uri_and_verifier() {
    let own = client().id;
    let right = Exchange { client: &own, redirect_uri: Some(CALLBACK), challenge: Some(CHALLENGE) };
    let grant = grant();
    assert_eq!(grant.check_exchange(&right, at(1)), Ok(()));
    let elsewhere = other();
    for wrong in [
        Exchange { client: &elsewhere, ..right },
        Exchange { redirect_uri: None, ..right },
        Exchange { redirect_uri: Some("https://app.example/other"), ..right },
        Exchange { challenge: None, ..right },
        Exchange { challenge: Some("wrong"), ..right },
    ] {
        assert_eq!(grant.check_exchange(&wrong, at(1)), Err(GrantError::Mismatch), "{wrong:?}");
    }
    let unprotected = Grant { code_challenge: None, ..grant };
    assert_eq!(unprotected.check_exchange(&right, at(1)), Err(GrantError::Mismatch), "a verifier without a challenge");
    assert_eq!(unprotected.check_exchange(&Exchange { challenge: None, ..right }, at(1)), Ok(()));
}

#[test]
fn a_code_lives_for_a_minute_and_is_used_once() {
    let own = client().id;
    let right = Exchange { client: &own, redirect_uri: Some(CALLBACK), challenge: Some(CHALLENGE) };
    let end = at(0) + CODE_TTL;
    assert_eq!(grant().check_exchange(&right, end - MILLISECOND), Ok(()));
    assert_eq!(grant().check_exchange(&right, end), Err(GrantError::Over));
    let revoked = Grant { revoked_at: Some(at(0)), ..grant() };
    assert_eq!(revoked.check_exchange(&right, at(1)), Err(GrantError::Over));
    let used = Grant { code_used_at: Some(at(1)), ..grant() };
    // Also long after its end, and also with other details wrong: the code was stolen.
    for (exchange, now) in [(right, at(2)), (right, at(9_999)), (Exchange { challenge: None, ..right }, at(2))] {
        assert_eq!(used.check_exchange(&exchange, now), Err(GrantError::Replayed));
    }
    let elsewhere = other();
    let stranger = Exchange { client: &elsewhere, ..right };
    assert_eq!(used.check_exchange(&stranger, at(2)), Err(GrantError::Mismatch), "a stranger cannot revoke it");
}

#[test]
fn a_refresh_token_works_once_and_for_half_a_minute_again() {
    let live = Grant { code_used_at: Some(at(1)), counter: 3, rotated_at: Some(at(10)), ..grant() };
    let own = client().id;
    let refresh = |counter, now| live.check_refresh(&own, counter, now);
    let end = at(10) + REFRESH_GRACE;
    assert_eq!(refresh(3, at(50)), Ok(Refresh::Next(4)));
    assert_eq!(refresh(2, end - MILLISECOND), Ok(Refresh::Same(3)));
    assert_eq!(refresh(2, end), Err(GrantError::Replayed));
    assert_eq!(refresh(1, at(11)), Err(GrantError::Replayed));
    assert_eq!(refresh(4, at(11)), Err(GrantError::Mismatch));
    assert_eq!(refresh(u32::MAX, at(11)), Err(GrantError::Mismatch));
    assert_eq!(live.check_refresh(&other(), 1, at(11)), Err(GrantError::Mismatch));
    assert_eq!(refresh(3, at(100_000)), Err(GrantError::Over));
    assert_eq!(Grant { revoked_at: Some(at(1)), ..live.clone() }.check_refresh(&own, 3, at(2)), Err(GrantError::Over));
    assert_eq!(Grant { code_used_at: None, ..live }.check_refresh(&own, 3, at(2)), Err(GrantError::Over));
}

proptest! {
    /// Whatever order tokens are presented in: those who hold the newest token always go on, and a token that is older
    /// than the one before it always ends the grant.
    #[test]
    fn a_stolen_token_is_noticed(presented in prop::collection::vec((0..4_u32, 0..60_i64), 1..40)) {
        let own = client().id;
        let mut grant = Grant { code_used_at: Some(at(0)), ..grant() };
        let mut now = 0;
        for (age, pause) in presented {
            now += pause;
            let Some(counter) = grant.counter.checked_sub(age) else { continue };
            let rotated = grant.rotated_at.map_or(i64::MIN, |at| at.as_millis());
            match grant.check_refresh(&own, counter, at(now)) {
                Ok(Refresh::Next(next)) => {
                    prop_assert_eq!((age, next), (0, grant.counter + 1));
                    grant = Grant { counter: next, rotated_at: Some(at(now)), ..grant };
                }
                Ok(Refresh::Same(same)) => {
                    prop_assert_eq!((age, same), (1, grant.counter));
                    prop_assert!(at(now).as_millis() - rotated < 30_000);
                }
                Err(error) => {
                    prop_assert_eq!(error, GrantError::Replayed);
                    prop_assert!(age > 1 || at(now).as_millis() - rotated >= 30_000);
                }
            }
        }
    }
}
