//! Services that this server is itself a client of.

use super::Issuer;

/// Where a secret of this server is kept: never in `clients.toml`, which many may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// An environment variable.
    Variable(String),
    /// A file, whose first line is the secret.
    File(String),
}

/// How this server authenticates at a token endpoint (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// In the `Authorization` header.
    Basic,
    /// In the form.
    Post,
}

/// How this server is registered at a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its `client_id` there.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub secret: Option<SecretPlace>,
    /// How it sends the secret; by default as the service's metadata says, or else by `Basic`.
    pub authentication: Option<Authentication>,
}

/// Where the endpoints of a service are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoints {
    /// In the metadata of that issuer (RFC 8414, OpenID Connect Discovery 1.0).
    Issuer(String),
    /// At these URLs.
    Fixed {
        /// Issues the codes (RFC 8628, section 3.1).
        device_authorization: String,
        /// Issues the tokens.
        token: String,
        /// Revokes them (RFC 7009), if the service can.
        revocation: Option<String>,
    },
}

impl Endpoints {
    /// Returns the URL that a service is told apart by: what was sealed for one is not opened for another.
    pub fn home(&self) -> &str {
        match self {
            Self::Issuer(issuer) => issuer,
            Self::Fixed { token, .. } => token,
        }
    }
}

/// A service that people connect their account to, by its device grant (RFC 8628).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its id, by the same rule as a client's.
    pub id: String,
    /// Display name: 1 to 64 characters.
    pub name: String,
    /// Where its endpoints are.
    pub endpoints: Endpoints,
    /// How this server is registered there.
    pub registration: Registration,
    /// What is asked for, separated by spaces; may be empty.
    pub scope: String,
    /// Only members of one of these groups may connect; empty means everybody.
    pub groups_allowed: Vec<String>,
}

impl Upstream {
    /// Returns whether a member of `groups` may connect.
    pub fn admits(&self, groups: &[String]) -> bool {
        super::parties::admits(&self.groups_allowed, groups)
    }
}

/// Another provider that people sign in here by (OpenID Connect).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its id, by the same rule as a client's.
    pub id: String,
    /// Display name: 1 to 64 characters.
    pub name: String,
    /// How this server is registered there.
    pub registration: Registration,
    /// What is asked for, separated by spaces; has `openid`.
    pub scope: String,
    /// Its issuer, how it may sign, whether unknown people get an account, and which claims are taken over. Its keys are where
    /// its metadata say.
    pub identity: Issuer,
}

/// Returns whether `text` is a list of scopes separated by single spaces (RFC 6749, section 3.3), of at most 1000 bytes.
pub fn is_scope_list(text: &str) -> bool {
    let is_scope = |scope: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        !scope.is_empty() && scope.bytes().all(is_allowed)
    };
    text.len() <= 1000 && text.split(' ').all(is_scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_separated_by_single_spaces() {
        for good in ["openid", "openid offline_access", "https://api.example/.default user:read"] {
            assert!(is_scope_list(good), "{good}");
        }
        for bad in ["", " ", "a  b", "a ", "a\tb", "\"a\"", "ä", &"a".repeat(1001)] {
            assert!(!is_scope_list(bad), "{bad}");
        }
    }

    #[test]
    fn only_members_may_connect() {
        let endpoints = Endpoints::Issuer("https://issuer.example".to_owned());
        let registration = Registration { client_id: "qr".to_owned(), secret: None, authentication: None };
        let groups_allowed = vec!["staff".to_owned()];
        let [id, name, scope] = ["a", "A", ""].map(str::to_owned);
        let upstream = Upstream { id, name, endpoints, registration, scope, groups_allowed };
        assert!(upstream.admits(&["staff".to_owned()]) && !upstream.admits(&[]));
        assert_eq!(upstream.endpoints.home(), "https://issuer.example");
    }
}
