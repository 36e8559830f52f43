//! What a token endpoint answers (RFC 6749, sections 5.1 and 5.2).

use super::UpstreamError;
use crate::http_client::HttpReply;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::clean_display_name;
use domain::ids::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// Longest token, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;
/// Longest life of an access token that is believed.
const LONGEST_LIFE: f64 = 366.0 * 86_400.0;

/// The code of an error, such as `invalid_grant`. Its description is not kept: a service may write anything there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl Refused {
    /// Returns the code, if it has the form of one.
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tokens that a service issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access: Secret,
    /// What replaces it when it expires. If a refresh brings none, the one that was used stays valid.
    pub refresh: Option<Secret>,
    /// How long the access token lives, if the service says so.
    pub life: Option<Duration>,
    /// The ID token, if there is one. Not verified.
    pub id_token: Option<Secret>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    id_token: Option<String>,
}

impl Tokens {
    /// Reads an answer.
    ///
    /// # Errors
    /// `Refused` if it is an error of OAuth, otherwise `Nonsense`.
    pub(crate) fn read(reply: &HttpReply) -> Result<Self, UpstreamError> {
        let body = object(reply)?;
        let nonsense = UpstreamError::Nonsense(reply.status);
        let Ok(answer) = serde_json::from_value::<Answer>(Value::Object(body)) else { return Err(nonsense) };
        let is_token = |text: &str| {
            (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        let Answer { access_token, token_type, refresh_token, expires_in, id_token } = answer;
        let refresh_token = refresh_token.filter(|text| !text.is_empty());
        let is_sound = reply.is_success() && is_token(&access_token) && token_type.eq_ignore_ascii_case("bearer");
        if !is_sound || !refresh_token.as_deref().is_none_or(is_token) {
            return Err(nonsense);
        }
        let seconds = expires_in.as_ref().and_then(seconds).map(|seconds| seconds.clamp(0.0, LONGEST_LIFE));
        Ok(Self {
            access: Secret::new(access_token),
            refresh: refresh_token.map(Secret::new),
            life: seconds.map(Duration::from_secs_f64),
            id_token: id_token.map(Secret::new),
        })
    }

    /// Returns who the person is at the service, for people to recognise. Nothing may depend on it: the signature of the
    /// ID token is not verified.
    pub fn label(&self) -> Option<String> {
        let claims = self.id_token.as_ref()?.reveal().split('.').nth(1)?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let named =
            ["preferred_username", "email", "name", "sub"].into_iter().find_map(|name| claims.get(name)?.as_str());
        named.map(clean_display_name).filter(|label| !label.is_empty())
    }
}

/// Returns a number of seconds, which some services write as a text.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|seconds| seconds.is_finite())
}

/// Reads a JSON object. An error of OAuth is one whatever its status is: some services send it with 200.
pub(super) fn object(reply: &HttpReply) -> Result<Map<String, Value>, UpstreamError> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&reply.body) else {
        return Err(UpstreamError::Nonsense(reply.status));
    };
    // A server that fails or is too busy has not decided anything.
    if reply.status >= 500 || reply.status == 429 {
        return Err(UpstreamError::Nonsense(reply.status));
    }
    match body.get("error").map(Value::as_str) {
        None => Ok(body),
        Some(code) => {
            let is_code = |code: &&str| {
                let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
                (1..=64).contains(&code.len()) && code.bytes().all(is_allowed)
            };
            let code = code.filter(is_code).unwrap_or("an error without a known code");
            Err(UpstreamError::Refused(Refused(code.to_owned())))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(status: u16, body: &Value) -> Result<Tokens, String> {
        let reply = HttpReply { status, body: body.to_string().into_bytes() };
        Tokens::read(&reply).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_read_with_what_it_may_leave_out() {
        let least = read(200, &json!({"access_token": "a", "token_type": "bearer"})).unwrap();
        assert_eq!((least.access.reveal(), &least.refresh, least.life), ("a", &None, None));
        let most = json!({"access_token": "a", "token_type": "Bearer", "refresh_token": "r", "expires_in": "3600",
                          "scope": "x", "id_token": "i"});
        let most = read(200, &most).unwrap();
        assert_eq!((most.refresh.unwrap().reveal(), most.life), ("r", Some(Duration::from_secs(3600))));
    }

    #[test]
    fn a_life_is_kept_within_bounds() {
        let life = |said: Value| read(200, &json!({"access_token": "a", "token_type": "b", "expires_in": said}));
        assert!(life(json!(1)).is_err(), "another type of token");
        let life = |said: Value| {
            read(200, &json!({"access_token": "a", "token_type": "Bearer", "expires_in": said})).unwrap().life
        };
        assert_eq!(life(json!(-1)), Some(Duration::ZERO));
        assert_eq!(life(json!(1e300)), Some(Duration::from_secs(366 * 86_400)));
        assert_eq!((life(json!("soon")), life(Value::Null), life(json!([]))), (None, None, None));
    }

    #[test]
    fn nonsense_is_no_token() {
        for (status, body) in [
            (200, json!([])),
            (200, json!({})),
            (200, json!({"access_token": "", "token_type": "Bearer"})),
            (200, json!({"access_token": "a\nb", "token_type": "Bearer"})),
            (200, json!({"access_token": "é", "token_type": "Bearer"})),
            (200, json!({"access_token": "x".repeat(LONGEST_TOKEN + 1), "token_type": "Bearer"})),
            (200, json!({"access_token": "a", "token_type": "mac"})),
            (200, json!({"access_token": "a", "token_type": "Bearer", "refresh_token": "a\u{0}"})),
            (302, json!({"access_token": "a", "token_type": "Bearer"})),
            (400, json!({"access_token": "a", "token_type": "Bearer"})),
            (500, json!({"error": "invalid_grant"})),
            (429, json!({"error": "invalid_grant"})),
        ] {
            let error = read(status, &body).unwrap_err();
            assert_eq!(error, format!("it answered status {status}, and nothing that can be used"), "{body}");
        }
        let html = HttpReply { status: 200, body: b"<html>".to_vec() };
        assert!(matches!(Tokens::read(&html), Err(UpstreamError::Nonsense(200))));
    }

    #[test]
    fn an_error_is_one_whatever_its_status_is_and_only_its_code_is_kept() {
        for status in [200, 400, 401] {
            let body = json!({"error": "invalid_grant", "error_description": "secret"});
            assert_eq!(read(status, &body).unwrap_err(), "it refused: invalid_grant");
        }
        for odd in [json!("<script>"), json!(7), json!(""), json!("x".repeat(65)), Value::Null] {
            let error = read(400, &json!({"error": odd})).unwrap_err();
            assert_eq!(error, "it refused: an error without a known code");
        }
    }

    #[test]
    fn a_label_is_for_people() {
        let label = |claims: Value| {
            let id_token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
            let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
            read(200, &body).unwrap().label()
        };
        assert_eq!(label(json!({"sub": "7", "email": "a@b.example"})).unwrap(), "a@b.example");
        assert_eq!(label(json!({"sub": "7\u{0}"})).unwrap(), "7");
        assert_eq!(label(json!({"sub": 7})), None);
        let broken = json!({"access_token": "a", "token_type": "Bearer", "id_token": "x"});
        assert_eq!(read(200, &broken).unwrap().label(), None);
    }
}
