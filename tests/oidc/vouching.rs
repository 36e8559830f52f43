//! Sign-in by an assertion: the steps of its validation, in their order, and what it leads to.

use super::backend::*;
use super::provider::*;
use domain::limits::Key;
use futures::future::join_all;
use serde_json::{Value, json};
use service::security::oidc_keys::JwtType;
use std::time::Duration;
use testkit::{Client, Pc, Phone};

const PROVISION: &str = "provision = true";

async fn started(rest: &str) -> (Provider, clock::ClockHand, Backend) {
    let (provider, hand) = Provider::still().await;
    let backend = Backend::start(&provider, rest).await;
    (provider, hand, backend)
}

#[tokio::test]
async fn a_phone_is_signed_in_like_by_password() {
    let (provider, _, backend) = started(PROVISION).await;
    let assertion = backend.vouch(&provider, "7", &[]).await;
    let more = [("device_id", "dev-1"), ("device_name", "Shop on Pixel"), ("device_kind", "android")];
    let answer = present(&provider, &assertion, &more).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.ok();
    assert_eq!((&body["token_type"], &body["device_id"]), (&json!("Bearer"), &json!("dev-1")));
    assert_eq!(body["account"]["username"], "7");
    let phone = Phone::holding(&*provider, body["access_token"].as_str().unwrap(), "dev-1");
    let me = phone.user_info().await.ok();
    assert_eq!((&me["session"]["kind"], &me["session"]["began"]), (&json!("phone"), &json!("assertion")));
    assert_eq!(me["session"]["name"], "Shop on Pixel");
    // It approves a PC, and is bound to its device.
    let pc = Pc::new(&*provider);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    pc.redeem(&id).await.ok();
    let stolen = Phone::holding(&*provider, &phone.token, "another");
    stolen.user_info().await.refused(401, "device_mismatch");
}

#[tokio::test]
async fn the_same_user_has_the_same_account_and_another_has_another() {
    let (provider, _, backend) = started(PROVISION).await;
    let id = async |subject| backend.sign_in(&provider, subject, &[]).await.ok()["account"]["id"].clone();
    let (first, again, other) = (id("7").await, id("7").await, id("8").await);
    assert!(first == again && first != other);
    // However many phones of a new user come at once.
    let many = join_all((0..10).map(|_| id("9"))).await;
    assert!(many.iter().all(|one| *one == many[0]));
}

