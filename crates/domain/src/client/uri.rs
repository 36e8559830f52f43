//! The rules of the URIs in `clients.toml`. They are validated as text and never rewritten, because what two parsers
//! understand differently is where lax comparisons break.

use super::host::{self, Reach};

/// Maximum length of a URI, in bytes.
pub const MAX_URI: usize = 2000;

/// Schemes that no app has for itself: a browser runs or reads them, or hands them to another program.
const FORBIDDEN_SCHEMES: [&str; 18] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "javascript",
    "mailto",
    "ms-msdt",
    "resource",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Why a URI is refused: what it has or must have, to follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUri(&'static str);

/// Where a URI leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriKind {
    /// To a host, by https.
    Https,
    /// To this machine: `127.0.0.1`, `[::1]` or `localhost`.
    Loopback,
    /// To a host of the operator's own network, by http: an eavesdropper there can read what is sent.
    PlainHttp,
    /// To an app by a scheme of its own, such as `com.example.app:/callback`.
    Custom,
}

/// Validates a redirect URI. Allowed are https, http for this machine and for hosts of the operator's own network, and
/// for native clients a scheme of their own (RFC 8252, section 7.1).
///
/// # Errors
/// [`InvalidUri`]; among others for a fragment, a user, a wildcard, `..`, and anything but visible ASCII.
pub fn redirect_uri(uri: &str, is_native: bool) -> Result<UriKind, InvalidUri> {
    match kind_of(uri)? {
        UriKind::Custom if !is_native => {
            Err(InvalidUri("must be https; a scheme of the app's own needs `native = true`"))
        }
        kind => Ok(kind),
    }
}

/// Validates a back-channel logout URI, which this server posts to: https, or http within the operator's own network.
///
/// # Errors
/// [`InvalidUri`].
pub fn logout_uri(uri: &str) -> Result<UriKind, InvalidUri> {
    match kind_of(uri)? {
        UriKind::Custom => Err(InvalidUri("must be https")),
        kind => Ok(kind),
    }
}

/// Validates a resource indicator (RFC 8707, section 2): an absolute URI without fragment.
///
/// # Errors
/// [`InvalidUri`].
pub fn resource_uri(uri: &str) -> Result<UriKind, InvalidUri> {
    kind_of(uri)
}

/// Validates a URI by the rules that all have in common.
pub(super) fn kind_of(uri: &str) -> Result<UriKind, InvalidUri> {
    validate_characters(uri)?;
    let (scheme, rest) =
        uri.split_once(':').ok_or(InvalidUri("must be absolute, such as https://app.example/callback"))?;
    let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(is_scheme_byte) {
        return Err(InvalidUri("must begin with a scheme, such as https:"));
    }
    let lower = scheme.to_ascii_lowercase();
    if FORBIDDEN_SCHEMES.contains(&lower.as_str()) {
        return Err(InvalidUri("has a scheme that is not an app's own"));
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    validate_path(path)?;
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(InvalidUri("must not have a user before its host"));
    }
    if !matches!(lower.as_str(), "http" | "https") {
        return if rest.is_empty() {
            Err(InvalidUri("must have something after its scheme"))
        } else {
            Ok(UriKind::Custom)
        };
    }
    if lower != scheme {
        return Err(InvalidUri("must have its scheme in lower case"));
    }
    let authority = authority.ok_or(InvalidUri("must have // after its scheme"))?;
    let reach = host::split(authority).and_then(|(host, _)| host::reach(host)).map_err(InvalidUri)?;
    match (reach, scheme) {
        (Reach::Loopback, _) => Ok(UriKind::Loopback),
        (_, "https") => Ok(UriKind::Https),
        (Reach::Private, _) => Ok(UriKind::PlainHttp),
        (Reach::Public, _) => Err(InvalidUri(
            "must be https; http is for this machine, private addresses, and names that are not on the internet \
             (.lan, .local, .internal, .home.arpa, .test, .localhost, or without a dot)",
        )),
    }
}

fn validate_characters(uri: &str) -> Result<(), InvalidUri> {
    if uri.is_empty() || uri.len() > MAX_URI {
        return Err(InvalidUri("must have 1 to 2000 bytes"));
    }
    if uri.contains('*') {
        return Err(InvalidUri("must not have a wildcard: list each URI"));
    }
    if uri.contains('#') {
        return Err(InvalidUri("must not have a fragment"));
    }
    // What RFC 3986 allows. Browsers read `\` as `/`.
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte);
    if !uri.bytes().all(is_allowed) {
        return Err(InvalidUri("has a character that must be written as % and two digits"));
    }
    let is_encoded = |code: &str| code.len() >= 2 && code.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !uri.split('%').skip(1).all(is_encoded) {
        return Err(InvalidUri("has a % that is not followed by two hexadecimal digits"));
    }
    Ok(())
}

/// Refuses what browsers would rewrite: `.` and `..`, also encoded (WHATWG URL, section 4.4).
fn validate_path(path: &str) -> Result<(), InvalidUri> {
    let path = path.split('?').next().unwrap_or_default();
    let is_dots = |part: &str| {
        let part = part.to_ascii_lowercase().replace("%2e", ".");
        part == "." || part == ".."
    };
    if path.split('/').any(is_dots) {
        return Err(InvalidUri("must not have . or .. in its path"));
    }
    if path.contains(['[', ']']) {
        return Err(InvalidUri("has a character that must be written as % and two digits"));
    }
    Ok(())
}

/// Splits an http URI of this machine into what is before its port and what is after it (RFC 8252, section 7.3).
/// Returns nothing for any other URI.
pub(super) fn without_port(uri: &str) -> Option<(&str, &str)> {
    let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let host = hosts.into_iter().find(|host| uri.starts_with(host))?;
    let (host, rest) = uri.split_at(host.len());
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (port, rest) = rest.split_at(end);
    let digits = port.strip_prefix(':').unwrap_or("1");
    let is_port = digits.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == digits);
    (is_port && (port.is_empty() || port.starts_with(':'))).then_some((host, rest))
}

#[cfg(test)]
mod tests;
