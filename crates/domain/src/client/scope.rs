//! What an app may ask for (RFC 6749, section 3.3).

use crate::account::UnknownName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A scope that this server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// An ID token: who signed in, as an opaque id.
    Openid,
    /// The username, the display name and the picture.
    Profile,
    /// The e-mail address, and whether it is verified.
    Email,
    /// The groups.
    Groups,
    /// Refresh tokens that outlive the browser's session (OpenID Connect Core 1.0, section 11).
    OfflineAccess,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Openid, Self::Profile, Self::Email, Self::Groups, Self::OfflineAccess];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Groups => "groups",
            Self::OfflineAccess => "offline_access",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownName;

    /// Parses what [`Scope::as_str`] returns. Scopes are case-sensitive (RFC 6749, section 3.3).
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or(UnknownName("scope"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes. As text, and in serde, their names separated by spaces, in the order of [`Scope::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Parses names separated by spaces. Unknown ones are ignored, as OpenID Connect Core 1.0, section 3.1.2.1, asks for.
    pub fn parse(text: &str) -> Self {
        text.split(' ').filter_map(|name| name.parse().ok()).collect()
    }

    /// Returns what a client may ask for if its entry does not say: what nearly every app needs.
    pub fn default_of_clients() -> Self {
        [Scope::Openid, Scope::Profile, Scope::Email].into_iter().collect()
    }

    /// Returns whether it has `scope`.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Returns whether `other` has all of it.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Returns what both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).copied().collect()
    }

    /// Returns whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the scopes in the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " " })?;
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl From<String> for Scopes {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scopes() -> impl Strategy<Value = Scopes> {
        proptest::collection::vec(proptest::sample::select(Scope::ALL.as_slice()), 0..8).prop_map(Scopes::from_iter)
    }

    #[test]
    fn unknown_and_repeated_names_are_ignored() {
        assert_eq!(Scopes::parse("email  openid Openid address openid").to_string(), "openid email");
        assert!(Scopes::parse("").is_empty() && Scopes::parse("openid\temail").is_empty());
        assert_eq!(Scopes::default_of_clients().to_string(), "openid profile email");
    }

    proptest! {
        #[test]
        fn scopes_are_read_back_as_they_were_written(scopes in scopes()) {
            prop_assert_eq!(&Scopes::parse(&scopes.to_string()), &scopes);
            let json = serde_json::to_string(&scopes).unwrap();
            prop_assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
        }

        #[test]
        fn what_both_have_is_part_of_each(one in scopes(), other in scopes()) {
            let both = one.intersection(&other);
            prop_assert!(both.is_subset_of(&one) && both.is_subset_of(&other));
            for scope in Scope::ALL {
                prop_assert_eq!(both.contains(scope), one.contains(scope) && other.contains(scope));
            }
        }
    }
}
