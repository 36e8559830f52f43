//! The client half of OAuth: this server is a client of other services. Shared by connections (RFC 8628) and by sign-in
//! through another provider.
//!
//! What a service answers is not trusted: it is limited in size and time, redirects are not followed, and every value is
//! checked before it is kept or shown.

mod answer;
mod device;
mod metadata;

pub use answer::{Refused, Tokens};
pub use device::{Offer, Polled};
pub use metadata::Metadata;

use crate::fetched::Fetched;
use crate::http_client::{HttpClient, HttpError, HttpReply};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clock::Clock;
use domain::client::{Authentication, Endpoints, Registration, SecretPlace, Upstream};
use domain::ids::Secret;
use http::header::{ACCEPT, AUTHORIZATION};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded::byte_serialize;

/// How long a service may take to respond.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pause before metadata that could not be fetched are tried again. People wait for it.
const PAUSE: Duration = Duration::from_secs(5);
/// Longest secret of ours, in bytes.
const LONGEST_SECRET: u64 = 4096;

/// Why a service did not do what it was asked. The text repeats nothing that was sent.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// There is no response, or none of OAuth.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Its metadata cannot be fetched, or lack an endpoint.
    #[error("its metadata cannot be fetched, or name no {0}")]
    Metadata(&'static str),
    /// Our secret cannot be read.
    #[error("client_secret cannot be read: {0}")]
    Secret(io::Error),
    /// It refused, by this error code.
    #[error("it refused: {0}")]
    Refused(Refused),
    /// It answered something else than the specification says.
    #[error("it answered status {0}, and nothing that can be used")]
    Nonsense(u16),
}

/// The endpoints of a service, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Issues the codes of the device grant.
    pub device_authorization: Option<String>,
    /// Issues tokens.
    pub token: String,
    /// Revokes tokens.
    pub revocation: Option<String>,
    /// Whether it takes our secret in the form alone.
    pub wants_post: bool,
}

/// Talks to services. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstreams {
    http: HttpClient,
    metadata: Arc<Fetched<Metadata>>,
}

impl Upstreams {
    /// Creates a client that sends its requests by `http`.
    pub fn new(http: &HttpClient, clock: Clock) -> Self {
        Self { http: http.within(PATIENCE), metadata: Arc::new(Fetched::new(http, clock, PAUSE, Metadata::read)) }
    }

    /// Returns what an issuer says about itself.
    ///
    /// # Errors
    /// [`UpstreamError::Metadata`].
    pub async fn metadata(&self, issuer: &str) -> Result<Arc<Metadata>, UpstreamError> {
        let found = self.metadata.get(issuer, &metadata::addresses(issuer), |_| true).await;
        found.ok_or(UpstreamError::Metadata("endpoints"))
    }

    /// Returns where the endpoints of a service are.
    ///
    /// # Errors
    /// [`UpstreamError::Metadata`].
    pub async fn locate(&self, upstream: &Upstream) -> Result<Located, UpstreamError> {
        match &upstream.endpoints {
            Endpoints::Issuer(issuer) => Ok(self.metadata(issuer).await?.located()),
            Endpoints::Fixed { device_authorization, token, revocation } => Ok(Located {
                device_authorization: Some(device_authorization.clone()),
                token: token.clone(),
                revocation: revocation.clone(),
                wants_post: false,
            }),
        }
    }

