//! Parameters that must not make a request fail, and those that this server refuses in the way that the suite accepts.

use crate::oidc::oidf::*;
use crate::oidc::provider::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

async fn succeeds_with(name: &str, value: &str) {
    let person = Person::new().await;
    person.sign_in(&[("nonce", "n"), (name, value)]).await;
}

/// `display=page` causes no error
#[tokio::test]
async fn oidcc_display_page() {
    succeeds_with("display", "page").await;
}

/// `display=popup` causes no error
#[tokio::test]
async fn oidcc_display_popup() {
    succeeds_with("display", "popup").await;
}

/// `ui_locales` causes no error, also for a language that we do not have
#[tokio::test]
async fn oidcc_ui_locales() {
    for locales in ["se", "fr-CA fr zh-CN", "*", "en_GB!"] {
        succeeds_with("ui_locales", locales).await;
    }
}

/// `claims_locales` causes no error
#[tokio::test]
async fn oidcc_claims_locales() {
    succeeds_with("claims_locales", "se").await;
}

/// An unknown parameter causes no error
#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    succeeds_with("extra", "foobar").await;
}

/// `acr_values` succeeds, and the ID token has one of those that were asked for
#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let person = Person::new().await;
    let document = person.browser.0.get("/.well-known/openid-configuration").await.ok();
    let known = document["acr_values_supported"].as_array().unwrap().clone();
    let asked: Vec<&str> = known.iter().map(|value| value.as_str().unwrap()).collect();
    let (_, claims) = person.sign_in(&[("acr_values", &asked.join(" "))]).await;
    assert!(known.contains(&claims["acr"]), "{claims}");
}

/// An unsigned request object, with these claims.
fn request_object(redirect_uri: &str) -> String {
    let claims = serde_json::json!({
        "client_id": "web", "redirect_uri": redirect_uri, "response_type": "code", "scope": "openid", "state": "s",
    });
    let [header, claims] =
        [r#"{"alg":"none"}"#.to_owned(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.")
}

/// A request object by reference is refused with `request_uri_not_supported`, and not fetched
#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let person = Person::new().await;
    let at = format!("{}/request.jwt", person.issuer());
    let response = person.ask(&[("request_uri", &at)]).await;
    person.error(&response, "s", &["request_uri_not_supported"]);
    let document = person.browser.0.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(document["request_uri_parameter_supported"], false);
}

/// A request object by value is refused with `request_not_supported`
#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let person = Person::new().await;
    let response = person.ask(&[("request", &request_object(CALLBACK))]).await;
    person.error(&response, "s", &["request_not_supported"]);
    let document = person.browser.0.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(document["request_parameter_supported"], false);
}

/// A good redirect URI in a request object does not excuse a bad one beside it
#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let person = Person::new().await;
    let object = request_object(CALLBACK);
    let changes = [("request", object.as_str()), ("redirect_uri", "https://app.example/invalid")];
    stays(&person.browser.authorize(&changes).await, 400);
}
