//! Assertions: an app's own backend vouches for its user (RFC 7523, section 2.1). The rules of the claims; the signature
//! is verified before.

use crate::time::Timestamp;
use std::time::Duration;

/// Maximum length of an assertion, in bytes.
pub const LONGEST_ASSERTION: usize = 8 * 1024;
/// Maximum length of a subject and of a `jti`, in bytes.
pub const LONGEST_ID: usize = 255;
/// How far ahead `exp` may be, and how long ago `iat`: an assertion is made for the moment, so that a stolen one is soon
/// worthless.
pub const LONGEST_LIFE: Duration = Duration::from_secs(5 * 60);
/// How much the issuer's clock may be wrong.
pub const SKEW: Duration = Duration::from_secs(30);

/// The claims that decide whether an assertion is accepted. Times are seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Vouching<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`, as a list.
    pub audience: &'a [String],
    /// `sub`.
    pub subject: Option<&'a str>,
    /// `exp`.
    pub expires_at: Option<i64>,
    /// `iat`.
    pub issued_at: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `jti`.
    pub id: Option<&'a str>,
}

/// What was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouched<'a> {
    /// The user, unique and never reused at this issuer.
    pub subject: &'a str,
    /// The assertion's id.
    pub id: &'a str,
    /// Until when the assertion could be used, if it were not used up: with the skew.
    pub until: Timestamp,
}

/// Why an assertion is refused. The texts are for the issuer's developers, in plain ASCII without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AssertionError(pub &'static str);

impl<'a> Vouching<'a> {
    /// Checks the claims of an assertion for this server, `audience`, in the order of the specification's importance.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn check(&self, issuer: &str, audience: &str, now: Timestamp) -> Result<Vouched<'a>, AssertionError> {
        let refuse = |text| Err(AssertionError(text));
        if self.issuer != issuer {
            return refuse("iss is not the issuer whose key signed the assertion");
        }
        // With another audience beside it, that audience could present the assertion here (RFC 7523, section 5, as
        // tightened after CVE-2025-27370).
        if self.audience != [audience] {
            return refuse("aud must be the URL of this server and nothing else");
        }
        let is_id = |text: &&str| (1..=LONGEST_ID).contains(&text.len()) && !text.chars().any(char::is_control);
        let Some(subject) = self.subject.filter(is_id) else {
            return refuse("sub must have 1 to 255 bytes");
        };
        let Some(exp) = self.expires_at else { return refuse("exp is missing") };
        let time = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        let until = time(exp) + SKEW;
        if now >= until {
            return refuse("the assertion has expired");
        }
        if time(exp) > now + LONGEST_LIFE + SKEW {
            return refuse("exp is more than five minutes ahead");
        }
        let Some(iat) = self.issued_at else { return refuse("iat is missing") };
        if time(iat) + LONGEST_LIFE + SKEW < now {
            return refuse("iat is more than five minutes ago");
        }
        if time(iat) > now + SKEW {
            return refuse("iat is in the future");
        }
        if self.not_before.is_some_and(|at| time(at) > now + SKEW) {
            return refuse("nbf is in the future");
        }
        let Some(id) = self.id.filter(is_id) else {
            return refuse("jti must have 1 to 255 bytes");
        };
        Ok(Vouched { subject, id, until })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;
    const US: &str = "https://login.example";

    fn check(change: impl FnOnce(&mut Vouching<'_>)) -> Result<(), &'static str> {
        let audience = [US.to_owned()];
        let mut vouching = Vouching {
            issuer: "https://app.example",
            audience: &audience,
            subject: Some("7"),
            expires_at: Some(NOW + 60),
            issued_at: Some(NOW),
            not_before: None,
            id: Some("j"),
        };
        change(&mut vouching);
        let now = Timestamp::from_millis(NOW * 1000);
        vouching.check("https://app.example", US, now).map(drop).map_err(|error| error.0)
    }

    #[test]
    fn a_valid_one_says_for_whom_it_is_and_how_long_its_id_counts() {
        let audience = [US.to_owned()];
        let vouching = Vouching {
            issuer: "i",
            audience: &audience,
            subject: Some("7"),
            expires_at: Some(NOW + 60),
            issued_at: Some(NOW),
            not_before: Some(NOW),
            id: Some("j"),
        };
        let until = Timestamp::from_millis((NOW + 90) * 1000);
        let vouched = vouching.check("i", US, Timestamp::from_millis(NOW * 1000));
        assert_eq!(vouched, Ok(Vouched { subject: "7", id: "j", until }));
    }

    #[test]
    fn it_is_for_this_server_alone() {
        let audiences: [&[&str]; 5] =
            [&[], &["https://other.example"], &["https://login.example/"], &[US, "https://other.example"], &[US, US]];
        for audience in audiences {
            let audience: Vec<String> = audience.iter().map(|&one| one.to_owned()).collect();
            let refused = check(|vouching| vouching.audience = Box::leak(audience.into_boxed_slice()));
            assert_eq!(refused, Err("aud must be the URL of this server and nothing else"));
        }
        assert!(check(|vouching| vouching.issuer = "https://app.example/").unwrap_err().starts_with("iss"));
    }

    #[test]
    fn it_is_for_the_moment() {
        for (exp, iat, nbf, expected) in [
            (Some(-29), 0, None, Ok(())),
            (Some(-30), 0, None, Err("the assertion has expired")),
            (None, 0, None, Err("exp is missing")),
            (Some(330), 0, None, Ok(())),
            (Some(331), 0, None, Err("exp is more than five minutes ahead")),
            (Some(i64::MAX), 0, None, Err("exp is more than five minutes ahead")),
            (Some(i64::MIN), 0, None, Err("the assertion has expired")),
            (Some(60), -330, None, Ok(())),
            (Some(60), -331, None, Err("iat is more than five minutes ago")),
            (Some(60), 30, None, Ok(())),
            (Some(60), 31, None, Err("iat is in the future")),
            (Some(60), 0, Some(30), Ok(())),
            (Some(60), 0, Some(31), Err("nbf is in the future")),
        ] {
            let result = check(|vouching| {
                vouching.expires_at = exp.map(|exp: i64| NOW.saturating_add(exp));
                vouching.issued_at = Some(NOW + iat);
                vouching.not_before = nbf.map(|nbf: i64| NOW + nbf);
            });
            assert_eq!(result, expected, "{exp:?} {iat} {nbf:?}");
        }
        assert_eq!(check(|vouching| vouching.issued_at = None), Err("iat is missing"));
    }

    #[test]
    fn it_names_one_user_and_itself() {
        let long: &str = Box::leak("x".repeat(256).into_boxed_str());
        for bad in [None, Some(""), Some("a\nb"), Some(long)] {
            assert_eq!(check(|vouching| vouching.subject = bad), Err("sub must have 1 to 255 bytes"));
            assert_eq!(check(|vouching| vouching.id = bad), Err("jti must have 1 to 255 bytes"));
        }
        assert_eq!(check(|vouching| vouching.subject = Some(&long[1..])), Ok(()));
    }
}
