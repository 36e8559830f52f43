//! The cookies, all HttpOnly and `SameSite=Lax`.
//!
//! `Lax` and not `Strict`, because a phone that opens the code's address from its scanner must be recognised at once;
//! the check of `Origin` covers what `Strict` would have added.

use crate::account::SessionKind;
use axum_extra::extract::cookie::{Cookie, SameSite};
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
    /// Which phone this browser is; outlives a sign-out, so that the phone stays one row in the list.
    Device,
    /// The confirm token of the ticket that this phone scanned last, so that the page works as plain HTML.
    Confirm,
    /// The language that the person chose.
    Language,
    /// The username of a sign-in that failed, for the form that is shown next: an address would keep it.
    Typed,
    /// The ticket that this phone scans without another tap, because it has just signed in on that ticket's own page.
    Scan,
}

impl Name {
    /// Where a session of this kind is kept.
    pub const fn of_session(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Phone => Self::Phone,
            SessionKind::Pc => Self::Pc,
        }
    }

    /// The name on the wire. `__Host-` keeps a neighbour on a sibling domain from planting one (RFC 6265bis, 4.1.3.2).
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
            (Self::Language, true) => "__Host-qr_language",
            (Self::Language, false) => "qr_language",
            (Self::Typed, true) => "__Host-qr_typed",
            (Self::Typed, false) => "qr_typed",
            (Self::Scan, true) => "__Host-qr_scan",
            (Self::Scan, false) => "qr_scan",
        }
    }
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// As long as browsers keep any.
    Forever,
    /// This many seconds.
    Seconds(u64),
    /// Until the browser closes.
    Session,
    /// Not a moment longer.
    Remove,
}

/// The `Set-Cookie` value that keeps `value` under `name`.
pub fn set(name: Name, value: &str, keep: Keep, secure: bool) -> String {
    let cookie =
        Cookie::build((name.as_str(secure), value)).path("/").http_only(true).secure(secure).same_site(SameSite::Lax);
    match keep {
        Keep::Forever => cookie.max_age(FOREVER),
        Keep::Seconds(seconds) => cookie.max_age(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX))),
        Keep::Session => cookie,
        Keep::Remove => cookie.max_age(Duration::ZERO),
    }
    .build()
    .to_string()
}
