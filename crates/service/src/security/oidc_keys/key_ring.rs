//! The parsed keys.

use super::OidcKeyError;
use crate::security::jws::publish;
use crate::security::key_file;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, KeyAlgorithm, RSAKeyParameters, RSAKeyType};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use rsa::pkcs8::SecretDocument;
use std::collections::HashMap;

/// One or more keys, parsed once.
#[derive(Debug)]
pub(super) struct Ring {
    signing: RsaKeyPair,
    /// The id of the key that signs.
    signing_id: String,
    /// Public keys by key id.
    verifying: HashMap<String, RsaPublicKeyComponents<Vec<u8>>>,
    published: JwkSet,
}

impl Ring {
    /// Parses PEM blocks. Returns `None` if there is none, or one is anything but an RSA key of 2048 to 4096 bits, which
    /// are `ring`'s limits.
    ///
    /// # Errors
    /// If a key has no id.
    pub(super) fn parse(pem: &str) -> Result<Option<Self>, OidcKeyError> {
        let Some(blocks) = key_file::blocks(pem) else { return Ok(None) };
        // A block of another format would be ignored, and with it the key that an operator thinks is in use.
        if pem.matches("-----BEGIN ").count() != blocks.len() {
            return Ok(None);
        }
        let mut first = None;
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for block in &blocks {
            let Ok((_, der)) = SecretDocument::from_pem(block) else { return Ok(None) };
            let Ok(pair) = RsaKeyPair::from_pkcs8(der.as_bytes()) else { return Ok(None) };
            let public: RsaPublicKeyComponents<Vec<u8>> = pair.public().into();
            let (kid, jwk) = publish(KeyAlgorithm::RS256, parameters(&public))
                .map_err(|error| OidcKeyError::Unusable(error.to_string()))?;
            if verifying.insert(kid.clone(), public).is_none() {
                published.push(jwk);
            }
            first.get_or_insert((pair, kid));
        }
        Ok(first.map(|(signing, signing_id)| Self {
            signing,
            signing_id,
            verifying,
            published: JwkSet { keys: published },
        }))
    }

    /// Returns the id of the key that signs.
    pub(super) fn signing_id(&self) -> &str {
        &self.signing_id
    }

    /// Returns the published keys.
    pub(super) const fn published(&self) -> &JwkSet {
        &self.published
    }

    /// Signs with the first key.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, OidcKeyError> {
        let mut signature = vec![0; self.signing.public().modulus_len()];
        // `ring` takes a source of randomness, which this deterministic scheme does not use (RFC 8017, section 8.2.1).
        let signed = self.signing.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|_| OidcKeyError::Unusable("it did not sign".to_owned()))?;
        Ok(signature)
    }

    /// Returns whether the key with this id made the signature, or `None` if there is no such key.
    pub(super) fn verify(&self, kid: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        let key = self.verifying.get(kid)?;
        Some(key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok())
    }
}

/// Returns the public half of a key (RFC 7518, section 6.3.1).
fn parameters(key: &RsaPublicKeyComponents<Vec<u8>>) -> AlgorithmParameters {
    AlgorithmParameters::RSA(RSAKeyParameters {
        key_type: RSAKeyType::RSA,
        n: URL_SAFE_NO_PAD.encode(&key.n),
        e: URL_SAFE_NO_PAD.encode(&key.e),
    })
}