    /// Refreshes tokens. A refresh token that is replaced must not be sent again.
    ///
    /// # Errors
    /// [`UpstreamError`]; `Refused` with `invalid_grant` if it is worth nothing any more.
    pub async fn refresh(&self, upstream: &Upstream, refresh_token: &Secret) -> Result<Tokens, UpstreamError> {
        let at = self.locate(upstream).await?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.reveal())];
        let reply = self.post(&at.token, &upstream.registration, at.wants_post, &form).await?;
        Tokens::read(&reply)
    }

    /// Revokes a token (RFC 7009), if the service can. Best effort: the outcome is logged.
    pub async fn revoke(&self, upstream: &Upstream, token: &Secret, hint: &str) {
        let outcome = async {
            let at = self.locate(upstream).await?;
            let Some(revocation) = &at.revocation else { return Ok(None) };
            let form = [("token", token.reveal()), ("token_type_hint", hint)];
            Ok::<_, UpstreamError>(Some(
                self.post(revocation, &upstream.registration, at.wants_post, &form).await?.status,
            ))
        };
        let upstream = &upstream.id;
        match outcome.await {
            Ok(Some(200)) => tracing::info!(upstream, "tokens were revoked at a service"),
            Ok(Some(status)) => tracing::warn!(upstream, status, "tokens were not revoked at a service"),
            Ok(None) => tracing::info!(upstream, "the service has no endpoint to revoke tokens at"),
            Err(error) => tracing::warn!(upstream, %error, "tokens were not revoked at a service"),
        }
    }

    /// Posts a form as the client that we are there (RFC 6749, section 2.3.1).
    pub(crate) async fn post(
        &self,
        url: &str,
        registration: &Registration,
        wants_post: bool,
        form: &[(&str, &str)],
    ) -> Result<HttpReply, UpstreamError> {
        let secret = secret(registration).await.map_err(UpstreamError::Secret)?;
        let by_default = if wants_post { Authentication::Post } else { Authentication::Basic };
        let authentication = registration.authentication.unwrap_or(by_default);
        let mut form = form.to_vec();
        let basic = match (&secret, authentication) {
            (Some(secret), Authentication::Basic) => Some(basic(&registration.client_id, secret)),
            (secret, _) => {
                form.push(("client_id", &registration.client_id));
                form.extend(secret.as_ref().map(|secret| ("client_secret", secret.reveal())));
                None
            }
        };
        // Without it some services answer with a form.
        let mut headers = vec![(ACCEPT, "application/json")];
        headers.extend(basic.as_ref().map(|basic| (AUTHORIZATION, basic.reveal())));
        Ok(self.http.post_form(url, &form, &headers).await?)
    }
}

/// Returns the header's value: each part is form-encoded first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Secret {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret.reveal()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair)))
}

/// Reads our secret from where it is kept. Each time, so that a replaced one counts at once.
async fn secret(registration: &Registration) -> io::Result<Option<Secret>> {
    let Some(place) = registration.secret.clone() else { return Ok(None) };
    let reading = tokio::task::spawn_blocking(move || read_secret(&place));
    reading.await.unwrap_or_else(|error| Err(io::Error::other(error))).map(Some)
}

/// Reads a secret from where it is kept.
///
/// # Errors
/// If it cannot be read, or is empty.
pub fn read_secret(place: &SecretPlace) -> io::Result<Secret> {
    use std::io::Read;
    let text = match place {
        SecretPlace::Variable(name) => std::env::var(name).map_err(io::Error::other)?,
        SecretPlace::File(path) => {
            let mut text = String::new();
            std::fs::File::open(path)?.take(LONGEST_SECRET).read_to_string(&mut text)?;
            text
        }
    };
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { Err(io::Error::other("it is empty")) } else { Ok(Secret::new(line.to_owned())) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_form_encoded_before_it_is_put_into_the_header() {
        let header = basic("a client", &Secret::new("s:%+é".to_owned()));
        assert_eq!(header.reveal(), format!("Basic {}", STANDARD.encode("a+client:s%3A%25%2B%C3%A9")));
    }

    #[test]
    fn a_secret_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let place = SecretPlace::File(path.display().to_string());
        read_secret(&place).unwrap_err();
        std::fs::write(&path, " s3cret \nmore\n").unwrap();
        assert_eq!(read_secret(&place).unwrap().reveal(), "s3cret");
        std::fs::write(&path, "\n").unwrap();
        read_secret(&place).unwrap_err();
        read_secret(&SecretPlace::Variable("QR_LOGIN_TEST_NO_SUCH_VARIABLE".to_owned())).unwrap_err();
    }
}
