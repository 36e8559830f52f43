//! The cookies, all HttpOnly and `SameSite=Lax`.
//!
//! `Lax` and not `Strict`, because a phone that opens the code's URL from its scanner must be recognised immediately;
//! the check of `Origin` covers what `Strict` would have added.

use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};
use domain::account::SessionKind;
use time::Duration;

/// Browsers keep no cookie longer than 400 days.
const FOREVER: Duration = Duration::days(400);

/// One of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Binds tickets to the browser that asked for them.
    Browser,
    /// A phone's session.
    Phone,
    /// A PC's session.
    Pc,
    /// The id of the phone in this browser, and the secret that proves it. The id outlives a sign-out, so that the
    /// phone remains one row in the list.
    Device,
    /// The confirm token of the ticket that this phone scanned last, so that the page works as plain HTML.
    Confirm,
    /// Accounts that have signed in on this browser before.
    Known,
    /// The language that the user chose.
    Language,
    /// The username of a failed sign-in, for the form that is shown next: a URL would end up in the history.
    Typed,
    /// The ticket that this phone scans without another tap, because the user has just signed in on that ticket's own
    /// page.
    Scan,
    /// On the host of a site behind a proxy: who is signed in there.
    Site,
    /// On the host of such a site: binds a sign-in to the browser that began it.
    Visit,
    /// A sign-in by another provider that this browser is in the middle of.
    Provider,
}

impl Name {
    const ALL: [Self; 12] = [
        Self::Browser,
        Self::Phone,
        Self::Pc,
        Self::Device,
        Self::Confirm,
        Self::Known,
        Self::Language,
        Self::Typed,
        Self::Scan,
        Self::Site,
        Self::Visit,
        Self::Provider,
    ];

    /// Returns the cookie of a session of this kind.
    pub const fn of_session(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Phone => Self::Phone,
            SessionKind::Pc => Self::Pc,
        }
    }

    /// Returns the name on the wire. `__Host-` prevents a sibling domain from planting one (RFC 6265bis, 4.1.3.2).
    pub const fn as_str(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Browser, true) => "__Host-qr_browser",
            (Self::Browser, false) => "qr_browser",
            (Self::Phone, true) => "__Host-qr_phone",
            (Self::Phone, false) => "qr_phone",
            (Self::Pc, true) => "__Host-qr_pc",
            (Self::Pc, false) => "qr_pc",
            (Self::Device, true) => "__Host-qr_device",
            (Self::Device, false) => "qr_device",
            (Self::Confirm, true) => "__Host-qr_confirm",
            (Self::Confirm, false) => "qr_confirm",
            (Self::Known, true) => "__Host-qr_known",
            (Self::Known, false) => "qr_known",
            (Self::Language, true) => "__Host-qr_language",
            (Self::Language, false) => "qr_language",
            (Self::Typed, true) => "__Host-qr_typed",
            (Self::Typed, false) => "qr_typed",
            (Self::Scan, true) => "__Host-qr_scan",
            (Self::Scan, false) => "qr_scan",
            (Self::Site, true) => "__Host-qr_site",
            (Self::Site, false) => "qr_site",
            (Self::Visit, true) => "__Host-qr_visit",
            (Self::Visit, false) => "qr_visit",
            (Self::Provider, true) => "__Host-qr_provider",
            (Self::Provider, false) => "qr_provider",
        }
    }
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The longest that browsers allow.
    Forever,
    /// This many seconds.
    Seconds(u64),
    /// Until the browser closes.
    Session,
    /// Removes the cookie.
    Remove,
}

/// Builds the `Set-Cookie` value that stores `value` under `name`.
pub fn set(name: Name, value: &str, lifetime: Lifetime, secure: bool) -> String {
    let cookie =
        Cookie::build((name.as_str(secure), value)).path("/").http_only(true).secure(secure).same_site(SameSite::Lax);
    match lifetime {
        Lifetime::Forever => cookie.max_age(FOREVER),
        Lifetime::Seconds(seconds) => cookie.max_age(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX))),
        Lifetime::Session => cookie,
        Lifetime::Remove => cookie.max_age(Duration::ZERO),
    }
    .build()
    .to_string()
}

