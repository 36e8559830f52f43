//! Session tokens: JWTs signed with Ed25519 (RFC 8037), verified by signature and then against the session's row.

use super::device_cookie::DeviceCookies;
use super::grant_token::GrantTokens;
use super::jws::{part, publish};
use super::signing_key::{KeyError, SigningKeys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Session, SessionKind};
use domain::error::ErrorCode;
use domain::ids::{AccountId, Secret, SessionId};
use domain::time::Timestamp;
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, OctetKeyPairParameters, OctetKeyPairType,
};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The claims of a token. They contain nothing that the session's row does not have, and not the device that the token
/// is bound to, because a stolen token would then bring its own second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer: the public URL.
    pub iss: String,
    /// The account.
    pub sub: AccountId,
    /// The session.
    pub sid: SessionId,
    /// The side of the login.
    pub kind: SessionKind,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// When it expires, in seconds since the epoch; a phone's token does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// A token could not be encoded.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TokenError(#[from] serde_json::Error);

/// The type of a session token, which [`Header::new`] sets (RFC 8725, section 3.11).
const TYPE: &str = "JWT";
/// Number of cached tokens: a few megabytes.
const KNOWN: usize = 4096;

/// Issues and verifies tokens.
pub struct Tokens {
    issuer: String,
    signing: SigningKey,
    /// The encoded header of every issued token.
    header: String,
    /// Public keys by key id.
    verifying: HashMap<String, DecodingKey>,
    /// Cache of claims with a valid signature: a phone sends the same token at each step.
    known: Mutex<HashMap<String, Claims>>,
    validation: Validation,
    published: JwkSet,
    device_cookies: DeviceCookies,
    grant_tokens: Arc<GrantTokens>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Signs with the first of `keys`, accepts and publishes all of them.
    ///
    /// # Errors
    /// If a key cannot be used.
    pub fn new(issuer: String, keys: &SigningKeys) -> Result<Self, KeyError> {
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for key in keys.all() {
            let (kid, jwk) = publish(KeyAlgorithm::EdDSA, public_half(key)).map_err(unusable)?;
            verifying.insert(kid, DecodingKey::from_ed_der(key.verifying_key().as_bytes()));
            published.push(jwk);
        }
        let first = published.first().and_then(|jwk: &Jwk| jwk.common.key_id.clone());
        let header = Header { kid: first, ..Header::new(Algorithm::EdDSA) };
        let mut validation = Validation::new(Algorithm::EdDSA);
        // `in_time` checks the expiry, using the caller's clock.
        validation.validate_exp = false;
        // The issuer is not checked: it is the public URL, which may change. The key proves that a token is ours, and
        // that it is a session's, because it signs nothing else.
        validation.set_required_spec_claims(&["sub"]);
        Ok(Self {
            issuer,
            signing: keys.first().clone(),
            header: part(&header).map_err(unusable)?,
            verifying,
            known: Mutex::default(),
            validation,
            published: JwkSet { keys: published },
            device_cookies: DeviceCookies::new(keys),
            grant_tokens: Arc::new(GrantTokens::new(keys)),
        })
    }

    /// Issues the token of `session`: the JWS Compact Serialization (RFC 7515, section 7.1).
    ///
    /// Encoded here, because `jsonwebtoken` would parse the key for each token, which takes longer than signing.
    ///
    /// # Errors
    /// If the claims cannot be encoded, which never happens.
    pub fn issue(&self, session: &Session) -> Result<Secret, TokenError> {
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: session.account,
            sid: session.id,
            kind: session.kind,
            iat: session.created_at.as_secs(),
            exp: session.expires_at.map(|at| at.as_secs()),
        };
        let claims = part(&claims)?;
        let mut token = format!("{}.{claims}", self.header);
        let signature = self.signing.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
        Ok(Secret::new(token))
    }

    /// Returns the claims of `token`, if it is ours and not expired at `now`.
    ///
    /// # Errors
    /// `token_expired` or `unauthenticated`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, ErrorCode> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        if let Some(claims) = known {
            return in_time(claims, now);
        }
        let header = jsonwebtoken::decode_header(token).ok().filter(|header| header.typ.as_deref() == Some(TYPE));
        let kid = header.and_then(|header| header.kid);
        let key = kid.and_then(|kid| self.verifying.get(&kid)).ok_or(ErrorCode::Unauthenticated)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation);
        let claims = in_time(data.map_err(|_| ErrorCode::Unauthenticated)?.claims, now)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(token.to_owned(), claims.clone());
        Ok(claims)
    }

    /// Returns what issues and verifies the tokens of apps.
    pub fn grant_tokens(&self) -> Arc<GrantTokens> {
        Arc::clone(&self.grant_tokens)
    }

    /// Returns the proofs that an account has signed in on a browser before.
    pub const fn device_cookies(&self) -> &DeviceCookies {
        &self.device_cookies
    }

    /// Returns the public keys (RFC 7517), for other programs that verify tokens.
    pub fn public_keys(&self) -> &JwkSet {
        &self.published
    }
}

/// Returns the claims, unless they have expired (RFC 7519, section 4.1.4).
fn in_time(claims: Claims, now: Timestamp) -> Result<Claims, ErrorCode> {
    let is_over = claims.exp.is_some_and(|end| end <= now.as_secs());
    if is_over { Err(ErrorCode::TokenExpired) } else { Ok(claims) }
}

