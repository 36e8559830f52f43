//! Sites behind a proxy, and issuers of assertions.

use super::host;
use std::collections::BTreeMap;

/// Maximum length of a group's name, in characters.
pub const MAX_GROUP: usize = 64;

/// Why a site's host is refused: what it has or must have, to follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHost(&'static str);

/// A site that a reverse proxy protects by asking this server about each request (forward-auth).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its host as browsers send it: lower case, with the port if it is not the scheme's own.
    pub host: String,
    /// Only members of one of these groups are let in; empty means everybody.
    pub groups_allowed: Vec<String>,
}

impl Site {
    /// Returns whether a member of `groups` is let in.
    pub fn admits(&self, groups: &[String]) -> bool {
        admits(&self.groups_allowed, groups)
    }
}

/// How an issuer signs its assertions. No algorithm with a shared key is among them (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// EdDSA (RFC 8037).
    EdDsa,
}

/// An app's own backend, or an identity provider, that vouches for its users by signed assertions (RFC 7523).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The `iss` of its assertions, compared as an exact string.
    pub iss: String,
    /// Where its public keys are (RFC 7517). https, or http on this machine.
    pub jwks_url: String,
    /// The algorithms that it may sign with; at least one.
    pub algs: Vec<AssertionAlg>,
    /// Whether an account is created for a user that is not known yet.
    pub provision: bool,
    /// Maps a field of the account, one of [`mapped_fields`], to the claim that it is taken from.
    pub claims: BTreeMap<String, String>,
}

/// Returns the fields of an account that an issuer's claims can be mapped to.
pub const fn mapped_fields() -> [&'static str; 5] {
    ["username", "display_name", "email", "email_verified", "groups"]
}

/// Validates a site's host: a host name or an address, with a port if it is not the scheme's own.
///
/// # Errors
/// [`InvalidHost`].
pub fn site_host(text: &str) -> Result<(), InvalidHost> {
    if text.contains("://") || text.contains('/') {
        return Err(InvalidHost("must be a host alone, such as app.example, without scheme and path"));
    }
    let (name, port) = host::split(text).map_err(InvalidHost)?;
    host::reach(name).map_err(InvalidHost)?;
    if matches!(port, Some(80 | 443)) {
        return Err(InvalidHost("must not have the port 80 or 443, which browsers leave out"));
    }
    Ok(())
}

/// Returns whether `text` can be a group: 1 to 64 letters of `a` to `z`, digits, and `. _ - : / @ +`, so that a header can
/// list groups separated by commas.
pub fn is_group_name(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/@+".contains(c);
    (1..=MAX_GROUP).contains(&text.len()) && text.chars().all(is_allowed)
}

/// Returns whether a member of `groups` is among those allowed; without any, everybody is.
pub(super) fn admits(allowed: &[String], groups: &[String]) -> bool {
    allowed.is_empty() || groups.iter().any(|group| allowed.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_as_browsers_name_it() {
        for host in ["app.example", "app.example:8443", "grafana", "192.168.0.9:3000", "[fd00::1]:3000", "localhost"] {
            assert_eq!(site_host(host), Ok(()), "{host}");
        }
        for host in [
            "",
            "App.example",
            "https://app.example",
            "app.example/",
            "app.example:443",
            "app.example:80",
            "app.example:",
            "*.example",
            "a b",
            "app.example.",
            "me@app.example",
            "fd00::1",
        ] {
            assert!(site_host(host).is_err(), "{host}");
        }
    }

    #[test]
    fn a_group_fits_into_a_list_separated_by_commas() {
        for group in ["admins", "a.b_c-d:e/f@g+h", &"a".repeat(64)] {
            assert!(is_group_name(group), "{group}");
        }
        for group in ["", " ", "a,b", " a", "a b", "a\nb", "组", &"a".repeat(65)] {
            assert!(!is_group_name(group), "{group:?}");
        }
    }

    #[test]
    fn only_members_are_let_in() {
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let site = |allowed: &[&str]| Site { host: "app.example".to_owned(), groups_allowed: groups(allowed) };
        assert!(site(&[]).admits(&[]) && site(&[]).admits(&groups(&["a"])));
        assert!(site(&["a", "b"]).admits(&groups(&["c", "b"])));
        assert!(!site(&["a"]).admits(&[]) && !site(&["a"]).admits(&groups(&["A", "aa", ""])));
    }
}
