//! The Config profile of the OpenID Foundation's conformance suite (`oidcc-config-certification-test-plan`).

use super::provider::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// A public URL as in production. The suite accepts no other scheme.
pub const HTTPS: &str = "https://login.example";

/// Returns the discovery document of a server at [`HTTPS`].
pub async fn discovery() -> Value {
    let provider = Provider::with(&["--public-url", HTTPS]).await;
    let answer = provider.browser().0.get("/.well-known/openid-configuration").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.ok();
    for (name, value) in document.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint")) {
        assert!(value.as_str().is_some_and(|url| url.starts_with("https://login.example/")), "{name}: {value}");
    }
    document
}

fn list(document: &Value, name: &str) -> BTreeSet<String> {
    let values = document[name].as_array().unwrap_or_else(|| panic!("no list {name}"));
    let texts: BTreeSet<String> = values.iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    assert!(!texts.is_empty() && texts.len() == values.len(), "{name} is empty or repeats itself");
    texts
}

/// The discovery document has what the specification requires, its endpoints use https, and its keys are public
#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let document = discovery().await;
    assert_eq!(document["issuer"], HTTPS, "where the document was found, without its path");
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        assert!(document[name].as_str().is_some_and(|url| url.starts_with("https://")), "{name}");
    }
    assert_eq!(document.get("registration_endpoint"), None, "apps are registered by the operator");
    assert!(list(&document, "response_types_supported").contains("code"));
    assert!(list(&document, "id_token_signing_alg_values_supported").contains("RS256"));
    assert!(list(&document, "subject_types_supported").is_subset(&["public", "pairwise"].map(str::to_owned).into()));
    assert!(list(&document, "grant_types_supported").contains("authorization_code"));
    assert!(list(&document, "code_challenge_methods_supported").contains("S256"));
    assert!(list(&document, "claims_supported").contains("sub"));
    let scopes = list(&document, "scopes_supported");
    let is_token = |scope: &String| scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    assert!(scopes.contains("openid") && scopes.iter().all(is_token), "{scopes:?}");
    assert_eq!(
        list(&document, "ui_locales_supported"),
        ["ar", "de", "en", "es", "fr", "ja", "ko", "pt-BR", "ru", "zh-CN", "zh-TW"].map(str::to_owned).into()
    );
    for name in ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"] {
        assert!(document[name].is_boolean(), "{name}");
    }
}

/// The published keys: public, named, and only for signatures.
#[tokio::test]
async fn the_published_keys_are_public_and_named() {
    let provider = Provider::start().await;
    let keys = provider.browser().0.get("/oauth/jwks.json").await.ok();
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        let names: BTreeSet<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, BTreeSet::from(["alg", "e", "kid", "kty", "n", "use"]), "no private part");
        assert_eq!((key["use"].as_str(), key["alg"].as_str()), (Some("sig"), Some("RS256")));
    }
    let kids: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids.len(), keys.len());
}

/// OAuth clients without OpenID Connect read the same document at another path (RFC 8414)
#[tokio::test]
async fn both_discovery_documents_are_the_same() {
    let provider = Provider::start().await;
    let [one, two] = ["openid-configuration", "oauth-authorization-server"];
    let client = provider.browser().0;
    let one = client.get(&format!("/.well-known/{one}")).await;
    assert_eq!(one.ok(), client.get(&format!("/.well-known/{two}")).await.ok());
    assert_eq!(one.ok()["issuer"], provider.issuer());
    assert_eq!(one.header("cache-control"), "public, max-age=300");
}
