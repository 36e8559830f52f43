//! The keys that sign tokens: from a file, created if missing, from an environment variable, or for this process only.

use super::key_file;
use super::random::{Random, RandomError};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no usable signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("QR_LOGIN_SIGNING_KEY_FILE: {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The file contains something else.
    #[error("QR_LOGIN_SIGNING_KEY_FILE: {0} does not hold an Ed25519 private key in PKCS#8 PEM")]
    Format(String),
    /// The variable contains something else.
    #[error("QR_LOGIN_SIGNING_KEY does not hold an Ed25519 private key in PKCS#8 PEM; `qr-login key new` makes one")]
    Text,
    /// The key cannot be used.
    #[error("signing key: {0}")]
    Unusable(String),
}

/// The source of the keys.
#[derive(Clone)]
pub enum KeySource {
    /// A file, created if it does not exist.
    File(PathBuf),
    /// The PEM text itself. `\n` may be written for a line break, because some env files cannot contain one.
    Text(String),
    /// A new key that only lives as long as the process.
    Fresh,
}

/// One or more keys. The first one signs; the others are accepted during key rotation.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    first: SigningKey,
    others: Vec<SigningKey>,
}

impl SigningKeys {
    /// Loads the keys from `source`.
    ///
    /// # Errors
    /// If they cannot be read, written or parsed.
    pub fn open(source: KeySource) -> Result<Self, KeyError> {
        match source {
            KeySource::File(path) => load_or_create(&path),
            KeySource::Text(text) => parse(&text.replace("\\n", "\n")).ok_or(KeyError::Text),
            KeySource::Fresh => Ok(Self { first: generate_key()?, others: Vec::new() }),
        }
    }

    /// Returns the key that signs.
    pub fn first(&self) -> &SigningKey {
        &self.first
    }

    /// Returns all keys.
    pub fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl From<RandomError> for KeyError {
    fn from(error: RandomError) -> Self {
        Self::Unusable(error.to_string())
    }
}

fn generate_key() -> Result<SigningKey, KeyError> {
    Ok(SigningKey::from_bytes(&Random::default().bytes()?))
}

/// Generates a private key as PEM.
///
/// # Errors
/// If the operating system cannot provide random bytes.
pub fn new_pem() -> Result<String, KeyError> {
    let key = generate_key()?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| KeyError::Unusable(error.to_string()))?;
    Ok(pem.as_str().to_owned())
}

fn parse(pem: &str) -> Option<SigningKeys> {
    let keys: Option<Vec<_>> =
        key_file::blocks(pem)?.iter().map(|block| SigningKey::from_pkcs8_pem(block).ok()).collect();
    let mut keys = keys?.into_iter();
    Some(SigningKeys { first: keys.next()?, others: keys.collect() })
}

fn load_or_create(path: &Path) -> Result<SigningKeys, KeyError> {
    let failed = |source| KeyError::File { path: path.display().to_string(), source };
    let read = || key_file::read(path, "the signing keys").map_err(failed);
    let mut pem = read()?;
    if pem.is_none() {
        if key_file::create(path, &new_pem()?, Random::default().uuid()?).map_err(failed)? {
            tracing::info!(path = %path.display(), "made a signing key");
        }
        // Again, because another process may have been first.
        pem = read()?;
    }
    let keys = pem.and_then(|pem| parse(&pem));
    keys.ok_or_else(|| KeyError::Format(path.display().to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn several_keys_are_read_in_their_order_with_or_without_real_line_ends() {
        let (one, two) = (new_pem().unwrap(), new_pem().unwrap());
        let text = format!("# the new key\n{one}\n# the old key\n{two}");
        for text in [text.clone(), text.replace('\n', "\\n")] {
            let keys = SigningKeys::open(KeySource::Text(text)).unwrap();
            let read: Vec<String> =
                keys.all().map(|key| key.to_pkcs8_pem(LineEnding::LF).unwrap().as_str().to_owned()).collect();
            assert_eq!(read, [one.clone(), two.clone()]);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        let half = new_pem().unwrap().replace("-----END", "");
        for text in ["", "secret", &half] {
            let error = SigningKeys::open(KeySource::Text(text.to_owned())).unwrap_err().to_string();
            assert!(error.contains("QR_LOGIN_SIGNING_KEY") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let open = || SigningKeys::open(KeySource::File(path.clone()));
        assert_eq!(open().unwrap().first(), open().unwrap().first());
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "not a key").unwrap();
        let error = open().unwrap_err().to_string();
        assert!(error.contains("QR_LOGIN_SIGNING_KEY_FILE"), "{error}");
    }
}
