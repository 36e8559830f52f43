//! The public keys of OpenID Connect.

use super::server::Server;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use qr_login::routes;
use serde_json::{Value, json};
use service::security::oidc_keys::JwtType;
use std::collections::HashSet;
use testkit::Client;

#[tokio::test]
async fn another_program_verifies_an_id_token_by_the_published_key() {
    let server = Server::start().await;
    let claims = json!({ "iss": server.origin(), "aud": "app", "sub": "a", "exp": 4_102_444_800_u64 });
    let token = server.app.oidc_keys.sign(JwtType::IdToken, &claims).await.unwrap();
    let keys: JwkSet = serde_json::from_value(Client::new(&server).get(routes::OIDC_JWKS).await.ok()).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).expect("the header names the key")).unwrap();
    let mut strict = Validation::new(Algorithm::RS256);
    strict.set_issuer(&[server.origin()]);
    strict.set_audience(&["app"]);
    assert_eq!(jsonwebtoken::decode::<Value>(&token, &key, &strict).unwrap().claims, claims);
}

#[tokio::test]
async fn each_document_has_one_kind_of_key_and_none_is_in_both() {
    let server = Server::start().await;
    let client = Client::new(&server);
    let mut ids = HashSet::new();
    for (path, kind, alg) in [(routes::JWKS, "OKP", "EdDSA"), (routes::OIDC_JWKS, "RSA", "RS256")] {
        let set = client.get(path).await.ok();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        for key in keys {
            assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&kind.into(), &alg.into(), &"sig".into()));
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.get(private).is_none(), "{path}: {private}");
            }
            assert!(ids.insert(key["kid"].clone()));
        }
    }
}

#[tokio::test]
async fn any_page_may_read_the_keys_for_five_minutes_and_without_cookies() {
    let server = Server::start().await;
    let answer = Client::new(&server).always("origin", "https://app.example").get(routes::OIDC_JWKS).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_key_that_cannot_be_written_is_unavailable_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("oidc.pem");
    // A link to nowhere: there is no file, and none can be created.
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    let server = Server::with(&["--oidc-key-file", file.to_str().unwrap()]).await;
    let client = Client::new(&server);
    client.get(routes::OIDC_JWKS).await.unavailable();
    client.get("/api/nothing-here").await.refused(404, "not_found");
    std::fs::remove_file(&file).unwrap();
    client.get(routes::OIDC_JWKS).await.ok();
}