/// Returns the public half of a key (RFC 8037, section 2).
fn public_half(key: &SigningKey) -> AlgorithmParameters {
    AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
        key_type: OctetKeyPairType::OctetKeyPair,
        curve: EllipticCurve::Ed25519,
        x: URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
    })
}

fn unusable(error: impl ToString) -> KeyError {
    KeyError::Unusable(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(super) mod tests {
    use super::super::signing_key::{KeySource, new_pem};
    use super::*;
    use clock::now;
    use domain::account::Began;
    use std::time::Duration;
    use uuid::Uuid;

    pub(crate) fn session(expires_at: Option<Timestamp>) -> Session {
        let now = now();
        Session {
            id: Uuid::new_v4().into(),
            account: Uuid::new_v4().into(),
            kind: SessionKind::Pc,
            device: None,
            device_secret: None,
            began: Began::Password,
            stepped_up_at: None,
            approvals_void_until: None,
            name: String::new(),
            ip: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at,
            revoked_at: None,
        }
    }

    /// Creates tokens with these keys; the first one signs.
    fn tokens(keys: &[&str]) -> Tokens {
        let keys = SigningKeys::open(KeySource::Text(keys.concat())).unwrap();
        Tokens::new("https://a.example".to_owned(), &keys).unwrap()
    }

    #[test]
    fn a_token_names_its_session_until_its_time_is_over() {
        let tokens = tokens(&[&new_pem().unwrap()]);
        let living = session(Some(now() + Duration::from_secs(60)));
        let token = tokens.issue(&living).unwrap();
        // Twice, because the second time takes the cached path.
        let claims = [(); 2].map(|()| tokens.verify(token.reveal(), now()).unwrap());
        assert!(claims.iter().all(|claims| claims.sid == living.id));
        let [claims, _] = claims;
        // RFC 7519, section 4.1.4: not on the second of its end either.
        let end = Timestamp::from_millis(claims.exp.unwrap() * 1000);
        assert!(in_time(claims.clone(), Timestamp::from_millis(end.as_millis() - 1)).is_ok());
        assert_eq!(in_time(claims, end).unwrap_err(), ErrorCode::TokenExpired);
        let over = session(Some(Timestamp::from_millis(1000)));
        assert_eq!(tokens.verify(tokens.issue(&over).unwrap().reveal(), now()).unwrap_err(), ErrorCode::TokenExpired);
        let endless = session(None);
        assert_eq!(tokens.verify(tokens.issue(&endless).unwrap().reveal(), now()).unwrap().exp, None);
    }

    #[test]
    fn verified_tokens_are_remembered_in_a_bounded_number() {
        let tokens = tokens(&[&new_pem().unwrap()]);
        let verify = || tokens.verify(tokens.issue(&session(None)).unwrap().reveal(), now()).unwrap();
        let claims = [(); 2].map(|()| verify());
        assert_eq!(tokens.known.lock().unwrap().len(), 2);
        tokens.known.lock().unwrap().extend((2..KNOWN).map(|token| (token.to_string(), claims[0].clone())));
        verify();
        assert_eq!(tokens.known.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let ours = tokens(&[&new_pem().unwrap()]);
        let stranger = tokens(&[&new_pem().unwrap()]);
        let token = stranger.issue(&session(None)).unwrap();
        assert_eq!(ours.verify(token.reveal(), now()).unwrap_err(), ErrorCode::Unauthenticated);
        assert_eq!(ours.verify("no.token.atall", now()).unwrap_err(), ErrorCode::Unauthenticated);
    }

    #[test]
    fn another_type_of_token_is_refused_although_our_key_signed_it() {
        let pem = new_pem().unwrap();
        let tokens = tokens(&[&pem]);
        let token = tokens.issue(&session(None)).unwrap();
        let (_, rest) = token.reveal().split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        let with_type = |typ: Option<&str>| {
            let kid = tokens.public_keys().keys[0].common.key_id.clone();
            let header = Header { kid, typ: typ.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
            let token = format!("{}.{claims}", part(&header).unwrap());
            let signature = URL_SAFE_NO_PAD.encode(tokens.signing.sign(token.as_bytes()).to_bytes());
            tokens.verify(&format!("{token}.{signature}"), now())
        };
        with_type(Some(TYPE)).unwrap();
        for typ in [None, Some("at+jwt"), Some("logout+jwt"), Some("qr-login-assertion+jwt")] {
            assert_eq!(with_type(typ).unwrap_err(), ErrorCode::Unauthenticated, "{typ:?}");
        }
    }

    #[test]
    fn a_key_is_changed_without_a_moment_in_which_a_token_is_refused() {
        let (old, new) = (new_pem().unwrap(), new_pem().unwrap());
        let (before, prepared, after) = (tokens(&[&old]), tokens(&[&old, &new]), tokens(&[&new, &old]));
        let (by_old, by_new) = (before.issue(&session(None)).unwrap(), after.issue(&session(None)).unwrap());
        for node in [&prepared, &after] {
            node.verify(by_old.reveal(), now()).unwrap();
            node.verify(by_new.reveal(), now()).unwrap();
            assert_eq!(node.public_keys().keys.len(), 2);
        }
        assert_eq!(tokens(&[&new]).verify(by_old.reveal(), now()).unwrap_err(), ErrorCode::Unauthenticated);
    }
}
