//! The client's side of the device grant (RFC 8628).

use super::DeviceLoginError;
use crate::routes::OPENID_CONFIGURATION;
use crate::server::http::oauth::device::GRANT_TYPE;
use axum::http::HeaderName;
use clock::Clock;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use service::http_client::{HttpClient, HttpReply};
use std::time::Duration;
use url::{Host, Url};

/// Longer than a server holds a poll.
const PATIENCE: Duration = Duration::from_secs(40);
/// The interval if the server names none (RFC 8628, section 3.2), and what `slow_down` adds (section 3.5).
const STEP: u64 = 5;
/// Longest pause between two attempts while the server cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Asks the server to answer when a person decides (RFC 7240). One that does not know this answers at once.
const PREFER: (HeaderName, &str) = (HeaderName::from_static("prefer"), "wait=25");

#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    device_authorization_endpoint: Option<String>,
}

/// The response to a device authorization request.
#[derive(Debug, Deserialize)]
pub(super) struct Issued {
    device_code: String,
    /// What the person compares or types.
    pub(super) user_code: String,
    /// Where.
    pub(super) verification_uri: String,
    /// What the QR code encodes.
    #[serde(default)]
    pub(super) verification_uri_complete: Option<String>,
    /// Seconds until the codes expire.
    pub(super) expires_in: u64,
    #[serde(default)]
    interval: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// A client at a server.
#[derive(Debug)]
pub(super) struct Device {
    http: HttpClient,
    clock: Clock,
    client: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

impl Device {
    /// Reads the server's discovery document.
    ///
    /// # Errors
    /// [`DeviceLoginError`].
    pub(super) async fn discover(issuer: &str, client: String, clock: Clock) -> Result<Self, DeviceLoginError> {
        let issuer = issuer.trim_end_matches('/');
        check_url(issuer)?;
        let http = HttpClient::default().within(PATIENCE);
        let reply = http.get(&format!("{issuer}{OPENID_CONFIGURATION}")).await;
        let reply = reply.map_err(|error| DeviceLoginError::Unreachable(format!("cannot reach {issuer}: {error}")))?;
        let metadata: Metadata = parse(&reply, "the discovery document")?;
        // Otherwise one server could answer for another (OpenID Connect Discovery, section 4.3).
        if metadata.issuer != issuer {
            return Err(invalid(format!("{issuer} says that it is {}: use that URL", metadata.issuer)));
        }
        let authorization_endpoint = metadata
            .device_authorization_endpoint
            .ok_or_else(|| invalid(format!("{issuer} does not offer the device grant")))?;
        check_url(&authorization_endpoint)?;
        check_url(&metadata.token_endpoint)?;
        Ok(Self { http, clock, client, authorization_endpoint, token_endpoint: metadata.token_endpoint })
    }

    /// Asks for codes.
    ///
    /// # Errors
    /// [`DeviceLoginError`].
    pub(super) async fn authorize(&self, scope: &str) -> Result<Issued, DeviceLoginError> {
        let form = [("client_id", self.client.as_str()), ("scope", scope)];
        let reply = self.http.post_form(&self.authorization_endpoint, &form, &[]).await;
        parse(&reply.map_err(|error| DeviceLoginError::Unreachable(error.to_string()))?, "the response")
    }

