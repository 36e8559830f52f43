//! Builds requests and reads answers.

use super::{CALLBACK, VERIFIER};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use testkit::{Answer, Fields, encode};

/// Returns the path of an authorization request of `web`.
pub fn authorize_path(changes: Fields<'_>) -> String {
    let mut query = vec![
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
    ];
    for (name, value) in changes {
        query.retain(|(known, _)| known != name);
        if !value.is_empty() {
            query.push((name, value));
        }
    }
    format!("/oauth/authorize?{}", encode(&query))
}

/// Returns where a response leads: by a redirect, or by a page that moves on.
pub fn next_of(answer: &Answer) -> Option<String> {
    if answer.status.is_redirection() {
        assert_eq!(answer.status.as_u16(), 303, "never 302 or 307");
        return Some(answer.header("location"));
    }
    let (_, rest) = answer.body.split_once("http-equiv=\"refresh\" content=\"0;url=")?;
    Some(rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#39;", "'"))
}

/// Returns the parameters in the query of a URL.
pub fn response_of(url: &str) -> HashMap<String, String> {
    let (_, query) = url.split_once('?').unwrap_or((url, ""));
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Returns the value of a hidden field.
pub fn field_of(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// Returns the claims of a JWT, unverified.
pub fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Returns the header of a JWT.
pub fn header(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The S256 challenge of [`VERIFIER`].
pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Checks an OAuth error.
#[track_caller]
pub fn oauth_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"], code, "{body}");
    assert!(body["error_description"].is_string(), "{body}");
    assert_eq!(answer.header("cache-control"), "no-store");
}
