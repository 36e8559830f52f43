//! The client's side of the device grant (RFC 8628).

use super::answer::{Tokens, object, seconds};
use super::{UpstreamError, Upstreams};
use crate::http_client::HttpReply;
use domain::client::Upstream;
use domain::connection::{Prompt, interval, life};
use domain::ids::Secret;
use serde_json::Value;
use std::time::Duration;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Longest device code, in bytes.
const LONGEST_CODE: usize = 4096;

/// What a service offers (RFC 8628, section 3.2), within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What we poll with.
    pub device_code: Secret,
    /// What the person sees.
    pub prompt: Prompt,
    /// How long it lives.
    pub life: Duration,
    /// Pause between polls.
    pub interval: Duration,
}

/// The outcome of a poll (RFC 8628, section 3.5).
#[derive(Debug)]
pub enum Polled {
    /// The person has not decided.
    Pending,
    /// The same, and we asked too often. The service may name an interval.
    SlowDown(Option<Duration>),
    /// The person declined.
    Declined,
    /// The code has expired.
    Expired,
    /// The person approved.
    Approved(Box<Tokens>),
    /// It will never be approved.
    Failed(UpstreamError),
    /// The service is down. Nothing is lost.
    Unanswered(UpstreamError),
}

impl Upstreams {
    /// Asks a service for codes.
    ///
    /// # Errors
    /// [`UpstreamError`].
    pub async fn offer(&self, upstream: &Upstream) -> Result<Offer, UpstreamError> {
        let at = self.locate(upstream).await?;
        let url = at.device_authorization.ok_or(UpstreamError::Metadata("device_authorization_endpoint"))?;
        let scope = Some(("scope", upstream.scope.as_str())).filter(|(_, scope)| !scope.is_empty());
        let form: Vec<_> = scope.into_iter().collect();
        read_offer(&self.post(&url, &upstream.registration, at.wants_post, &form).await?)
    }

    /// Asks whether the person has approved.
    pub async fn poll(&self, upstream: &Upstream, device_code: &Secret) -> Polled {
        let reply = async {
            let at = self.locate(upstream).await?;
            let form = [("grant_type", GRANT), ("device_code", device_code.reveal())];
            self.post(&at.token, &upstream.registration, at.wants_post, &form).await
        };
        match reply.await {
            Ok(reply) => read_poll(&reply),
            Err(error) => Polled::Unanswered(error),
        }
    }
}

fn read_offer(reply: &HttpReply) -> Result<Offer, UpstreamError> {
    let body = object(reply)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let number = |name: &str| body.get(name).and_then(seconds);
    let is_code =
        |code: &&str| (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|it| it.is_ascii_graphic());
    let read = || {
        // Google and others had the second name before the RFC.
        let verification_uri = text("verification_uri").or_else(|| text("verification_url"))?;
        Some(Offer {
            device_code: Secret::new(text("device_code").filter(is_code)?.to_owned()),
            prompt: Prompt::checked(text("user_code")?, verification_uri, text("verification_uri_complete"))?,
            life: life(number("expires_in"))?,
            interval: interval(number("interval")),
        })
    };
    let nonsense = UpstreamError::Nonsense(reply.status);
    if reply.is_success() { read().ok_or(nonsense) } else { Err(nonsense) }
}

fn read_poll(reply: &HttpReply) -> Polled {
    let error = match Tokens::read(reply) {
        Ok(tokens) => return Polled::Approved(Box::new(tokens)),
        Err(error) => error,
    };
    match &error {
        UpstreamError::Refused(refused) => match refused.code() {
            "authorization_pending" => Polled::Pending,
            "slow_down" => {
                let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                Polled::SlowDown(body.get("interval").and_then(seconds).map(|seconds| interval(Some(seconds))))
            }
            "access_denied" => Polled::Declined,
            "expired_token" => Polled::Expired,
            "temporarily_unavailable" | "server_error" => Polled::Unanswered(error),
            _ => Polled::Failed(error),
        },
        // A server that is down answers with any status and no JSON. One that says "success" has used the code up.
        UpstreamError::Nonsense(status) if (200..300).contains(status) => Polled::Failed(error),
        _ => Polled::Unanswered(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    fn reply(status: u16, body: &Value) -> HttpReply {
        HttpReply { status, body: body.to_string().into_bytes() }
    }

    fn offer(changes: &[(&str, Value)]) -> Result<Offer, UpstreamError> {
        let mut body = json!({"device_code": "d", "user_code": "ABCD", "expires_in": 600, "interval": 7,
                              "verification_uri": "https://a.example/device"});
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        read_offer(&reply(200, &body))
    }

    #[test]
    fn an_offer_is_checked() {
        let good = offer(&[]).unwrap();
        assert_eq!((good.life, good.interval), (Duration::from_secs(600), Duration::from_secs(7)));
        let old = [("verification_uri", Value::Null), ("verification_url", json!("https://a.example/old"))];
        assert_eq!(offer(&old).unwrap().prompt.verification_uri, "https://a.example/old");
        for (name, value) in [
            ("device_code", json!("")),
            ("device_code", json!("a b")),
            ("device_code", json!("x".repeat(LONGEST_CODE + 1))),
            ("user_code", json!("<b>\n")),
            ("user_code", json!(1234)),
            ("verification_uri", json!("javascript:alert(1)")),
            ("expires_in", json!(0)),
            ("expires_in", Value::Null),
        ] {
            assert!(offer(&[(name, value.clone())]).is_err(), "{name} {value}");
        }
        assert!(read_offer(&reply(400, &json!({"error": "unauthorized_client"}))).is_err());
        assert!(read_offer(&reply(302, &json!({}))).is_err());
    }

    #[test]
    fn each_answer_to_a_poll_has_its_meaning() {
        let poll = |status, body: Value| read_poll(&reply(status, &body));
        let refused = |code: &str| poll(400, json!({"error": code}));
        assert!(matches!(refused("authorization_pending"), Polled::Pending));
        assert!(matches!(poll(200, json!({"error": "authorization_pending"})), Polled::Pending));
        assert!(matches!(refused("slow_down"), Polled::SlowDown(None)));
        let asked = Some(Duration::from_secs(12));
        assert!(
            matches!(poll(400, json!({"error": "slow_down", "interval": 12})), Polled::SlowDown(it) if it == asked)
        );
        assert!(matches!(refused("access_denied"), Polled::Declined));
        assert!(matches!(refused("expired_token"), Polled::Expired));
        assert!(matches!(refused("invalid_grant"), Polled::Failed(_)));
        assert!(matches!(refused("invalid_client"), Polled::Failed(_)));
        for status in [302, 404, 429, 500, 502] {
            assert!(matches!(poll(status, json!({"x": 1})), Polled::Unanswered(_)), "{status}");
        }
        assert!(matches!(poll(503, json!({"error": "access_denied"})), Polled::Unanswered(_)));
        assert!(matches!(poll(200, json!({"x": 1})), Polled::Failed(_)));
        let good = json!({"access_token": "a", "token_type": "Bearer"});
        assert!(matches!(poll(200, good), Polled::Approved(_)));
    }
}
