//! Hashes secrets, and derives ids from them.

use domain::ids::{Secret, SecretHash};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Length of a secret's text: 256 bits in base64url.
const TEXT_LENGTH: usize = 43;

/// Hashes a secret for storage.
pub fn hash(secret: &Secret) -> SecretHash {
    SecretHash::new(Sha256::digest(secret.reveal()).into())
}

/// Derives an id from another id and a secret: a UUID of version 8 (RFC 9562, section 5.8). Knowing only one of the two
/// reveals neither the result nor the other.
pub fn derive_id(purpose: &[u8], id: Uuid, secret: SecretHash) -> Uuid {
    let digest = Sha256::new().chain_update(purpose).chain_update(id.as_bytes()).chain_update(secret.as_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}

/// Returns whether `text` has the form of a generated secret, so that a weak value chosen by an attacker is not
/// accepted as a browser's binding.
pub fn is_well_formed(text: &str) -> bool {
    text.len() == TEXT_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_derived_id_depends_on_purpose_id_and_secret() {
        let derive =
            |purpose: &[u8], id, secret| derive_id(purpose, Uuid::from_u128(id), SecretHash::new([secret; 32]));
        let ids: HashSet<_> =
            [derive(b"a", 1, 1), derive(b"b", 1, 1), derive(b"a", 2, 1), derive(b"a", 1, 2)].into_iter().collect();
        assert_eq!(ids.len(), 4);
        assert!(ids.contains(&derive(b"a", 1, 1)), "the same again");
        assert!(ids.iter().all(|id| id.get_version_num() == 8), "{ids:?}");
    }
}
