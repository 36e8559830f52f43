//! Device cookies: proof that an account has signed in on this browser before.
//!
//! A browser that has one is not locked out by wrong guesses of strangers, who have none (OWASP, "Slow Down Online
//! Guessing Attacks with Device Cookies"). The cookies grant no access on their own.

use super::signing_key::SigningKeys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::KnownAccount;
use domain::ids::{AccountId, SessionId};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Accounts that one browser is remembered for; a fifth replaces the least recently used one.
const MAX_ACCOUNTS: usize = 4;
/// Separates the entries of a cookie.
const SEPARATOR: char = '.';
const ACCOUNT: usize = 16;
const NONCE: usize = 8;
const TAG: usize = 16;
/// Domain separation from every other use of the signing keys.
const PURPOSE: &[u8] = b"qr-login device cookie";

/// Issues and verifies device cookies, with keys derived from the signing keys, so that all nodes agree.
pub struct DeviceCookies {
    /// The first one signs, all are accepted.
    keys: Vec<[u8; 32]>,
}

impl std::fmt::Debug for DeviceCookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceCookies")
    }
}

impl DeviceCookies {
    /// Derives the keys from `keys`.
    pub fn new(keys: &SigningKeys) -> Self {
        let derive = |seed: &[u8; 32]| Sha256::new().chain_update(PURPOSE).chain_update(seed).finalize().into();
        Self { keys: keys.all().map(|key| derive(key.as_bytes())).collect() }
    }

    /// Returns the accounts that the cookie proves, most recent sign-in first. Invalid entries are skipped.
    pub fn read(&self, cookie: &str) -> Vec<KnownAccount> {
        cookie.split(SEPARATOR).take(MAX_ACCOUNTS).filter_map(|entry| self.verify(entry)).collect()
    }

    /// Returns the new cookie after `session` of `account` began on the browser that sent `cookie`.
    pub fn remember(&self, cookie: Option<&str>, account: AccountId, session: SessionId) -> String {
        let mut known = cookie.map(|cookie| self.read(cookie)).unwrap_or_default();
        let entry = match known.iter().position(|known| known.account == account) {
            Some(at) => known.remove(at),
            None => KnownAccount::by_session(account, session),
        };
        known.insert(0, entry);
        known.truncate(MAX_ACCOUNTS);
        let entries: Vec<String> = known.iter().filter_map(|known| self.sign(known)).collect();
        entries.join(&SEPARATOR.to_string())
    }

    fn sign(&self, known: &KnownAccount) -> Option<String> {
        let body = body(known);
        let tag = mac(self.keys.first()?, &body)?.finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([&body[..], &tag[..TAG]].concat()))
    }

    fn verify(&self, entry: &str) -> Option<KnownAccount> {
        let bytes = URL_SAFE_NO_PAD.decode(entry).ok()?;
        let bytes: [u8; ACCOUNT + NONCE + TAG] = bytes.try_into().ok()?;
        let (body, tag) = bytes.split_at(ACCOUNT + NONCE);
        let is_ours =
            self.keys.iter().any(|key| mac(key, body).is_some_and(|mac| mac.verify_truncated_left(tag).is_ok()));
        let (account, nonce) = body.split_at(ACCOUNT);
        is_ours.then_some(KnownAccount {
            account: Uuid::from_slice(account).ok()?.into(),
            nonce: u64::from_be_bytes(nonce.try_into().ok()?),
        })
    }
}

fn body(known: &KnownAccount) -> [u8; ACCOUNT + NONCE] {
    let mut body = [0; ACCOUNT + NONCE];
    body[..ACCOUNT].copy_from_slice(Uuid::from(known.account).as_bytes());
    body[ACCOUNT..].copy_from_slice(&known.nonce.to_be_bytes());
    body
}

/// Returns `None` only for a key length that HMAC does not support, and it supports all of them.
fn mac(key: &[u8; 32], body: &[u8]) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(body))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::signing_key::{KeySource, new_pem};
    use super::*;

    fn cookies(keys: &[&str]) -> DeviceCookies {
        DeviceCookies::new(&SigningKeys::open(KeySource::Text(keys.concat())).unwrap())
    }

    fn account(number: u128) -> AccountId {
        Uuid::from_u128(number).into()
    }

    fn session(number: u128) -> SessionId {
        Uuid::from_u128(number).into()
    }

    fn accounts(cookies: &DeviceCookies, cookie: &str) -> Vec<AccountId> {
        cookies.read(cookie).into_iter().map(|known| known.account).collect()
    }

    #[test]
    fn the_last_four_accounts_are_remembered_the_last_first() {
        let cookies = cookies(&[&new_pem().unwrap()]);
        let mut cookie = None;
        for number in [1, 2, 3, 1, 4, 5] {
            cookie = Some(cookies.remember(cookie.as_deref(), account(number), session(number)));
        }
        assert_eq!(accounts(&cookies, &cookie.unwrap()), [5, 4, 1, 3].map(account));
    }

    #[test]
    fn a_browser_keeps_its_nonce_and_two_browsers_have_two() {
        let cookies = cookies(&[&new_pem().unwrap()]);
        let one = cookies.remember(None, account(1), session(1));
        assert_eq!(cookies.remember(Some(&one), account(1), session(2)), one);
        assert_ne!(cookies.remember(None, account(1), session(2)), one);
    }

    #[test]
    fn one_session_makes_one_device_however_often_it_is_collected() {
        let cookies = cookies(&[&new_pem().unwrap()]);
        assert_eq!(cookies.remember(None, account(1), session(7)), cookies.remember(None, account(1), session(7)));
    }

    #[test]
    fn a_changed_or_foreign_cookie_proves_nothing() {
        let (ours, theirs) = (new_pem().unwrap(), new_pem().unwrap());
        let cookies = cookies(&[&ours]);
        let cookie = cookies.remember(None, account(1), session(1));
        let mut bytes = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(accounts(&cookies, &URL_SAFE_NO_PAD.encode(&bytes)), [], "byte {at}");
            bytes[at] ^= 1;
        }
        assert_eq!(accounts(&cookies, &cookie[..cookie.len() - 4]), []);
        assert_eq!(accounts(&cookies, ""), []);
        assert_eq!(accounts(&self::cookies(&[&theirs]), &cookie), []);
        assert_eq!(
            accounts(&self::cookies(&[&theirs, &ours]), &cookie),
            [account(1)],
            "keys are changed without a gap"
        );
    }
}
