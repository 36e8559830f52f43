//! What session tokens and the JWTs of OpenID Connect have in common: how a part is encoded and how a key is published.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, CommonParameters, Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use serde::Serialize;

/// Encodes the header or the claims of a token (RFC 7515, section 3.1).
pub(super) fn part(content: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(content)?))
}

/// Returns the id and the published form of the public half of a key that signs. The id is the RFC 7638 thumbprint, so it
/// is the same on every node.
pub(super) fn publish(alg: KeyAlgorithm, key: AlgorithmParameters) -> jsonwebtoken::errors::Result<(String, Jwk)> {
    let common = CommonParameters {
        key_algorithm: Some(alg),
        public_key_use: Some(PublicKeyUse::Signature),
        ..CommonParameters::default()
    };
    let mut jwk = Jwk { common, algorithm: key };
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.key_id = Some(kid.clone());
    Ok((kid, jwk))
}
