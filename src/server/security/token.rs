//! Session tokens: JWTs signed with Ed25519 (RFC 8037), verified by signature and then by the session's row.

use crate::account::{Session, SessionKind};
use crate::error::ErrorCode;
use crate::ids::{AccountId, DeviceId, SessionId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, OctetKeyPairParameters,
    OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What a token says. It carries nothing that the session's row does not know better.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: the public URL.
    pub iss: String,
    /// Whose it is.
    pub sub: AccountId,
    /// Which session it opens.
    pub sid: SessionId,
    /// Which side of the login it belongs to.
    pub kind: SessionKind,
    /// The phone it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<DeviceId>,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// When it ends; a phone's does not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// Why there is no usable signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("QR_LOGIN_SIGNING_KEY_FILE: {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("QR_LOGIN_SIGNING_KEY_FILE: {0} does not hold an Ed25519 private key in PKCS#8 PEM")]
    Format(String),
    /// The key cannot be used.
    #[error("signing key: {0}")]
    Unusable(String),
}

/// Signs and verifies tokens.
#[derive(Clone)]
pub struct Tokens {
    issuer: String,
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    published: JwkSet,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("kid", &self.header.kid).finish_non_exhaustive()
    }
}

impl Tokens {
    /// With the key in `file`, made there first if there is none; without a file, with a key that dies with the process.
    ///
    /// # Errors
    /// When the file cannot be read, written or understood.
    pub fn open(issuer: String, file: Option<&Path>) -> Result<Self, KeyError> {
        let key = match file {
            Some(path) => load_or_create(path)?,
            None => draw_key()?,
        };
        Self::with_key(issuer, &key)
    }

    fn with_key(issuer: String, key: &SigningKey) -> Result<Self, KeyError> {
        let unusable = |error: &dyn std::fmt::Display| KeyError::Unusable(error.to_string());
        let der = key.to_pkcs8_der().map_err(|error| unusable(&error))?;
        let signing = EncodingKey::from_ed_der(der.as_bytes());
        let verifying = DecodingKey::from_ed_der(key.verifying_key().as_bytes());
        let mut jwk = Jwk {
            common: CommonParameters {
                key_algorithm: Some(KeyAlgorithm::EdDSA),
                public_key_use: Some(PublicKeyUse::Signature),
                ..CommonParameters::default()
            },
            algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
                key_type: OctetKeyPairType::OctetKeyPair,
                curve: EllipticCurve::Ed25519,
                x: URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
            }),
        };
        // RFC 7638: the key's own thumbprint names it, the same on every node.
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|error| unusable(&error))?;
        jwk.common.key_id = Some(kid.clone());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        // Not the issuer: it follows the public URL, which may change, and the key alone proves that a token is ours.
        validation.set_required_spec_claims(&["sub"]);
        Ok(Self {
            header: Header { kid: Some(kid), ..Header::new(Algorithm::EdDSA) },
            issuer,
            signing,
            verifying,
            validation,
            published: JwkSet { keys: vec![jwk] },
        })
    }

    /// The token that opens `session`.
    ///
    /// # Errors
    /// `unavailable` when signing fails.
    pub fn issue(&self, session: &Session) -> Result<String, ErrorCode> {
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: session.account,
            sid: session.id,
            kind: session.kind,
            did: session.device.clone(),
            iat: session.created_at.as_secs(),
            exp: session.expires_at.map(|at| at.as_secs()),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing).map_err(|error| {
            tracing::error!(%error, "a token could not be signed");
            ErrorCode::Unavailable
        })
    }

    /// What `token` says, if it is ours and its time is not over.
    ///
    /// # Errors
    /// `token_expired` or `unauthenticated`.
    pub fn verify(&self, token: &str) -> Result<Claims, ErrorCode> {
        use jsonwebtoken::errors::ErrorKind;
        match jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation) {
            Ok(data) => Ok(data.claims),
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => Err(ErrorCode::TokenExpired),
            Err(_) => Err(ErrorCode::Unauthenticated),
        }
    }

    /// The public keys (RFC 7517), for other programs that verify tokens.
    pub fn public_keys(&self) -> &JwkSet {
        &self.published
    }
}

fn draw_key() -> Result<SigningKey, KeyError> {
    let bytes = super::secret::random_bytes().map_err(|error| KeyError::Unusable(error.to_string()))?;
    Ok(SigningKey::from_bytes(&bytes))
}

fn load_or_create(path: &Path) -> Result<SigningKey, KeyError> {
    let failed = |source| KeyError::File { path: path.display().to_string(), source };
    match fs::read_to_string(path) {
        Ok(pem) => SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::Format(path.display().to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = draw_key()?;
            let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| KeyError::Unusable(error.to_string()))?;
            match write_private(path, pem.as_bytes()) {
                Ok(()) => Ok(key),
                // Another process made it meanwhile: theirs is the key.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => load_or_create(path),
                Err(error) => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    linked
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use std::time::Duration;
    use uuid::Uuid;

    fn session(expires_at: Option<Timestamp>) -> Session {
        let now = crate::server::clock::now();
        Session {
            id: Uuid::new_v4().into(),
            account: Uuid::new_v4().into(),
            kind: SessionKind::Pc,
            device: None,
            name: String::new(),
            ip: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at,
            revoked_at: None,
        }
    }

    #[test]
    fn a_token_names_its_session_until_its_time_is_over() {
        let tokens = Tokens::open("https://a.example".to_owned(), None).unwrap();
        let living = session(Some(crate::server::clock::now() + Duration::from_secs(60)));
        assert_eq!(tokens.verify(&tokens.issue(&living).unwrap()).unwrap().sid, living.id);
        let over = session(Some(Timestamp::from_millis(1000)));
        assert_eq!(tokens.verify(&tokens.issue(&over).unwrap()).unwrap_err(), ErrorCode::TokenExpired);
        let endless = session(None);
        assert_eq!(tokens.verify(&tokens.issue(&endless).unwrap()).unwrap().exp, None);
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let ours = Tokens::open("https://a.example".to_owned(), None).unwrap();
        let stranger = Tokens::open("https://a.example".to_owned(), None).unwrap();
        let token = stranger.issue(&session(None)).unwrap();
        assert_eq!(ours.verify(&token).unwrap_err(), ErrorCode::Unauthenticated);
        assert_eq!(ours.verify("no.token.atall").unwrap_err(), ErrorCode::Unauthenticated);
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let first = Tokens::open("i".to_owned(), Some(&path)).unwrap();
        let again = Tokens::open("i".to_owned(), Some(&path)).unwrap();
        assert_eq!(first.header.kid, again.header.kid);
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "not a key").unwrap();
        let error = Tokens::open("i".to_owned(), Some(&path)).unwrap_err().to_string();
        assert!(error.contains("QR_LOGIN_SIGNING_KEY_FILE"), "{error}");
    }
}
