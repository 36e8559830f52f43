//! Writes and reads JWTs in the JWS Compact Serialization (RFC 7515, section 7.1).

use super::OidcKeyError;
use super::key_ring::Ring;
use crate::security::jws::part;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest JWT that is read, in bytes: several times what we issue.
pub const LONGEST: usize = 8 * 1024;
/// The only algorithm.
const ALGORITHM: &str = "RS256";

/// What a JWT is for. None is accepted in place of another (RFC 8725, section 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtType {
    /// An ID token (OpenID Connect Core, section 2).
    IdToken,
    /// An access token (RFC 9068).
    AccessToken,
    /// A logout token (OpenID Connect Back-Channel Logout, section 2.4).
    LogoutToken,
    /// What forward-auth tells an application about its user.
    Assertion,
}

impl JwtType {
    /// Returns the value of the header `typ`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::LogoutToken => "logout+jwt",
            Self::Assertion => "qr-login-assertion+jwt",
        }
    }
}

/// Why a JWT is refused. For logs and tests: a client learns only that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is longer than [`LONGEST`].
    #[error("the JWT is too long")]
    Length,
    /// It has not three parts in canonical base64url, or its header is not one that we write.
    #[error("the JWT is malformed")]
    Malformed,
    /// Its algorithm is not RS256.
    #[error("the JWT has another algorithm")]
    Algorithm,
    /// It is for something else.
    #[error("the JWT has another type")]
    Type,
    /// It names no key of ours.
    #[error("the JWT has an unknown key")]
    Key,
    /// The key that it names did not sign it.
    #[error("the JWT has a wrong signature")]
    Signature,
    /// It lacks a claim, or has one of another type.
    #[error("the JWT has other claims")]
    Claims,
}

/// The header. One with any other field is refused, such as `crit`, `jwk` or `jku`: we write none of them, and each has
/// let attackers bring their own key elsewhere (RFC 8725, section 2).
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: Option<String>,
    alg: String,
    kid: Option<String>,
}

pub(super) fn sign(ring: &Ring, typ: JwtType, claims: &impl Serialize) -> Result<String, OidcKeyError> {
    let header =
        Header { typ: Some(typ.name().to_owned()), alg: ALGORITHM.to_owned(), kid: Some(ring.signing_id().to_owned()) };
    let mut jwt = format!("{}.{}", part(&header)?, part(claims)?);
    let signature = ring.sign(jwt.as_bytes())?;
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    Ok(jwt)
}

pub(super) fn verify<C: DeserializeOwned>(ring: &Ring, jwt: &str, typ: JwtType) -> Result<C, Refusal> {
    if jwt.len() > LONGEST {
        return Err(Refusal::Length);
    }
    let (message, signature) = jwt.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(Refusal::Malformed)?;
    // A dot too many is in `claims`, and is no base64url. This decoder accepts neither padding nor stray bits.
    let [header, claims, signature] = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.decode(part));
    let (Ok(header), Ok(claims), Ok(signature)) = (header, claims, signature) else { return Err(Refusal::Malformed) };
    let header: Header = serde_json::from_slice(&header).map_err(|_| Refusal::Malformed)?;
    if header.alg != ALGORITHM {
        return Err(Refusal::Algorithm);
    }
    if header.typ.as_deref() != Some(typ.name()) {
        return Err(Refusal::Type);
    }
    match header.kid.and_then(|kid| ring.verify(&kid, message.as_bytes(), &signature)) {
        None => Err(Refusal::Key),
        Some(false) => Err(Refusal::Signature),
        Some(true) => serde_json::from_slice(&claims).map_err(|_| Refusal::Claims),
    }
}
