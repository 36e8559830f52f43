//! Authentication: passwords, tokens, devices.

use super::server::{PASSWORD, Server};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clock::now;
use domain::account::{Began, Session, SessionKind};
use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::security::signing_key::{KeySource, SigningKeys};
use service::security::token::Tokens;
use std::time::Duration;
use testkit::{Client, Phone, bearer, signed_in_pc};
use uuid::Uuid;

/// Adds a PC session to the account, as the server would.
async fn pc_session(server: &Server, account: &str, expires_at: Timestamp) -> Session {
    server.account(account).await;
    let accounts = server.app.accounts.list().await.unwrap();
    let account = accounts.into_iter().find(|found| found.username == account).unwrap();
    Session {
        id: Uuid::new_v4().into(),
        account: account.id,
        kind: SessionKind::Pc,
        device: None,
        device_secret: None,
        began: Began::Code,
        stepped_up_at: None,
        approvals_void_until: None,
        name: "a PC".to_owned(),
        ip: "127.0.0.1".to_owned(),
        created_at: now(),
        last_seen_at: now(),
        expires_at: Some(expires_at),
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_wrong_username_and_a_wrong_password_get_the_same_response() {
    let server = Server::start().await;
    server.account("dong").await;
    server.account("barred").await;
    server.app.accounts.set_disabled("barred", true).await.unwrap();
    let client = Client::new(&server);
    let mut bodies = Vec::new();
    for (username, password) in [("dong", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("barred", PASSWORD)] {
        let answer = client.post("/api/login", &[("username", username), ("password", password)]).await;
        answer.refused(401, "invalid_credentials");
        assert_eq!(answer.set_cookie("qr_phone"), None);
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn odd_usernames_and_passwords_are_just_wrong_credentials() {
    let server = Server::start().await;
    server.account("dong").await;
    let client = Client::new(&server);
    let long = "p".repeat(10_000);
    for (username, password) in
        [("dong", ""), ("' OR '1'='1", "x"), ("\u{0}", "\u{0}"), ("扫码", "登录"), ("dong", &long)]
    {
        let answer = client.post("/api/login", &[("username", username), ("password", password)]).await;
        answer.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_phones_token_is_only_valid_with_its_own_device() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let other = Phone::new(&server, "dong").await;
    for wrong in [
        phone.client.clone().without("x-device-id"),
        phone.client.clone().always("x-device-id", "another"),
        phone.client.clone().always("x-device-id", &other.device),
        phone.client.clone().always("x-device-id", ""),
        phone.client.clone().always("x-device-id", &phone.device.to_uppercase()),
    ] {
        for path in ["/api/userinfo", "/api/sessions", "/api/session/wait"] {
            wrong.get(path).await.refused(401, "device_mismatch");
        }
        let id = "00000000-0000-4000-8000-000000000000";
        for path in ["/api/qrcode/scan", "/api/qrcode/confirm", "/api/logout", "/api/sessions/revoke-others"] {
            wrong.post(path, &[("id", id), ("confirm_token", "x")]).await.refused(401, "device_mismatch");
        }
    }
    phone.user_info().await.ok();
}

#[tokio::test]
async fn a_missing_or_unknown_credential_is_unauthenticated() {
    let server = Server::start().await;
    Client::new(&server).get("/api/userinfo").await.refused(401, "unauthenticated");
    for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "扫码"] {
        for name in ["qr_pc", "qr_phone"] {
            let client = Client::new(&server);
            client.plant(name, token);
            assert!(client.cookie_line().contains(&format!("{name}={token}")), "the cookie is sent");
            client.get("/api/userinfo").await.refused(401, "unauthenticated");
        }
        if token.is_ascii() {
            bearer(&server, token).get("/api/userinfo").await.refused(401, "unauthenticated");
        }
    }
    let phone = Phone::new(&server, "dong").await;
    for scheme in ["Basic", "Token", ""] {
        let client = phone.client.clone().always("authorization", &format!("{scheme} {}", phone.token));
        client.get("/api/userinfo").await.refused(401, "unauthenticated");
    }
    phone.client.clone().always("authorization", &format!("bearer {}", phone.token)).get("/api/userinfo").await.ok();
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let session = pc_session(&server, "dong", now() + Duration::from_secs(60)).await;
    server.app.sessions.begin(&session).await.unwrap();
    let genuine = server.app.tokens.issue(&session).unwrap().reveal().to_owned();
    bearer(&server, &genuine).get("/api/userinfo").await.ok();
    let parts: Vec<&str> = genuine.split('.').collect();
    let foreign_parts = phone.token.split('.').collect::<Vec<_>>();
    let kid = jsonwebtoken::decode_header(&genuine).unwrap().kid.unwrap();
    let header = |alg: &str| URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "JWT", "kid": kid }).to_string());
    let another_key = SigningKeys::open(KeySource::Fresh).unwrap();
    let by_another_key =
        Tokens::new(server.origin(), &another_key).unwrap().issue(&session).unwrap().reveal().to_owned();
    // The header names our key, but another key made the signature.
    let by_another_key_in_our_name = format!("{}{}", parts[0], &by_another_key[by_another_key.find('.').unwrap()..]);
    let mut all = vec![
        by_another_key,
        by_another_key_in_our_name,
        format!("{}.{}.{}", parts[0], foreign_parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{genuine}x"),
    ];
    for alg in ["none", "None", "NONE", ""] {
        all.push(format!("{}.{}.", header(alg), parts[1]));
        all.push(format!("{}.{}.{}", header(alg), parts[1], parts[2]));
    }
    all.extend(public_key(&server).map(|key| signed_by_hmac(&kid, parts[1], &key)));
    for forged in all {
        bearer(&server, &forged).get("/api/userinfo").await.refused(401, "unauthenticated");
        let by_cookie = Client::new(&server);
        by_cookie.plant("qr_pc", &forged);
        by_cookie.get("/api/userinfo").await.refused(401, "unauthenticated");
    }
}

/// Returns the published key in each form that a program might use as an HMAC key: its bytes, their text, and PEM (RFC
/// 8410).
fn public_key(server: &Server) -> [Vec<u8>; 3] {
    let keys = serde_json::to_value(server.app.tokens.public_keys()).unwrap();
    let text = keys["keys"][0]["x"].as_str().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    let der = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &bytes[..]].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
    [bytes, text.as_bytes().to_vec(), pem.into_bytes()]
}

/// Algorithm confusion: signs with the public key as if it were an HMAC key.
fn signed_by_hmac(kid: &str, claims: &str, key: &[u8]) -> String {
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key)).unwrap()
}

