//! Encrypts what this server has to keep and to use again, such as the tokens of other services, so that a stolen database
//! is worth nothing without the key file.
//!
//! AES-256-GCM (NIST SP 800-38D). Each text has a key of its own, derived by HKDF (RFC 5869) from the context that it
//! belongs to, and authenticates that context: moved to another row, it does not open.

use super::key_file;
use super::random::{Random, RandomError};
use super::signing_key::KeySource;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use sha2::{Digest, Sha256};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Separates these keys from every other use of the same bytes.
const PURPOSE: &[u8] = b"qr-login sealing";
/// First line of a new file.
const HEADING: &str =
    "# Keys of qr-login that encrypt the tokens of connected services. The first one encrypts, all decrypt.\n";

/// Why something was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file cannot be read or written.
    #[error("QR_LOGIN_CONNECTIONS_KEY_FILE: {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The file contains something else.
    #[error("QR_LOGIN_CONNECTIONS_KEY_FILE: {0} does not hold a key of 256 bits in base64url on each line")]
    Format(String),
    /// No random bytes were available.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// It was sealed by a key that is not in the file, or for something else, or is damaged.
    #[error("what is sealed cannot be opened: its key is missing, or it belongs to another row")]
    Foreign,
    /// A thread failed.
    #[error("sealing: {0}")]
    Unusable(String),
}

/// Names what something sealed belongs to. No part contains a zero byte.
pub type Context<'a> = &'a [&'a str];

#[derive(Clone)]
struct Key {
    id: String,
    bytes: [u8; 32],
}

/// Seals and opens, with keys from a file that is made when it is first needed. Cheap to clone.
#[derive(Clone)]
pub struct Sealing(Arc<Inner>);

struct Inner {
    source: KeySource,
    random: Random,
    /// At least one.
    keys: OnceCell<Vec<Key>>,
}

impl std::fmt::Debug for Sealing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealing")
    }
}

impl Sealing {
    /// Creates it. The keys are read by [`Sealing::prepare`], or when they are first needed.
    pub fn new(source: KeySource, random: Random) -> Self {
        Self(Arc::new(Inner { source, random, keys: OnceCell::new() }))
    }

    /// Reads the keys, and makes one if there is no file.
    ///
    /// # Errors
    /// If there is no usable key.
    pub async fn prepare(&self) -> Result<(), SealError> {
        self.keys().await.map(drop)
    }

    /// Encrypts `plain` for a context.
    ///
    /// # Errors
    /// If there is no usable key.
    pub async fn seal(&self, context: Context<'_>, plain: &str) -> Result<String, SealError> {
        let Some(key) = self.keys().await?.first() else { return Err(SealError::Foreign) };
        let (cipher, aad) = key.derive(context)?;
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&self.0.random.bytes()?[..NONCE_LEN]);
        let mut bytes = plain.as_bytes().to_vec();
        cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes)
            .map_err(|_| SealError::Foreign)?;
        Ok(format!("1.{}.{}", key.id, URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat())))
    }

    /// Decrypts what was sealed for exactly that context.
    ///
    /// # Errors
    /// [`SealError::Foreign`], or if there is no usable key.
    pub async fn open(&self, context: Context<'_>, sealed: &str) -> Result<Secret, SealError> {
        let keys = self.keys().await?;
        let open = || {
            let (id, bytes) = sealed.strip_prefix("1.")?.split_once('.')?;
            let (cipher, aad) = keys.iter().find(|key| key.id == id)?.derive(context).ok()?;
            let mut bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
            let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let plain = cipher.open_in_place(nonce, Aad::from(aad), sealed).ok()?;
            Some(Secret::new(String::from_utf8(plain.to_vec()).ok()?))
        };
        open().ok_or(SealError::Foreign)
    }

    async fn keys(&self) -> Result<&Vec<Key>, SealError> {
        let load = || async {
            let inner = Arc::clone(&self.0);
            let loading = tokio::task::spawn_blocking(move || load(&inner.source, &inner.random));
            loading.await.map_err(|error| SealError::Unusable(error.to_string()))?
        };
        self.0.keys.get_or_try_init(load).await
    }
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(PURPOSE).chain_update(b" id").chain_update(bytes).finalize();
        Self { id: URL_SAFE_NO_PAD.encode(&digest[..6]), bytes }
    }

    /// Returns the key of a context, and what it authenticates.
    fn derive(&self, context: Context<'_>) -> Result<(LessSafeKey, Vec<u8>), SealError> {
        let aad = context.join("\0").into_bytes();
        let secret = Salt::new(HKDF_SHA256, PURPOSE).extract(&self.bytes);
        let info = [aad.as_slice()];
        let derived = secret.expand(&info, &AES_256_GCM).map_err(|_| SealError::Foreign)?;
        Ok((LessSafeKey::new(UnboundKey::from(derived)), aad))
    }
}