#[tokio::test]
async fn the_steps_of_the_validation() {
    let (provider, _, backend) = started(PROVISION).await;
    let now = provider.app.clock.now().as_secs();
    let good = backend.vouch(&provider, "7", &[]).await;
    let kid = header(&json!(good))["kid"].clone();
    // Size, form, type.
    let long = backend.vouch(&provider, "7", &[("x", json!("x".repeat(8192)))]).await;
    let critical = with_header(&good, &json!({"alg": "RS256", "kid": kid, "crit": ["exp"]}));
    let access = backend.keys.sign(JwtType::AccessToken, &backend.claims(&provider, "7", &[])).await.unwrap();
    for bad in ["x", "a.b.c", &long, &critical, &access] {
        refused(&present(&provider, bad, &[]).await, "the assertion is malformed");
    }
    // The issuer, which says where the rest is looked up.
    for iss in [json!("https://other.example"), json!(format!("{ISSUER}/")), json!([ISSUER]), Value::Null] {
        refused(&backend.sign_in(&provider, "7", &[("iss", iss)]).await, "the issuer is not known");
    }
    // The algorithm.
    for alg in ["none", "HS256", "ES256", "EdDSA", "RS512", "PS256"] {
        let other = with_header(&good, &json!({"alg": alg, "kid": kid}));
        refused(&present(&provider, &other, &[]).await, "alg is not one");
    }
    // The key.
    refused(&present(&provider, &with_header(&good, &json!({"alg": "RS256"})), &[]).await, "kid is missing");
    let unknown = with_header(&good, &json!({"alg": "RS256", "kid": "unknown"}));
    refused(&present(&provider, &unknown, &[]).await, "kid is not in the key set");
    // The signature.
    let mut forged = good.clone().into_bytes();
    let at = good.rfind('.').unwrap() + 9;
    forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    refused(&present(&provider, &forged, &[]).await, "the signature of the assertion is wrong");
    let header_changed = with_header(&good, &json!({"alg": "RS256", "kid": kid, "typ": "jwt"}));
    refused(&present(&provider, &header_changed, &[]).await, "the signature of the assertion is wrong");
    // The claims.
    let us = provider.issuer();
    for (name, value, description) in [
        ("aud", json!("https://other.example"), "aud must be"),
        ("aud", json!([us, "https://other.example"]), "aud must be"),
        ("aud", json!(format!("{us}/oauth/token")), "aud must be"),
        ("aud", Value::Null, "aud must be"),
        ("aud", json!(7), "a claim of the assertion is malformed"),
        ("sub", Value::Null, "sub must have"),
        ("sub", json!(""), "sub must have"),
        ("sub", json!(7), "a claim of the assertion is malformed"),
        ("sub", json!("x".repeat(256)), "sub must have"),
        ("exp", Value::Null, "exp is missing"),
        ("exp", json!(now - 31), "the assertion has expired"),
        ("exp", json!(now + 332), "exp is more than"),
        ("exp", json!("soon"), "a claim of the assertion is malformed"),
        ("iat", Value::Null, "iat is missing"),
        ("iat", json!(now - 332), "iat is more than"),
        ("iat", json!(now + 32), "iat is in the future"),
        ("nbf", json!(now + 32), "nbf is in the future"),
        ("jti", Value::Null, "jti must have"),
        ("jti", json!(""), "jti must have"),
    ] {
        refused(&backend.sign_in(&provider, "7", &[(name, value)]).await, description);
    }
    // Nothing of this has used it up, and a list with one audience is as good.
    present(&provider, &good, &[]).await.ok();
    backend.sign_in(&provider, "7", &[("aud", json!([us])), ("exp", json!(now as f64 + 10.5))]).await.ok();
    // Used before.
    refused(&present(&provider, &good, &[]).await, "the assertion was used before");
    // The client, if one is named.
    for (more, expected) in [
        (&[("client_id", "web"), ("client_secret", "wrong")][..], 401),
        (&[("client_id", "web")], 401),
        (&[("client_id", "unknown")], 401),
        (&[("client_id", "web"), ("client_secret", SECRET)], 200),
        (&[("client_id", "spa")], 200),
    ] {
        let answer = present(&provider, &backend.vouch(&provider, "7", &[]).await, more).await;
        assert_eq!(answer.status.as_u16(), expected, "{more:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_malformed_request_is_refused() {
    let (provider, _, backend) = started(PROVISION).await;
    let client = Client::new(&*provider);
    oauth_error(&client.post("/oauth/token", &[("grant_type", GRANT)]).await, 400, "invalid_request");
    let assertion = backend.vouch(&provider, "7", &[]).await;
    let answer = present(&provider, &assertion, &[("device_id", "a b")]).await;
    oauth_error(&answer, 400, "invalid_request");
    let twice = present(&provider, &assertion, &[("assertion", "x")]).await;
    oauth_error(&twice, 400, "invalid_request");
    present(&provider, &assertion, &[]).await.ok();
}

#[tokio::test]
async fn a_user_without_an_account_gets_one_only_if_the_operator_says_so() {
    let (provider, _, backend) = started("").await;
    provider.account("dong").await;
    refused(&backend.sign_in(&provider, "dong", &[]).await, "the user has no account here");
    backend.register(&provider, PROVISION);
    let account = backend.sign_in(&provider, "dong", &[]).await.ok()["account"].clone();
    assert_ne!(account["username"], "dong", "that account is somebody else's");
    backend.register(&provider, "");
    assert_eq!(backend.sign_in(&provider, "dong", &[]).await.ok()["account"], account);
}

#[tokio::test]
async fn mapped_claims_are_taken_over_at_each_sign_in() {
    let mapping = "provision = true\nclaims = { username = \"login\", display_name = \"name\", email = \"mail\", \
                   email_verified = \"mail_ok\", groups = \"roles\" }";
    let (provider, _, backend) = started(mapping).await;
    let me = async |changes: Changes<'_>| {
        let body = backend.sign_in(&provider, "7", changes).await.ok();
        let (token, device) = (body["access_token"].as_str().unwrap(), body["device_id"].as_str().unwrap());
        Phone::holding(&*provider, token, device).user_info().await.ok()
    };
    let full = [
        ("login", json!("dong")),
        ("name", json!("Dong")),
        ("mail", json!("dong@shop.example")),
        ("mail_ok", json!(true)),
        ("roles", json!(["staff", "admins"])),
    ];
    let first = me(&full).await;
    assert_eq!((&first["username"], &first["display_name"]), (&json!("dong"), &json!("Dong")));
    assert_eq!((&first["email"], &first["email_verified"]), (&json!("dong@shop.example"), &json!(true)));
    assert_eq!(first["groups"], json!(["admins", "staff"]));
    let later = me(&[("login", json!("wei")), ("name", json!("Wei")), ("roles", json!(["staff"]))]).await;
    assert_eq!((&later["id"], &later["username"]), (&first["id"], &json!("dong")));
    assert_eq!((&later["display_name"], &later["email"]), (&json!("Wei"), &Value::Null));
    assert_eq!(later["groups"], json!(["staff"]));
}

#[tokio::test]
async fn keys_are_kept_and_fetched_again_sparingly() {
    let (provider, hand, mut backend) = started(PROVISION).await;
    let fetched = |backend: &mut Backend| std::iter::from_fn(|| backend.server.try_next()).count();
    let minute = Duration::from_secs(60);
    let keys = serde_json::to_string(backend.keys.public().await.unwrap()).unwrap();
    join_all((0..5).map(|_| backend.sign_in(&provider, "7", &[]))).await.iter().for_each(|answer| drop(answer.ok()));
    assert_eq!(fetched(&mut backend), 1);
    // Unknown keys: once a minute.
    let good = backend.vouch(&provider, "7", &[]).await;
    let unknown = with_header(&good, &json!({"alg": "RS256", "kid": "unknown"}));
    for expected in [0, 1, 1] {
        for _ in 0..3 {
            refused(&present(&provider, &unknown, &[]).await, "kid is not in");
        }
        assert_eq!(fetched(&mut backend), expected);
        hand.advance(minute);
    }
    // Another key, published a moment ago.
    backend.server.answer("200 OK", "{\"keys\": []}");
    hand.advance(minute * 10);
    refused(&backend.sign_in(&provider, "7", &[]).await, "kid is not in");
    backend.server.answer("200 OK", &keys);
    hand.advance(minute);
    backend.sign_in(&provider, "7", &[]).await.ok();
    // Down: the keys serve for a day.
    for broken in ["503 Service Unavailable", "200 OK", "302 Found"] {
        backend.server.answer(broken, "<html>");
        hand.advance(minute * 60 * 7);
        backend.sign_in(&provider, "7", &[]).await.ok();
    }
    hand.advance(minute * 60 * 4);
    let answer = backend.sign_in(&provider, "7", &[]).await;
    oauth_error(&answer, 503, "temporarily_unavailable");
    backend.server.answer("200 OK", &keys);
    hand.advance(minute);
    backend.sign_in(&provider, "7", &[]).await.ok();
}

#[tokio::test]
async fn an_issuer_has_a_limit_of_its_own() {
    let (provider, hand) = Provider::limited().await;
    let backend = Backend::start(&provider, PROVISION).await;
    let issuer = Key::VouchedBy(ISSUER.to_owned());
    // All but one of what it may do at once.
    for _ in 1..issuer.quota().burst {
        provider.app.limits.charge(issuer.clone()).await.unwrap();
    }
    backend.sign_in(&provider, "7", &[]).await.ok();
    let answer = backend.sign_in(&provider, "7", &[]).await;
    oauth_error(&answer, 503, "temporarily_unavailable");
    // Another one is not affected, and time gives it back.
    provider.app.limits.charge(Key::VouchedBy("https://other.example".to_owned())).await.unwrap();
    hand.advance(issuer.quota().every);
    backend.sign_in(&provider, "7", &[]).await.ok();
}

#[tokio::test]
async fn discovery_names_the_grant_only_where_there_is_an_issuer() {
    let provider = Provider::start().await;
    let types = async || {
        provider.browser().0.get("/.well-known/openid-configuration").await.ok()["grant_types_supported"].to_string()
    };
    assert!(!types().await.contains(GRANT));
    let _backend = Backend::start(&provider, "").await;
    assert!(types().await.contains(GRANT));
}
