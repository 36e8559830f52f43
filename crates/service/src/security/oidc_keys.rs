//! The RSA keys that sign the tokens of OpenID Connect (RS256, RFC 7518, section 3.3).
//!
//! A ring of its own: many clients accept RS256 alone, and an Ed25519 key in their key set breaks some of them; and with
//! separate keys no session token passes for an ID token, nor the reverse (RFC 8725, section 3.12).

mod generate;
mod jwt;
mod key_ring;
#[cfg(test)]
mod tests;

pub use generate::new_pem;
pub use jwt::{JwtType, LONGEST, Refusal};

use super::key_file;
use super::random::{Random, RandomError};
use super::signing_key::KeySource;
use jsonwebtoken::jwk::JwkSet;
use key_ring::Ring;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tokio::sync::{OnceCell, oneshot};

/// Why there is no usable key, or it signed nothing.
#[derive(Debug, thiserror::Error)]
pub enum OidcKeyError {
    /// The file cannot be read or written.
    #[error("QR_LOGIN_OIDC_KEY_FILE: {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The file contains something else.
    #[error(
        "QR_LOGIN_OIDC_KEY_FILE: {0} does not hold RSA private keys of 2048 to 4096 bits in PKCS#8 PEM; \
         `qr-login key new --rsa` makes one"
    )]
    Format(String),
    /// A key could not be generated or used.
    #[error("key for OpenID Connect: {0}")]
    Unusable(String),
    /// The claims cannot be encoded.
    #[error("claims: {0}")]
    Claims(#[from] serde_json::Error),
}