#[tokio::test]
async fn an_expired_token_gets_token_expired() {
    let server = Server::start().await;
    let over = pc_session(&server, "dong", now() - Duration::from_secs(5)).await;
    server.app.sessions.begin(&over).await.unwrap();
    let token = server.app.tokens.issue(&over).unwrap().reveal().to_owned();
    // Twice, because a token that was verified before takes the cached path.
    for _ in 0..2 {
        bearer(&server, &token).get("/api/userinfo").await.refused(401, "token_expired");
    }
    // The session's row takes precedence, even if the token would be valid for longer.
    let longer = Session { expires_at: Some(now() + Duration::from_secs(60)), ..over };
    let token = server.app.tokens.issue(&longer).unwrap().reveal().to_owned();
    bearer(&server, &token).get("/api/userinfo").await.refused(401, "token_expired");
}

#[tokio::test]
async fn a_token_without_a_session_or_of_another_account_is_revoked() {
    let server = Server::start().await;
    let unknown = pc_session(&server, "dong", now() + Duration::from_secs(60)).await;
    let token = server.app.tokens.issue(&unknown).unwrap().reveal().to_owned();
    bearer(&server, &token).get("/api/userinfo").await.refused(401, "token_revoked");
    let dongs = pc_session(&server, "dong", now() + Duration::from_secs(60)).await;
    server.app.sessions.begin(&dongs).await.unwrap();
    let guangs = pc_session(&server, "guang", now() + Duration::from_secs(60)).await;
    let crossed = server.app.tokens.issue(&Session { id: dongs.id, ..guangs }).unwrap().reveal().to_owned();
    bearer(&server, &crossed).get("/api/userinfo").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn a_phone_has_one_live_credential() {
    let server = Server::start().await;
    let old = Phone::new(&server, "dong").await;
    let form = [("username", "dong"), ("password", PASSWORD), ("device_id", old.device.as_str())];
    let again = Client::new(&server).post("/api/login", &form).await.ok();
    assert_eq!(again["device_id"], old.device.as_str());
    old.user_info().await.refused(401, "token_revoked");
    let fresh = Phone::holding(&server, again["token"].as_str().unwrap(), &old.device);
    assert_eq!(fresh.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 1);
    // The same device id under another account is another device.
    server.account("guang").await;
    let form = [("username", "guang"), ("password", PASSWORD), ("device_id", old.device.as_str())];
    Client::new(&server).post("/api/login", &form).await.ok();
    fresh.user_info().await.ok();
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_everywhere_immediately() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let id = pc.ticket().await;
    phone.approve(&id).await;
    server.app.accounts.set_disabled("dong", true).await.unwrap();
    phone.user_info().await.refused(401, "token_revoked");
    by_token.get("/api/userinfo").await.refused(401, "token_revoked");
    pc.redeem(&id).await.refused(401, "token_revoked");
}
