//! Newtypes for identifiers and secrets, so that they cannot be mixed up.

mod code;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The text is not a valid identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed identifier")]
pub struct MalformedId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u128);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid.as_u128())
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                Self::from_u128(id.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                read_uuid(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedId;

            fn try_from(text: String) -> Result<Self, MalformedId> {
                text.parse()
            }
        }
    };
}

/// Positions of the hyphens in a UUID (RFC 9562, section 4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// Parses only the hyphenated form, so that an identifier has a single representation, and the browser needs no parser
/// for others.
fn read_uuid(text: &str) -> Result<u128, MalformedId> {
    if text.len() != 36 {
        return Err(MalformedId);
    }
    let mut value = 0_u128;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, char::from(byte).to_digit(16)) {
            (b'-', _) if HYPHENS.contains(&at) => {}
            (_, Some(digit)) if !HYPHENS.contains(&at) => value = value << 4 | u128::from(digit),
            _ => return Err(MalformedId),
        }
    }
    Ok(value)
}

fn write_uuid(value: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [b'-'; 36];
    let mut shift = 128;
    for (at, byte) in text.iter_mut().enumerate() {
        if !HYPHENS.contains(&at) {
            shift -= 4;
            *byte = DIGITS[usize::from((value >> shift) as u8 & 15)];
        }
    }
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

uuid_id! {
    /// A QR code: 122 random bits, never reused (RFC 10027, section 6.1.4). Knowing it grants no access.
    TicketId
}
uuid_id! {
    /// An account.
    AccountId
}
uuid_id! {
    /// A signed-in phone or PC.
    SessionId
}
uuid_id! {
    /// What one person allowed one app.
    GrantId
}
uuid_id! {
    /// An authorization request that waits for a person.
    InteractionId
}
uuid_id! {
    /// What one account is connected to at one service, or tries to be.
    ConnectionId
}

/// A phone of an account. The app may choose it, so it is unique only together with the [`AccountId`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(String);

impl DeviceId {
    /// Maximum length of a device id, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Uuid> for DeviceId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string())
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DeviceId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.chars().all(allowed) {
            return Err(MalformedId);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A text that grants access: a password or its hash, a token, a browser's binding, a confirm token. It is never
/// printed. Of a binding and a confirm token only the [`SecretHash`] is ever stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret that was received or just generated.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the secret itself, for the one place that sends or hashes it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a [`Secret`]. A secret has 256 random bits, so a slow hash would add nothing.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Wraps a digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Returns the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Encodes the hash as hexadecimal, for a store.
    pub fn to_hex(self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    }
}

impl FromStr for SecretHash {
    type Err = MalformedId;

    /// Parses what [`Self::to_hex`] returns.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(MalformedId);
        }
        for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| MalformedId)?;
        }
        Ok(Self(digest))
    }
}

impl PartialEq for SecretHash {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl Hash for SecretHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
