//! Generates RSA keys. `ring` cannot, and `rsa` does nothing else here: its operations with a private key leak by their
//! timing (RUSTSEC-2023-0071), which matters where an attacker can time many of them, not where one key is made.

use super::OidcKeyError;
use crate::security::random::Random;
use hmac::{Hmac, Mac};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::rand_core::{self, CryptoRng, RngCore};
use sha2::Sha256;

/// Size of a generated key, in bits: enough until 2030 (NIST SP 800-57, part 1), and what every client supports.
const BITS: usize = 2048;

/// Generates a private key of 2048 bits as PKCS#8 PEM. Takes up to a second.
///
/// # Errors
/// If there are no random bytes.
pub fn new_pem(random: &Random) -> Result<String, OidcKeyError> {
    let unusable = |error: String| OidcKeyError::Unusable(error);
    let mut bytes = Expanded::new(&random.bytes()?)?;
    let key = RsaPrivateKey::new(&mut bytes, BITS).map_err(|error| unusable(error.to_string()))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| unusable(error.to_string()))?;
    Ok(pem.as_str().to_owned())
}

/// 256 random bits, expanded with HMAC-SHA-256 in counter mode (NIST SP 800-108), because `rsa` expects a source that
/// cannot fail.
pub(super) struct Expanded {
    mac: Hmac<Sha256>,
    counter: u64,
}

impl Expanded {
    pub(super) fn new(seed: &[u8; 32]) -> Result<Self, OidcKeyError> {
        let mac = Hmac::new_from_slice(seed).map_err(|error| OidcKeyError::Unusable(error.to_string()))?;
        Ok(Self { mac, counter: 0 })
    }
}

impl CryptoRng for Expanded {}

impl RngCore for Expanded {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.counter += 1;
            let block = self.mac.clone().chain_update(self.counter.to_be_bytes()).finalize().into_bytes();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn expanded_bytes_never_repeat_and_depend_on_every_seed() {
        let fill = |seed: u8| {
            let (mut bytes, mut source) = ([0; 100], Expanded::new(&[seed; 32]).unwrap());
            source.fill_bytes(&mut bytes[..50]);
            source.fill_bytes(&mut bytes[50..]);
            bytes
        };
        let (one, two) = (fill(1), fill(2));
        assert_eq!(one, fill(1));
        let blocks = [&one[..32], &one[50..82], &two[..32], &two[50..82], &[0; 32]];
        for (at, block) in blocks.iter().enumerate() {
            assert!(!blocks[at + 1..].contains(block), "{at}");
        }
    }

    #[test]
    fn without_random_bytes_there_is_no_key() {
        let error = new_pem(&Random::scripted([])).unwrap_err().to_string();
        assert!(error.contains("random bytes"), "{error}");
    }
}
