//! What a browser keeps of a sign-in by another provider.

use crate::security::secret::is_well_formed;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::local_path;
use domain::ids::{Secret, SecretHash};
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a sign-in may take.
pub const LIFE: Duration = Duration::from_secs(600);

/// A sign-in, as the cookie of its browser holds it. `state`, `nonce` and the verifier of PKCE are derived from its secret,
/// each by another purpose, so that none reveals another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    provider: String,
    secret: Secret,
    next: String,
    at: Timestamp,
}

impl Attempt {
    /// Begins a sign-in.
    pub fn new(provider: &str, secret: Secret, next: &str, at: Timestamp) -> Self {
        Self { provider: provider.to_owned(), secret, next: next.to_owned(), at }
    }

    /// Returns the cookie's value.
    pub fn write(&self) -> Secret {
        let Self { provider, secret, next, at } = self;
        let [provider, next] = [provider, next].map(|text| URL_SAFE_NO_PAD.encode(text));
        Secret::new(format!("{provider}.{}.{}.{next}", at.as_millis(), secret.reveal()))
    }

    /// Reads a cookie's value; `None` if it is none.
    pub fn read(cookie: &str) -> Option<Self> {
        let [provider, at, secret, next] = cookie.split('.').collect::<Vec<_>>().try_into().ok()?;
        let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            provider: text(provider)?,
            secret: Some(secret)
                .filter(|secret| is_well_formed(secret))
                .map(|secret| Secret::new(secret.to_owned()))?,
            // Checked again: a cookie is the browser's word.
            next: local_path(&text(next)?)?,
            at: Timestamp::from_millis(at.parse().ok()?),
        })
    }

    /// Returns where the browser goes at the end.
    pub fn next(&self) -> &str {
        &self.next
    }

    /// Returns whether it can be finished with that provider at `now`.
    pub(super) fn is_for(&self, provider: &str, now: Timestamp) -> bool {
        self.provider == provider && self.at <= now && now < self.at + LIFE
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        // Also by the provider, so that nothing of a sign-in with one is worth anything with another.
        let parts = [purpose, "\0", &self.provider, "\0", self.secret.reveal()];
        parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
    }

    pub(super) fn state(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derive("state"))
    }

    /// Compares in constant time.
    pub(super) fn has_state(&self, state: &str) -> bool {
        let given: Option<[u8; 32]> = URL_SAFE_NO_PAD.decode(state).ok().and_then(|bytes| bytes.try_into().ok());
        given.is_some_and(|given| SecretHash::new(given) == SecretHash::new(self.derive("state")))
    }

    pub(super) fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derive("nonce"))
    }

    pub(super) fn verifier(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(self.derive("verifier")))
    }

    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().reveal()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn attempt(provider: &str) -> Attempt {
        Attempt::new(provider, Secret::new("s".repeat(43)), "/confirm?id=7", NOW)
    }

    #[test]
    fn a_cookie_is_read_as_it_was_written_and_leads_nowhere_else() {
        let written = attempt("idp.1").write();
        assert_eq!(Attempt::read(written.reveal()), Some(attempt("idp.1")));
        for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
            let odd = Attempt::new("idp", Secret::new("s".repeat(43)), next, NOW).write();
            assert_eq!(Attempt::read(odd.reveal()), None, "{next}");
        }
        for bad in ["", "a.b.c", "aWRw.x.s.Lw", &written.reveal()[1..], &format!("{}.x", written.reveal())] {
            assert_eq!(Attempt::read(bad), None, "{bad}");
        }
        let weak = Attempt::new("idp", Secret::new("weak".to_owned()), "/", NOW).write();
        assert_eq!(Attempt::read(weak.reveal()), None);
    }

    #[test]
    fn it_is_for_one_provider_and_ten_minutes() {
        let one = attempt("one");
        assert!(one.is_for("one", NOW) && !one.is_for("two", NOW) && !one.is_for("one", NOW + LIFE));
        assert!(!one.is_for("one", Timestamp::from_millis(0)));
    }

    #[test]
    fn what_is_sent_reveals_nothing_and_differs() {
        let (one, two) = (attempt("one"), attempt("two"));
        let sent = [one.state(), one.nonce(), one.verifier().reveal().to_owned(), one.challenge(), two.state()];
        for (at, text) in sent.iter().enumerate() {
            assert!(is_well_formed(text) && !sent[..at].contains(text), "{text}");
        }
        assert!(one.has_state(&one.state()));
        for wrong in ["", &two.state(), &one.nonce(), &one.state()[..42]] {
            assert!(!one.has_state(wrong), "{wrong}");
        }
    }
}