/// Generates a key, as the text of a file.
///
/// # Errors
/// If the operating system cannot provide random bytes.
pub fn new_key(random: &Random) -> Result<String, SealError> {
    Ok(format!("{}\n", random.secret()?.reveal()))
}

fn load(source: &KeySource, random: &Random) -> Result<Vec<Key>, SealError> {
    let path = match source {
        KeySource::File(path) => path,
        KeySource::Text(text) => return parse(text).ok_or_else(|| SealError::Format("the text".to_owned())),
        KeySource::Fresh => return Ok(vec![Key::new(random.bytes()?)]),
    };
    let failed = |source| SealError::File { path: path.display().to_string(), source };
    if let Some(keys) = read(path)? {
        return Ok(keys);
    }
    let text = format!("{HEADING}{}", new_key(random)?);
    if key_file::create(path, &text, random.uuid()?).map_err(failed)? {
        tracing::info!(path = %path.display(), "made a key for connections");
    }
    // Again, because another process may have been first.
    read(path)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
}

fn read(path: &Path) -> Result<Option<Vec<Key>>, SealError> {
    let place = path.display().to_string();
    let text = key_file::read(path, "the keys of connections");
    let text = text.map_err(|source| SealError::File { path: place.clone(), source })?;
    text.map(|text| parse(&text).ok_or(SealError::Format(place))).transpose()
}

fn parse(text: &str) -> Option<Vec<Key>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = |line| Some(Key::new(URL_SAFE_NO_PAD.decode(line).ok()?.try_into().ok()?));
    lines.map(key).collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn text(key: u8) -> String {
        URL_SAFE_NO_PAD.encode([key; 32])
    }

    fn sealing(text: String) -> Sealing {
        Sealing::new(KeySource::Text(text), Random::default())
    }

    const HERE: Context<'static> = &["tokens", "row", "account"];

    #[tokio::test]
    async fn only_the_same_context_opens() {
        let sealing = sealing(text(1));
        let sealed = sealing.seal(HERE, "secret 秘密").await.unwrap();
        assert_eq!(sealing.open(HERE, &sealed).await.unwrap().reveal(), "secret 秘密");
        assert_ne!(sealed, sealing.seal(HERE, "secret 秘密").await.unwrap());
        for other in [&["tokens", "row", "other"][..], &["tokens", "row"], &["tokens", "rowaccount", ""]] {
            assert!(matches!(sealing.open(other, &sealed).await, Err(SealError::Foreign)), "{other:?}");
        }
        for at in [2, sealed.len() / 2, sealed.len() - 2] {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(bytes).unwrap();
            assert!(sealing.open(HERE, &damaged).await.is_err(), "{at}");
        }
        for bad in ["", "1.", "1..", "2.a.b", &sealed[..20]] {
            assert!(sealing.open(HERE, bad).await.is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_older_key_still_opens_and_a_removed_one_does_not() {
        let old = sealing(text(1)).seal(HERE, "x").await.unwrap();
        let both = sealing(format!("# new\n{}\n\n{}\n", text(2), text(1)));
        assert_eq!(both.open(HERE, &old).await.unwrap().reveal(), "x");
        let new = both.seal(HERE, "y").await.unwrap();
        assert_eq!(sealing(text(2)).open(HERE, &new).await.unwrap().reveal(), "y");
        assert!(sealing(text(2)).open(HERE, &old).await.is_err());
    }

    #[tokio::test]
    async fn the_file_is_made_once_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let by_file = || Sealing::new(KeySource::File(path.clone()), Random::default());
        let sealed = by_file().seal(HERE, "x").await.unwrap();
        assert_eq!(by_file().open(HERE, &sealed).await.unwrap().reveal(), "x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for bad in ["", "# only a comment\n", "short", &format!("{}x", text(1))] {
            std::fs::write(&path, bad).unwrap();
            let error = by_file().prepare().await.unwrap_err();
            assert!(error.to_string().starts_with("QR_LOGIN_CONNECTIONS_KEY_FILE: "), "{error}");
        }
    }
}
