//! Validates the ID token, and reads who the person is.

use super::{Attempt, ProviderError, ProviderService};
use crate::upstream::{Metadata, Tokens, UpstreamError};
use crate::vouching::{Jws, Registered};
use domain::client::Provider;
use domain::id_token::Expected;
use serde_json::{Map, Value};

impl ProviderService {
    /// Returns the subject and the claims of the ID token, if it is valid for this sign-in.
    pub(super) async fn person(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        tokens: &Tokens,
        attempt: &Attempt,
    ) -> Result<(String, Map<String, Value>), ProviderError> {
        let refuse = |reason: &'static str| {
            tracing::warn!(provider = provider.id, reason, "the ID token of a provider was refused");
            ProviderError::Failed
        };
        let text = tokens.id_token.as_ref().ok_or_else(|| refuse("there is none"))?;
        let jws = Jws::read(text.reveal()).ok_or_else(|| refuse("it is malformed, too long or of another type"))?;
        // The configured algorithms decide, not the header alone (RFC 8725, section 3.1).
        if !jws.alg.is_some_and(|alg| provider.identity.algs.contains(&alg)) {
            return Err(refuse("alg is not one that this provider may sign with"));
        }
        let jwks_uri = metadata.jwks_uri.as_deref().ok_or(UpstreamError::Metadata("jwks_uri"))?;
        let kid = jws.kid.as_deref().ok_or_else(|| refuse("kid is missing"))?;
        let keys = &self.vouching.keys;
        let key = keys.key(jwks_uri, kid).await.map_err(|_| refuse("the keys cannot be fetched"))?;
        let key = key.ok_or_else(|| refuse("kid is not in the key set"))?;
        if !jws.is_signed_by(&key) {
            return Err(refuse("the signature is wrong"));
        }
        let registered: Registered =
            serde_json::from_value(Value::Object(jws.claims.clone())).map_err(|_| refuse("a claim is malformed"))?;
        let nonce = attempt.nonce();
        let expected =
            Expected { issuer: &provider.identity.iss, client_id: &provider.registration.client_id, nonce: &nonce };
        let subject = registered.id_token().check(expected, self.clock.now());
        let subject = subject.map_err(|error| refuse(error.0))?.to_owned();
        Ok((subject, jws.claims))
    }
}
