//! Reads and verifies what other issuers sign: JWTs (RFC 7519) by keys of a JWK set (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::assertion::LONGEST_ASSERTION;
use domain::client::AssertionAlg;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256};
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The header's fields that matter. `jwk`, `jku` and `x5u` are not among them: keys come from the configured URL alone.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// A JWT that was read, and not verified yet.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    /// The algorithm, if it is one that an issuer may sign with. `none` and those with a shared key are not.
    pub(crate) alg: Option<AssertionAlg>,
    /// The key's id.
    pub(crate) kid: Option<String>,
    /// The claims. Before the verification they only say whose key to look for.
    pub(crate) claims: Map<String, Value>,
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads a JWT in the Compact Serialization. Returns nothing if it is malformed, too long, of another type, or needs
    /// an extension.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST_ASSERTION {
            return None;
        }
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let [header, claims, signature] = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let header: Header = serde_json::from_slice(&header?).ok()?;
        let is_assertion = |typ: &str| ["jwt", "authorization-grant+jwt"].contains(&typ.to_ascii_lowercase().as_str());
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_assertion) {
            return None;
        }
        Some(Self {
            alg: header.alg.parse().ok(),
            kid: header.kid,
            claims: serde_json::from_slice(&claims?).ok()?,
            message,
            signature: signature?,
        })
    }

    /// Returns whether the key signed it, by the algorithm that the header names.
    pub(crate) fn is_signed_by(&self, key: &Key) -> bool {
        let (message, signature) = (self.message.as_bytes(), &self.signature);
        match (self.alg, &key.material) {
            (Some(AssertionAlg::Rs256), Material::Rsa { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            (Some(AssertionAlg::Es256), Material::P256(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Some(AssertionAlg::EdDsa), Material::Ed25519(point)) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// A public key of a JWK set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kid: String,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Reads a JWK set. Keys that are not for signatures, that have no id, or of a type that is not known are ignored
/// (RFC 7517, section 5). Returns nothing if it is no JWK set.
pub(crate) fn key_set(body: &[u8]) -> Option<Vec<Key>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("keys")?.as_array()?.iter().filter_map(key).collect())
}

fn key(jwk: &Value) -> Option<Key> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    if text("use").is_some_and(|of| of != "sig") {
        return None;
    }
    let (material, alg) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (Material::Rsa { n: bytes("n")?, e: bytes("e")? }, AssertionAlg::Rs256),
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let point = [&[4][..], &x, &y].concat();
            (Material::P256(Some(point).filter(|_| (x.len(), y.len()) == (32, 32))?), AssertionAlg::Es256)
        }
        ("OKP", Some("Ed25519")) => (Material::Ed25519(bytes("x")?), AssertionAlg::EdDsa),
        _ => return None,
    };
    // A key with another algorithm, such as RS512 or RSA-OAEP, is for that one alone.
    let is_for = text("alg").is_none_or(|name| name == alg.as_str() || name == "Ed25519" && alg == AssertionAlg::EdDsa);
    is_for.then_some(Key { kid: text("kid")?.to_owned(), material })
}

#[cfg(test)]
mod tests;