    /// Polls until a person has decided. `say` tells the person what is going on.
    ///
    /// # Errors
    /// [`DeviceLoginError`].
    pub(super) async fn wait(&self, issued: &Issued, say: impl Fn(&str)) -> Result<Value, DeviceLoginError> {
        let deadline = self.clock.now() + Duration::from_secs(issued.expires_in);
        let mut interval = Duration::from_secs(issued.interval.unwrap_or(STEP));
        let form =
            [("grant_type", GRANT_TYPE), ("device_code", issued.device_code.as_str()), ("client_id", &self.client)];
        let mut failures = 0;
        while self.clock.now() < deadline {
            let asked_at = self.clock.now();
            let reply = self.http.post_form(&self.token_endpoint, &form, &[PREFER]).await;
            let pause = match reply {
                Ok(reply) if reply.status < 500 => {
                    failures = 0;
                    match answer(&reply)? {
                        Answer::Tokens(tokens) => return Ok(tokens),
                        Answer::Pending => {}
                        Answer::SlowDown => interval += Duration::from_secs(STEP),
                    }
                    interval
                }
                _ => {
                    if failures == 0 {
                        say("No connection. Trying again…");
                    }
                    failures += 1;
                    back_off(interval, failures)
                }
            };
            // Counted from when the poll was sent, so that one that was held needs no pause.
            let waited = self.clock.now().saturating_duration_since(asked_at);
            self.clock.sleep(pause.saturating_sub(waited)).await;
        }
        Err(DeviceLoginError::Expired)
    }
}

enum Answer {
    Tokens(Value),
    Pending,
    SlowDown,
}

fn answer(reply: &HttpReply) -> Result<Answer, DeviceLoginError> {
    if reply.is_success() {
        return parse(reply, "the tokens").map(Answer::Tokens);
    }
    let refusal = refusal(reply);
    match refusal.error.as_str() {
        "authorization_pending" => Ok(Answer::Pending),
        // The second one is what a busy server may say.
        "slow_down" | "temporarily_unavailable" => Ok(Answer::SlowDown),
        "access_denied" => Err(DeviceLoginError::Denied),
        "expired_token" => Err(DeviceLoginError::Expired),
        _ => Err(DeviceLoginError::Refused(shown(&refusal))),
    }
}

/// Doubles the interval with every failure (RFC 8628, section 3.5).
fn back_off(interval: Duration, failures: u32) -> Duration {
    interval.saturating_mul(2_u32.saturating_pow(failures.min(8))).min(LONGEST_PAUSE).max(interval)
}

fn invalid(text: String) -> DeviceLoginError {
    DeviceLoginError::Invalid(text)
}

fn refusal(reply: &HttpReply) -> Refusal {
    let unknown = || Refusal { error: format!("status {}", reply.status), error_description: String::new() };
    serde_json::from_slice(&reply.body).unwrap_or_else(|_| unknown())
}

/// Returns the code and description as one line without what a terminal would interpret.
fn shown(Refusal { error, error_description }: &Refusal) -> String {
    let text = if error_description.is_empty() { error.clone() } else { format!("{error}: {error_description}") };
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn parse<T: DeserializeOwned>(reply: &HttpReply, what: &str) -> Result<T, DeviceLoginError> {
    if !reply.is_success() {
        return Err(DeviceLoginError::Refused(shown(&refusal(reply))));
    }
    serde_json::from_slice(&reply.body).map_err(|error| invalid(format!("{what} cannot be read: {error}")))
}

/// Tokens only travel encrypted, or within this computer.
fn check_url(text: &str) -> Result<(), DeviceLoginError> {
    let url = Url::parse(text).map_err(|error| invalid(format!("{text} is not a URL: {error}")))?;
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_local => Ok(()),
        _ => Err(invalid(format!("{text} must begin with https://"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_encrypted_or_within_this_computer() {
        for url in ["https://login.example", "http://127.0.0.1:3000", "http://localhost", "http://[::1]:3000/x"] {
            assert!(check_url(url).is_ok(), "{url}");
        }
        for url in ["http://login.example", "http://127.0.0.1.example", "ftp://127.0.0.1", "login.example", "file:///x"]
        {
            assert!(check_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        let pauses: Vec<_> = (1..=5).map(|failures| back_off(Duration::from_secs(5), failures).as_secs()).collect();
        assert_eq!(pauses, [10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_servers_text_cannot_command_the_terminal() {
        let body = br#"{"error":"invalid_client","error_description":"\u001b[2Jgone\n"}"#.to_vec();
        let error = answer(&HttpReply { status: 401, body });
        assert!(matches!(error, Err(DeviceLoginError::Refused(text)) if text == "invalid_client: [2Jgone"));
    }
}