/// Our cookies in a request.
///
/// Names are compared without percent-decoding, because browsers let any page of a sibling domain set
/// `%5F%5FHost-qr_pc`. A name that occurs twice counts as absent: one of the two was planted, and it is unknown which
/// (RFC 6265, section 4.2.2, gives the order no meaning).
#[derive(Clone, Default)]
pub struct Cookies(Vec<(Name, Option<String>)>);

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies")
    }
}

impl Cookies {
    /// Parses the `Cookie` headers of a request; `secure` is whether it came over TLS.
    pub fn read(headers: &HeaderMap, secure: bool) -> Self {
        let mut found: Vec<(Name, Option<String>)> = Vec::new();
        // As bytes: another site of the domain may set cookies that are not ASCII, which share a line with ours.
        let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        for cookie in pairs.filter_map(|pair| Cookie::parse(str::from_utf8(pair).ok()?).ok()) {
            let Some(name) = Name::ALL.into_iter().find(|name| name.as_str(secure) == cookie.name()) else { continue };
            match found.iter_mut().find(|(earlier, _)| *earlier == name) {
                Some((_, value)) => *value = None,
                None => found.push((name, Some(cookie.value().to_owned()))),
            }
        }
        Self(found)
    }

    /// Returns the value of that cookie.
    pub fn get(&self, name: Name) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == name).and_then(|(_, value)| value.as_deref())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read(line: &str, secure: bool) -> Cookies {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, line.parse().unwrap());
        Cookies::read(&headers, secure)
    }

    #[test]
    fn names_are_taken_literally() {
        assert_eq!(read("a=b; qr_pc=t; c", false).get(Name::Pc), Some("t"));
        assert_eq!(read("__Host-qr_pc=t", true).get(Name::Pc), Some("t"));
        for (line, secure) in
            [("%5F%5FHost-qr_pc=t", true), ("__Host%2Dqr_pc=t", true), ("qr_pc=t", true), ("__Host-qr_pc=t", false)]
        {
            assert_eq!(read(line, secure).get(Name::Pc), None, "{line}");
        }
    }

    #[test]
    fn a_value_is_taken_literally() {
        assert_eq!(read("qr_pc=a%20b=c", false).get(Name::Pc), Some("a%20b=c"));
    }

    #[test]
    fn what_is_not_ascii_hides_no_other_cookie() {
        let mut headers = HeaderMap::new();
        let line = b"theme=\xff; a=\xe6\x96\x87; qr_pc=t; qr_phone=\xfe; b=\xe9".as_slice();
        headers.insert(header::COOKIE, axum::http::HeaderValue::from_bytes(line).unwrap());
        let cookies = Cookies::read(&headers, false);
        assert_eq!((cookies.get(Name::Pc), cookies.get(Name::Phone)), (Some("t"), None));
    }

    #[test]
    fn a_name_that_occurs_twice_is_absent() {
        assert_eq!(read("qr_pc=a; qr_pc=b", false).get(Name::Pc), None);
        assert_eq!(read("qr_pc=a; qr_pc=a; qr_pc=a", false).get(Name::Pc), None);
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "qr_pc=a".parse().unwrap());
        headers.append(header::COOKIE, "qr_pc=b".parse().unwrap());
        assert_eq!(Cookies::read(&headers, false).get(Name::Pc), None);
    }

    #[test]
    fn every_cookie_is_kept_from_scripts_and_as_long_as_it_says() {
        for name in Name::ALL {
            let line = set(name, "v", Lifetime::Forever, true);
            assert!(line.starts_with("__Host-qr_") && line.contains("; HttpOnly; "), "{line}");
            assert!(line.contains("SameSite=Lax") && line.contains("; Secure; Path=/"), "{line}");
            assert!(line.ends_with("Max-Age=34560000"), "{line}");
            assert!(!name.as_str(false).starts_with("__"));
        }
        assert!(set(Name::Pc, "v", Lifetime::Seconds(43_200), false).ends_with("Max-Age=43200"));
        assert!(set(Name::Pc, "", Lifetime::Remove, false).ends_with("Max-Age=0"));
        assert!(!set(Name::Pc, "v", Lifetime::Session, false).contains("Max-Age"));
    }
}
