//! Codes that are used twice, and refresh tokens.

use crate::oidc::oidf::*;
use crate::oidc::provider::*;

/// The second use of a code is refused with `invalid_grant`
#[tokio::test]
async fn oidcc_codereuse() {
    let person = Person::new().await;
    let code = person.code(&person.ask(&[]).await);
    person.exchange(&code).await.ok();
    oauth_error(&person.exchange(&code).await, 400, "invalid_grant");
}

/// The same after 30 seconds, and the access token of the first use is dead
#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let person = Person::new().await;
    let code = person.code(&person.ask(&[]).await);
    let tokens = person.exchange(&code).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    person.wait(30);
    person.userinfo(access).await.ok();
    oauth_error(&person.exchange(&code).await, 400, "invalid_grant");
    assert_eq!(person.userinfo(access).await.status.as_u16(), 401);
}

/// A refresh gives new tokens for the same sign-in, and only to the app that the refresh token belongs to
#[tokio::test]
async fn oidcc_refresh_token() {
    let person = Person::new().await;
    let document = person.browser.0.get("/.well-known/openid-configuration").await.ok();
    assert!(document["grant_types_supported"].as_array().unwrap().iter().any(|grant| grant == "refresh_token"));
    let changes = [("scope", "openid offline_access"), ("prompt", "consent"), ("nonce", "n")];
    let (first, old) = person.sign_in(&changes).await;
    person.wait(1);
    let token = first["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let second = person.call_as("web", "/oauth/token", &form).await;
    assert_eq!(second.header("cache-control"), "no-store");
    let second = second.ok();
    assert_eq!(second["token_type"], "Bearer");
    assert!(second["expires_in"].as_u64().unwrap() > 0);
    for name in ["access_token", "refresh_token"] {
        let token = second[name].as_str().unwrap();
        assert_ne!(first[name], token, "{name}");
        assert!(token.bytes().all(|byte| byte.is_ascii_graphic()) && entropy(token) >= 96.0, "{token}");
    }
    let new = person.verified(&second, None).await;
    for name in ["iss", "sub", "aud", "auth_time", "azp"] {
        assert_eq!(old.get(name), new.get(name), "{name}");
    }
    assert_ne!(old["iat"], new["iat"]);
    person.user(&second, &new).await;
    let token = second["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    oauth_error(&person.call_as("other", "/oauth/token", &form).await, 400, "invalid_grant");
}
