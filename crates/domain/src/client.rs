//! Apps that sign people in here, as `clients.toml` lists them: OAuth clients, sites behind a proxy, and issuers that
//! vouch for their own users.
//!
//! The types are what a validated file contains; `service::clients` reads the file.

mod host;
mod parties;
mod scope;
mod site;
mod upstream;
mod uri;

pub use parties::{AssertionAlg, InvalidHost, Issuer, MAX_GROUP, Site, is_group_name, mapped_fields, site_host};
pub use scope::{Scope, Scopes};
pub use site::SITE_CALLBACK;
pub use upstream::{Authentication, Endpoints, Provider, Registration, SecretPlace, Upstream, is_scope_list};
pub use uri::{InvalidUri, MAX_URI, UriKind, logout_uri, redirect_uri, resource_uri};

use crate::account::UnknownName;
use crate::ids::{MalformedId, SecretHash};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

/// Days until an unused refresh token expires, unless the client's entry says otherwise.
pub const DEFAULT_REFRESH_DAYS: u32 = 30;
/// Most days that `refresh_days` may be.
pub const MAX_REFRESH_DAYS: u32 = 365;
/// Maximum length of a client's name, in characters: it is shown on a phone.
pub const MAX_CLIENT_NAME: usize = 64;

/// The `client_id` of an app: 1 to 64 of `A`–`Z`, `a`–`z`, `0`–`9`, `.`, `_` and `-`. It has neither `%` nor `+`, so that
/// form-decoding it in an `Authorization` header is right for libraries that encode it and for those that do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// Maximum length, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(is_allowed) {
            return Err(MalformedId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ClientId {
    type Error = MalformedId;

    fn try_from(text: String) -> Result<Self, MalformedId> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl Borrow<str> for ClientId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether people are asked before an app learns who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Once per account, and again when the app asks for more.
    Ask,
    /// Never: for the operator's own apps.
    Never,
}

/// The form of an app's access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A random text that only this server understands.
    Opaque,
    /// A signed token that a resource server verifies by itself (RFC 9068).
    Jwt,
}

/// The algorithm that signs an app's ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every client has to support (OpenID Connect Discovery 1.0, section 3).
    Rs256,
}

macro_rules! named {
    ($type:ident, $what:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name in `clients.toml`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name).ok_or(UnknownName($what))
            }
        }
    };
}

named!(Consent, "consent", Ask = "ask", Never = "never");
named!(AccessTokenFormat, "access token", Opaque = "opaque", Jwt = "jwt");
named!(Authentication, "client authentication", Basic = "basic", Post = "post");
named!(IdTokenAlg, "algorithm of an ID token", Rs256 = "RS256");
named!(AssertionAlg, "algorithm of an assertion", Rs256 = "RS256", Es256 = "ES256", EdDsa = "EdDSA");

/// An app that signs people in here (RFC 6749, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The `client_id`.
    pub id: ClientId,
    /// Display name, which the phone shows: 1 to 64 characters.
    pub name: String,
    /// Its logo: an https URL, or a path on this site.
    pub logo_url: Option<String>,
    /// Hashes of its secrets, each of which it may authenticate with: two while a secret is being replaced, none for a
    /// public client.
    pub secrets: Vec<SecretHash>,
    /// Where a sign-in may end, as [`redirect_uri`] accepts them. Compared by [`Client::allows_redirect`] alone.
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may end (OpenID Connect RP-Initiated Logout 1.0, section 3), compared as exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told of the end of a session (OpenID Connect Back-Channel Logout 1.0, section 2.2).
    pub backchannel_logout_uri: Option<String>,
    /// Whether it cannot keep a secret (RFC 6749, section 2.1), so that it authenticates by nothing but PKCE.
    pub is_public: bool,
    /// Whether it is installed on a PC or a phone, so that it may be redirected to by a scheme of its own or by any port
    /// of the loopback interface (RFC 8252).
    pub is_native: bool,
    /// Whether it has to send a PKCE challenge (RFC 7636). Always true for public and native clients.
    pub require_pkce: bool,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Only members of one of these groups may sign in; empty means everybody.
    pub groups_allowed: Vec<String>,
    /// Whether people are asked.
    pub consent: Consent,
    /// What signs its ID tokens.
    pub id_token_alg: IdTokenAlg,
    /// The form of its access tokens.
    pub access_token: AccessTokenFormat,
    /// The APIs that it may request tokens for (RFC 8707), compared as exact strings.
    pub resources: Vec<String>,
    /// Whether it may use the device grant (RFC 8628).
    pub device: bool,
    /// Whether a poll of the device grant may be held open until the decision.
    pub long_poll: bool,
    /// Days until an unused refresh token expires, 1 to 365.
    pub refresh_days: u32,
}

impl Client {
    /// Returns a confidential client with the defaults of `clients.toml`: no secret, no redirect URI, PKCE required.
    pub fn new(id: ClientId, name: String) -> Self {
        Self {
            id,
            name,
            logo_url: None,
            secrets: Vec::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            is_public: false,
            is_native: false,
            require_pkce: true,
            scopes: Scopes::default_of_clients(),
            groups_allowed: Vec::new(),
            consent: Consent::Ask,
            id_token_alg: IdTokenAlg::Rs256,
            access_token: AccessTokenFormat::Opaque,
            resources: Vec::new(),
            device: false,
            long_poll: false,
            refresh_days: DEFAULT_REFRESH_DAYS,
        }
    }

    /// Returns whether a sign-in may end at `uri`: whether it equals a registered one character by character (RFC 9700,
    /// section 2.1). A native client's URI on the loopback interface may have any port (RFC 8252, section 7.3), because
    /// such an app listens wherever the system lets it.
    pub fn allows_redirect(&self, uri: &str) -> bool {
        let is_registered = |registered: &String| {
            registered == uri
                || self.is_native && uri::without_port(uri).is_some_and(|it| uri::without_port(registered) == Some(it))
        };
        self.redirect_uris.iter().any(is_registered)
    }

    /// Returns whether `uri` leads to a program on the person's own device. Any program there can listen to it, so people
    /// are always asked before a code is sent to it that needs no secret (RFC 8252, section 8.6).
    pub fn is_loopback_or_custom(uri: &str) -> bool {
        matches!(uri::kind_of(uri), Ok(UriKind::Loopback | UriKind::Custom))
    }

    /// Returns whether a member of `groups` may sign in.
    pub fn admits(&self, groups: &[String]) -> bool {
        parties::admits(&self.groups_allowed, groups)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
