//! How a site behind a proxy takes part in a sign-in: as a client of the authorization endpoint that is registered by its
//! host alone, and where a visitor of it may be sent back to.

use super::{Client, ClientId, Consent, Scope, Site};

/// Where a site's visitor returns after the sign-in, on the site's own host.
pub const SITE_CALLBACK: &str = "/.qr-login/callback";
/// What all of those paths begin with.
const OWN_PATHS: &str = "/.qr-login/";
/// The id of every site: its redirect URI tells them apart. `clients.toml` cannot lead to a request with this id, and no
/// endpoint of OAuth accepts it.
const SITE_ID: &str = ".site";
/// Maximum length of a remembered URL, in bytes. A longer one leads to the site's first page.
const LONGEST_URL: usize = 4096;

impl Site {
    /// Returns the URL that a visitor of the site at `host` returns to after the sign-in.
    pub fn callback(host: &str) -> String {
        format!("https://{host}{SITE_CALLBACK}")
    }

    /// Returns the host of the site that a request is for, by its client and redirect URI; `None` if it is for an app.
    pub fn host_of<'a>(client: &ClientId, redirect_uri: &'a str) -> Option<&'a str> {
        if client.as_str() != SITE_ID {
            return None;
        }
        redirect_uri.strip_prefix("https://")?.strip_suffix(SITE_CALLBACK)
    }

    /// Returns the id under which grants of sites are stored.
    pub fn client_id() -> ClientId {
        ClientId(SITE_ID.to_owned())
    }

    /// Returns the site as a client. It is the operator's own, so that consent is not asked for, and it has no secret:
    /// this server alone exchanges its codes.
    pub fn client(&self) -> Client {
        let mut client = Client::new(Self::client_id(), self.host.clone());
        client.redirect_uris = vec![Self::callback(&self.host)];
        client.scopes = [Scope::Openid, Scope::Profile, Scope::Email, Scope::Groups].into_iter().collect();
        client.groups_allowed.clone_from(&self.groups_allowed);
        client.consent = Consent::Never;
        client
    }

    /// Returns the absolute URL of a path and query on the site at `host`, to return to after the sign-in. What no browser
    /// requests, such as a backslash, a space or a control character, leads to the site's first page instead, and so do
    /// our own paths there.
    pub fn url(host: &str, path: &str) -> String {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
        let is_good = path.starts_with('/')
            && path.len() <= LONGEST_URL
            && path.bytes().all(is_plain)
            && !path.starts_with(OWN_PATHS);
        format!("https://{host}{}", if is_good { path } else { "/" })
    }

    /// Splits an absolute https URL into its host, with the port if it has one, and the rest. Nothing is decoded.
    pub fn split_url(url: &str) -> Option<(&str, &str)> {
        let rest = url.strip_prefix("https://")?;
        Some(rest.split_at(rest.find('/')?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_sites_requests_name_its_host_and_no_other() {
        let own = Site::callback("wiki.example:8443");
        assert_eq!(Site::host_of(&Site::client_id(), &own), Some("wiki.example:8443"));
        assert_eq!(Site::host_of(&"web".parse().unwrap(), &own), None);
        assert_eq!(Site::host_of(&Site::client_id(), "https://wiki.example/other"), None);
        let site = Site { host: "wiki.example".to_owned(), groups_allowed: vec!["staff".to_owned()] };
        let client = site.client();
        assert!(client.allows_redirect("https://wiki.example/.qr-login/callback"));
        assert!(!client.allows_redirect("https://other.example/.qr-login/callback"));
        assert!(!client.admits(&[]) && client.secrets.is_empty() && client.consent == Consent::Never);
    }

    #[test]
    fn a_visitor_returns_to_the_same_site_whatever_the_path_says() {
        let url = |path: &str| Site::url("wiki.example", path);
        for path in ["/", "/a?b=c&d=%2F", "//evil.example/", "/@evil.example", "/a%2Fb/../c", "/.qr-loginx"] {
            assert_eq!(url(path), format!("https://wiki.example{path}"));
        }
        for path in [
            "",
            "@evil.example",
            ".evil.example/",
            ":80/",
            "/\\evil.example",
            "/a b",
            "/a\r\nSet-Cookie: x",
            "/\u{e9}",
            "/#x",
            "/.qr-login/logout",
            &"/a".repeat(4096),
        ] {
            assert_eq!(url(path), "https://wiki.example/", "{path:?}");
        }
    }

    #[test]
    fn a_url_is_split_as_it_is_written() {
        assert_eq!(Site::split_url("https://wiki.example:8443/a?b"), Some(("wiki.example:8443", "/a?b")));
        assert_eq!(Site::split_url("https://me@wiki.example/"), Some(("me@wiki.example", "/")));
        assert_eq!(Site::split_url("https://wiki.example\\.evil.example/"), Some(("wiki.example\\.evil.example", "/")));
        for url in ["http://wiki.example/", "wiki.example/", "//wiki.example/", "https://wiki.example", ""] {
            assert_eq!(Site::split_url(url), None, "{url}");
        }
    }
}
