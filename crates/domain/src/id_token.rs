//! The claims of an ID token of another provider, which this server is a client of (OpenID Connect Core 1.0, section
//! 3.1.3.7). The signature is verified before.

use crate::assertion::{AssertionError, LONGEST_ID, SKEW};
use crate::time::Timestamp;
use std::time::Duration;

/// How long ago an ID token may have been issued: it was asked for a moment ago.
pub const LONGEST_AGE: Duration = Duration::from_secs(10 * 60);

/// The claims that decide. Times are seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct IdToken<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`, as a list.
    pub audience: &'a [String],
    /// `azp`.
    pub authorized: Option<&'a str>,
    /// `sub`.
    pub subject: Option<&'a str>,
    /// `exp`.
    pub expires_at: Option<i64>,
    /// `iat`.
    pub issued_at: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `nonce`.
    pub nonce: Option<&'a str>,
}

/// What an ID token has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider, exactly as configured.
    pub issuer: &'a str,
    /// Our `client_id` there.
    pub client_id: &'a str,
    /// What this sign-in sent.
    pub nonce: &'a str,
}

impl<'a> IdToken<'a> {
    /// Checks the claims, and returns the subject: the person, unique and never reused at this provider.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn check(&self, expected: Expected<'_>, now: Timestamp) -> Result<&'a str, AssertionError> {
        let refuse = |text| Err(AssertionError(text));
        if self.issuer != expected.issuer {
            return refuse("iss is not the provider");
        }
        if !self.audience.iter().any(|audience| audience == expected.client_id) {
            return refuse("aud is not this server");
        }
        // A token for several parties, or that another one asked for, must say that it is ours.
        if self.audience.len() > 1 && self.authorized.is_none() {
            return refuse("azp is missing");
        }
        if self.authorized.is_some_and(|party| party != expected.client_id) {
            return refuse("azp is not this server");
        }
        if self.nonce != Some(expected.nonce) {
            return refuse("nonce is that of another sign-in");
        }
        let time = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        let Some(exp) = self.expires_at else { return refuse("exp is missing") };
        if now >= time(exp) + SKEW {
            return refuse("it has expired");
        }
        let Some(iat) = self.issued_at else { return refuse("iat is missing") };
        if time(iat) > now + SKEW {
            return refuse("iat is in the future");
        }
        if time(iat) + LONGEST_AGE + SKEW < now {
            return refuse("it was issued long ago");
        }
        if self.not_before.is_some_and(|at| time(at) > now + SKEW) {
            return refuse("nbf is in the future");
        }
        let is_id = |text: &&str| (1..=LONGEST_ID).contains(&text.len()) && !text.chars().any(char::is_control);
        self.subject.filter(is_id).ok_or(AssertionError("sub must have 1 to 255 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;
    const EXPECTED: Expected<'static> = Expected { issuer: "https://idp.example", client_id: "qr", nonce: "n" };

    fn check(change: impl FnOnce(&mut IdToken<'_>)) -> Result<(), &'static str> {
        let audience = ["qr".to_owned()];
        let mut token = IdToken {
            issuer: "https://idp.example",
            audience: &audience,
            authorized: None,
            subject: Some("7"),
            expires_at: Some(NOW + 60),
            issued_at: Some(NOW),
            not_before: None,
            nonce: Some("n"),
        };
        change(&mut token);
        token.check(EXPECTED, Timestamp::from_millis(NOW * 1000)).map(drop).map_err(|error| error.0)
    }

    #[test]
    fn it_is_of_the_provider_and_for_this_server() {
        assert_eq!(check(|_| ()), Ok(()));
        assert_eq!(check(|it| it.issuer = "https://idp.example/"), Err("iss is not the provider"));
        let [both, other] = [vec!["qr".to_owned(), "x".to_owned()], vec!["QR".to_owned()]];
        let both: &[String] = Box::leak(both.into_boxed_slice());
        let other: &[String] = Box::leak(other.into_boxed_slice());
        assert_eq!(check(|it| it.audience = other), Err("aud is not this server"));
        assert_eq!(check(|it| it.audience = &[]), Err("aud is not this server"));
        assert_eq!(check(|it| it.audience = both), Err("azp is missing"));
        assert_eq!(check(|it| (it.audience, it.authorized) = (both, Some("x"))), Err("azp is not this server"));
        assert_eq!(check(|it| (it.audience, it.authorized) = (both, Some("qr"))), Ok(()));
        assert_eq!(check(|it| it.authorized = Some("x")), Err("azp is not this server"));
    }

    #[test]
    fn it_belongs_to_this_sign_in() {
        for nonce in [None, Some(""), Some("m"), Some("N")] {
            assert_eq!(check(|it| it.nonce = nonce), Err("nonce is that of another sign-in"));
        }
    }

    #[test]
    fn it_is_of_the_moment() {
        for (exp, iat, nbf, expected) in [
            (Some(-29), Some(0), None, Ok(())),
            (Some(-30), Some(0), None, Err("it has expired")),
            (None, Some(0), None, Err("exp is missing")),
            (Some(i64::MIN), Some(0), None, Err("it has expired")),
            (Some(i64::MAX), Some(-630), None, Ok(())),
            (Some(60), Some(-631), None, Err("it was issued long ago")),
            (Some(60), Some(30), None, Ok(())),
            (Some(60), Some(31), None, Err("iat is in the future")),
            (Some(60), None, None, Err("iat is missing")),
            (Some(60), Some(0), Some(31), Err("nbf is in the future")),
        ] {
            let result = check(|it| {
                it.expires_at = exp.map(|exp: i64| NOW.saturating_add(exp));
                it.issued_at = iat.map(|iat: i64| NOW + iat);
                it.not_before = nbf.map(|nbf: i64| NOW + nbf);
            });
            assert_eq!(result, expected, "{exp:?} {iat:?} {nbf:?}");
        }
    }

    #[test]
    fn it_names_one_person() {
        let long: &str = Box::leak("x".repeat(256).into_boxed_str());
        for subject in [None, Some(""), Some("a\nb"), Some(long)] {
            assert_eq!(check(|it| it.subject = subject), Err("sub must have 1 to 255 bytes"));
        }
    }
}
