//! Tokens of one kind that pass for another, or that nobody signed.

use crate::oidc::oidf::{foreign_key, stays};
use crate::oidc::provider::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use service::security::oidc_keys::JwtType;
use testkit::{bearer, browser_phone};

/// Checks that no endpoint takes this for an access token of ours.
async fn is_no_access_token(provider: &Provider, token: &str, what: &str) {
    let answer = provider.userinfo(token).await;
    oauth_error(&answer, 401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{what}");
    // Whose refresh token this is may introspect it.
    for app in ["web", "api"].into_iter().filter(|_| what != "refresh token") {
        let seen = provider.call_as(app, "/oauth/introspect", &[("token", token)]).await.ok();
        assert_eq!(seen, json!({"active": false}), "{what}");
    }
    if what != "refresh token" {
        provider.call_as("web", "/oauth/revoke", &[("token", token)]).await.ok();
    }
}

/// Checks that this is no hint: neither at the authorization endpoint nor at the end of a session.
async fn is_no_hint(browser: &Browser, token: &str, what: &str) {
    let query = [("id_token_hint", token), ("post_logout_redirect_uri", "https://app.example/bye")];
    stays(&browser.0.ask("/oauth/logout", &query).await, 400);
    assert!(browser.0.get("/api/userinfo").await.status.is_success(), "{what} has ended the session");
}

/// Returns an access token in the form of a JWT.
async fn access_jwt(provider: &Provider, browser: &Browser) -> String {
    let uri = "https://cloud.example/callback";
    let challenge = challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = browser.code(&[&[("client_id", "api"), ("redirect_uri", uri)], &pkce[..]].concat()).await;
    let form = [code_form(&code, uri), vec![("code_verifier", VERIFIER)]].concat();
    provider.call_as("api", "/oauth/token", &form).await.text("access_token")
}

/// ID tokens, access tokens, session tokens and logout tokens are accepted where they belong, and nowhere else
#[tokio::test]
async fn m11_one_type_of_token_passes_for_another() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid offline_access").await;
    let [id, access, refresh] =
        ["id_token", "access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap());
    let jwt = access_jwt(&provider, &browser).await;
    assert_eq!(header(&Value::String(jwt.clone()))["typ"], "at+jwt");
    assert_eq!(header(&tokens["id_token"])["typ"], "JWT");
    let claims = claims(&tokens["id_token"]);
    let sign = async |kind| provider.app.oidc_keys.sign(kind, &claims).await.unwrap();
    let others = [sign(JwtType::LogoutToken).await, sign(JwtType::Assertion).await];
    let phone = browser_phone(&*provider, "dong").await;
    let session = phone.cookie("qr_phone").unwrap_or_default();

    for (token, what) in [
        (id, "ID token"),
        (refresh, "refresh token"),
        (others[0].as_str(), "logout token"),
        (others[1].as_str(), "assertion"),
        (session.as_str(), "session token"),
    ] {
        is_no_access_token(&provider, token, what).await;
    }
    for (token, what) in [
        (access, "access token"),
        (jwt.as_str(), "access token as JWT"),
        (refresh, "refresh token"),
        (others[0].as_str(), "logout token"),
        (others[1].as_str(), "assertion"),
        (session.as_str(), "session token"),
    ] {
        is_no_hint(&browser, token, what).await;
    }
    for token in [id, access, refresh, &jwt, &others[0], &others[1]] {
        bearer(&*provider, token).get("/api/userinfo").await.refused(401, "unauthenticated");
    }
    // A JWT for another audience is not for us, and is one for its resource.
    assert_eq!(provider.userinfo(&jwt).await.status.as_u16(), 401);
    let seen = provider.call_as("api", "/oauth/introspect", &[("token", &jwt)]).await.ok();
    assert_eq!((seen["active"].as_bool(), seen["aud"].as_str()), (Some(true), Some("https://api.example")));
    assert!(provider.works(access).await, "no mix-up has harmed it");
}

fn unsigned(algorithm: &str, token: &str, typ: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "typ": typ}).to_string());
    format!("{header}.{}.", token.split('.').nth(1).unwrap())
}

/// Changes one character of the signature.
fn tampered(token: &str) -> String {
    let (content, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{content}.{first}{}", &signature[1..])
}

/// `alg: none`, HS256 with the public key, a key of one's own, an unknown `kid` and an oversized token are refused
#[tokio::test]
async fn m11_algorithm_confusion() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid").await;
    let id = tokens["id_token"].as_str().unwrap().to_owned();
    let jwt = access_jwt(&provider, &browser).await;
    let key = browser.0.get("/oauth/jwks.json").await.ok()["keys"][0].clone();
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
    let own = foreign_key();
    for (token, typ) in [(&id, "JWT"), (&jwt, "at+jwt")] {
        let claims = claims(&Value::String(token.clone()));
        let of = |algorithm, kid: &str| Header {
            kid: Some(kid.to_owned()),
            typ: Some(typ.to_owned()),
            ..Header::new(algorithm)
        };
        let kid = key["kid"].as_str().unwrap();
        let mut forged = vec![
            unsigned("none", token, typ),
            unsigned("None", token, typ),
            unsigned("RS256", token, typ),
            encode(&of(Algorithm::RS256, kid), &claims, &own).unwrap(),
            encode(&of(Algorithm::RS256, "unknown"), &claims, &own).unwrap(),
            tampered(token),
            format!("{token}{}", "A".repeat(9_000)),
        ];
        for secret in [modulus.as_slice(), key["n"].as_str().unwrap().as_bytes(), key.to_string().as_bytes(), b""] {
            let key = EncodingKey::from_secret(secret);
            forged.push(encode(&of(Algorithm::HS256, kid), &claims, &key).unwrap());
        }
        for token in forged {
            is_no_access_token(&provider, &token, "forged").await;
            is_no_hint(&browser, &token, "forged").await;
        }
    }
}

/// The key set of OpenID Connect has RSA keys alone, because one key of another type breaks clients, and the other has
/// none of them
#[tokio::test]
async fn m11_key_sets_mixed() {
    let provider = Provider::start().await;
    let client = provider.browser().0;
    for (path, kind) in [("/oauth/jwks.json", "RSA"), ("/.well-known/jwks.json", "OKP")] {
        let keys = client.get(path).await.ok()["keys"].as_array().unwrap().clone();
        assert!(!keys.is_empty() && keys.iter().all(|key| key["kty"] == kind), "{path}: {keys:?}");
    }
}