impl From<RandomError> for OidcKeyError {
    fn from(error: RandomError) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Why a JWT was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no usable key, so nothing is known about the JWT.
    #[error(transparent)]
    Keys(#[from] OidcKeyError),
    /// It is not a JWT of that type that we signed.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// One or more RSA keys. The first one signs; all are published and accepted. Cheap to clone.
///
/// Generating a key takes up to a second of one core, so it happens in the background, and a request that needs it waits.
#[derive(Clone, Debug)]
pub struct OidcKeys {
    inner: Arc<Inner>,
    /// Whether only a signature makes a key.
    is_idle: bool,
}

/// What a server without a key publishes.
static NONE: JwkSet = JwkSet { keys: Vec::new() };

struct Inner {
    source: KeySource,
    random: Random,
    ring: OnceCell<Ring>,
    /// A generated key that could not be written yet, so that the next attempt generates no other.
    unwritten: Mutex<Option<String>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl OidcKeys {
    /// Reads the keys. A file that does not exist is created by [`OidcKeys::prepare`] or when a key is first needed, and
    /// so is a fresh key.
    ///
    /// # Errors
    /// If they cannot be read or parsed, or the folder of the file does not exist.
    pub fn open(source: KeySource, random: Random) -> Result<Self, OidcKeyError> {
        let ring = match &source {
            KeySource::File(path) => read(path)?,
            KeySource::Text(text) => Some(parse(&text.replace("\\n", "\n"), "the text")?),
            KeySource::Fresh => None,
        };
        if let (KeySource::File(path), None) = (&source, &ring) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(failed(path)(io::ErrorKind::NotFound.into()));
            }
        }
        let ring = OnceCell::new_with(ring);
        let inner = Inner { source, random, ring, unwritten: Mutex::default() };
        Ok(Self { inner: Arc::new(inner), is_idle: false })
    }

    /// Returns the same keys for a server without apps: unless there is a key, none is published, no JWT is ours, and only
    /// a signature makes one. Otherwise anybody who asks for the keys would leave a file on the server.
    #[must_use]
    pub fn idle(self) -> Self {
        Self { is_idle: true, ..self }
    }

    fn is_empty(&self) -> bool {
        self.is_idle && !self.inner.ring.initialized()
    }

    /// Starts to create a file that does not exist, and returns at once. A failure is logged; the next caller that needs a
    /// key tries again.
    pub fn prepare(&self) {
        if matches!(self.inner.source, KeySource::File(_)) && !self.is_idle && !self.inner.ring.initialized() {
            let keys = self.clone();
            tokio::spawn(async move {
                if let Err(error) = keys.ring().await {
                    tracing::error!(%error, "no key for OpenID Connect");
                }
            });
        }
    }

    /// Signs `claims` as a JWT of type `typ` in the JWS Compact Serialization (RFC 7515, section 7.1).
    ///
    /// # Errors
    /// If there is no usable key, or the claims cannot be encoded.
    pub async fn sign(&self, typ: JwtType, claims: &impl Serialize) -> Result<String, OidcKeyError> {
        jwt::sign(self.ring().await?, typ, claims)
    }

    /// Returns the claims of a JWT that we signed as `typ`. Checks neither `exp` nor `iss` nor `aud`: the caller does.
    ///
    /// # Errors
    /// [`Refusal`], or if there is no usable key.
    pub async fn verify<C: DeserializeOwned>(&self, jwt: &str, typ: JwtType) -> Result<C, VerifyError> {
        if self.is_empty() {
            return Err(Refusal::Key.into());
        }
        Ok(jwt::verify(self.ring().await?, jwt, typ)?)
    }

    /// Returns the public keys (RFC 7517).
    ///
    /// # Errors
    /// If there is no usable key.
    pub async fn public(&self) -> Result<&JwkSet, OidcKeyError> {
        if self.is_empty() { Ok(&NONE) } else { Ok(self.ring().await?.published()) }
    }

    /// Returns the keys, and makes them if there are none yet.
    async fn ring(&self) -> Result<&Ring, OidcKeyError> {
        if self.inner.ring.get().is_none() {
            // A task of its own: a client that hangs up does not stop it, so a flood of them generates only one key.
            let inner = Arc::clone(&self.inner);
            let making = tokio::spawn(async move { inner.ring.get_or_try_init(|| make(&inner)).await.map(drop) });
            making.await.map_err(|error| OidcKeyError::Unusable(error.to_string()))??;
        }
        self.inner.ring.get().ok_or_else(|| OidcKeyError::Unusable("it was not made".to_owned()))
    }
}

/// Makes the key in a thread of its own. Not in tokio's pool, because the server would wait for it when it stops.
async fn make(inner: &Arc<Inner>) -> Result<Ring, OidcKeyError> {
    let (tell, told) = oneshot::channel();
    let inner = Arc::clone(inner);
    let unusable = |error: String| OidcKeyError::Unusable(error);
    let thread = thread::Builder::new().name("oidc-key".to_owned());
    // If no request waits for it any more, the key is not needed now.
    let make = move || drop(tell.send(inner.make()));
    thread.spawn(make).map_err(|error| unusable(error.to_string()))?;
    told.await.map_err(|_| unusable("the thread that makes it ended".to_owned()))?
}

impl Inner {
    fn make(&self) -> Result<Ring, OidcKeyError> {
        let kept = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).take();
        let pem = kept.map_or_else(|| new_pem(&self.random), Ok)?;
        let KeySource::File(path) = &self.source else { return parse(&pem, "what was generated") };
        let made = self.write(path, &pem);
        if made.is_err() {
            *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner) = Some(pem);
        }
        made
    }

    /// Creates the file, unless another process was first, and reads it.
    fn write(&self, path: &Path, pem: &str) -> Result<Ring, OidcKeyError> {
        if key_file::create(path, pem, self.random.uuid()?).map_err(failed(path))? {
            tracing::info!(path = %path.display(), "made a key for OpenID Connect");
        }
        read(path)?.ok_or_else(|| failed(path)(io::ErrorKind::NotFound.into()))
    }
}

fn read(path: &Path) -> Result<Option<Ring>, OidcKeyError> {
    let pem = key_file::read(path, "the keys for OpenID Connect").map_err(failed(path))?;
    pem.map(|pem| parse(&pem, &path.display().to_string())).transpose()
}

fn parse(pem: &str, place: &str) -> Result<Ring, OidcKeyError> {
    Ring::parse(pem)?.ok_or_else(|| OidcKeyError::Format(place.to_owned()))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> OidcKeyError {
    move |source| OidcKeyError::File { path: path.display().to_string(), source }
}
