//! Codes, refresh tokens and opaque access tokens: each names its grant, and proves by a MAC that this server issued it.
//!
//! No token has a row of its own. What it is worth is decided by the grant's row when it is used, so that a revoked
//! grant ends all of its tokens at once, and a refresh that is repeated yields the same token.

use super::signing_key::SigningKeys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::client::{Scope, Scopes};
use domain::ids::{GrantId, Secret};
use domain::time::Timestamp;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Separates these tokens from every other use of the signing keys.
const PURPOSE: &[u8] = b"qr-login grant token";
const GRANT: usize = 16;
const NUMBER: usize = 8;
const BODY: usize = GRANT + NUMBER + 1;
const TAG: usize = 32;

/// What a token is for. Its prefix lets people, and scanners for leaked secrets, recognise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
    /// An access token.
    Access,
    /// The cookie of a site behind a proxy.
    Site,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "qrc_",
            Self::Refresh => "qrr_",
            Self::Access => "qra_",
            Self::Site => "qrs_",
        }
    }
}

/// The contents of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantToken {
    /// The grant.
    pub grant: GrantId,
    /// The number of a refresh token; of an access token, when it expires, in milliseconds since the epoch; of the
    /// others, zero.
    pub number: u64,
    /// The scopes of an access token; of the others, empty.
    pub scopes: Scopes,
}

impl GrantToken {
    /// Returns when an access token expires.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.number).unwrap_or(i64::MAX))
    }
}

/// Issues and verifies tokens, with keys derived from the signing keys, so that all nodes agree.
pub struct GrantTokens {
    /// The first one signs, all are accepted.
    keys: Vec<[u8; 32]>,
}

impl std::fmt::Debug for GrantTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GrantTokens")
    }
}

impl GrantTokens {
    /// Derives the keys from `keys`.
    pub fn new(keys: &SigningKeys) -> Self {
        let derive = |seed: &[u8; 32]| Sha256::new().chain_update(PURPOSE).chain_update(seed).finalize().into();
        Self { keys: keys.all().map(|key| derive(key.as_bytes())).collect() }
    }

    /// Writes a token.
    pub fn issue(&self, kind: Kind, token: &GrantToken) -> Secret {
        let mut bytes = [0; BODY + TAG];
        let (body, tag) = bytes.split_at_mut(BODY);
        body[..GRANT].copy_from_slice(Uuid::from(token.grant).as_bytes());
        body[GRANT..GRANT + NUMBER].copy_from_slice(&token.number.to_be_bytes());
        body[BODY - 1] = token.scopes.iter().map(bit).fold(0, |bits, bit| bits | bit);
        // There is always a first key.
        let key = self.keys.first().unwrap_or(&[0; 32]);
        tag.copy_from_slice(&mac(key, kind, body).finalize().into_bytes());
        let mut text = kind.prefix().to_owned();
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        Secret::new(text)
    }

    /// Returns the contents of a token of that kind, if this server issued it. Whether it is still valid is for the
    /// grant to say.
    pub fn read(&self, kind: Kind, token: &str) -> Option<GrantToken> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(kind.prefix())?).ok()?;
        let bytes: [u8; BODY + TAG] = bytes.try_into().ok()?;
        let (body, tag) = bytes.split_at(BODY);
        if !self.keys.iter().any(|key| mac(key, kind, body).verify_slice(tag).is_ok()) {
            return None;
        }
        let (grant, rest) = body.split_at(GRANT);
        Some(GrantToken {
            grant: Uuid::from_slice(grant).ok()?.into(),
            number: u64::from_be_bytes(rest[..NUMBER].try_into().ok()?),
            scopes: Scope::ALL.into_iter().filter(|scope| rest[NUMBER] & bit(*scope) != 0).collect(),
        })
    }
}

const fn bit(scope: Scope) -> u8 {
    match scope {
        Scope::Openid => 1,
        Scope::Profile => 2,
        Scope::Email => 4,
        Scope::Groups => 8,
        Scope::OfflineAccess => 16,
    }
}

fn mac(key: &[u8; 32], kind: Kind, body: &[u8]) -> Hmac<Sha256> {
    // A key as long as the block needs no hashing, and can have no wrong length.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..key.len()].copy_from_slice(key);
    Hmac::<Sha256>::new(&block).chain_update(kind.prefix()).chain_update(body)
}
