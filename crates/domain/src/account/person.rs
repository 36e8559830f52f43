//! An account, and the views of it: what its owner sees, and what everybody else does.

use super::types::SessionSummary;
use crate::ids::AccountId;
use serde::{Deserialize, Serialize};

/// A person who can sign in. Does not contain the password hash: only the store and the verifier handle it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account. Never reused, not even by a later account of the same name.
    pub id: AccountId,
    /// The name used to sign in; unique.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// E-mail address. Two accounts may have the same, so it identifies no account: the id does.
    pub email: Option<String>,
    /// Whether the operator has verified that the address belongs to the person. False without an address.
    pub email_verified: bool,
    /// The groups that the person is in, sorted and each once.
    pub groups: Vec<String>,
    /// URL of the picture: a path on this site, see [`Picture::path`](super::Picture::path).
    pub avatar_url: Option<String>,
    /// A disabled account cannot sign in, and its sessions are rejected.
    pub disabled: bool,
}

impl Account {
    /// Returns what other people may see.
    pub fn profile(&self) -> Profile {
        Profile { display_name: self.display_name.clone(), avatar_url: self.avatar_url.clone() }
    }

    /// Returns what the account's owner may see of it at a sign-in.
    pub fn view(&self) -> AccountView {
        AccountView {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }

    /// Returns the picture's URL for a program that is not one of our pages, given the site's public URL.
    pub fn picture_url(&self, public_url: &str) -> Option<String> {
        let url = self.avatar_url.as_deref()?;
        if url.starts_with('/') {
            return Some(format!("{}{url}", public_url.trim_end_matches('/')));
        }
        Some(url.to_owned())
    }
}

/// The part of an account that other people may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Display name.
    pub display_name: String,
    /// URL of the picture; without one a monogram is drawn.
    pub avatar_url: Option<String>,
}

/// The caller's own account on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The account.
    pub id: AccountId,
    /// The name used to sign in.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// URL of the picture.
    pub avatar_url: Option<String>,
}

/// The caller's account and session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The account, whose fields are flattened beside `session`.
    #[serde(flatten)]
    pub account: AccountView,
    /// E-mail address. Not in [`AccountView`], which pages decode and have no use for it.
    pub email: Option<String>,
    /// Whether the operator has verified that the address belongs to the person.
    pub email_verified: bool,
    /// The groups that the person is in, sorted and each once.
    pub groups: Vec<String>,
    /// The session that the caller used.
    pub session: SessionSummary,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn account() -> Account {
        Account {
            id: Uuid::from_u128(1).into(),
            username: "dong".to_owned(),
            display_name: "Dong".to_owned(),
            email: Some("dong@example.com".to_owned()),
            email_verified: true,
            groups: vec!["staff".to_owned()],
            avatar_url: Some("/picture/00.jpg".to_owned()),
            disabled: false,
        }
    }

    #[test]
    fn what_other_people_see_has_neither_address_nor_groups() {
        for seen in [serde_json::to_string(&account().profile()), serde_json::to_string(&account().view())] {
            let seen = seen.unwrap();
            assert!(seen.contains("Dong") && !seen.contains("example.com") && !seen.contains("staff"), "{seen}");
        }
    }

    #[test]
    fn a_program_elsewhere_gets_the_pictures_whole_address() {
        let at = |avatar_url: Option<&str>, public_url: &str| {
            Account { avatar_url: avatar_url.map(str::to_owned), ..account() }.picture_url(public_url)
        };
        for public_url in ["https://login.example.com", "https://login.example.com/"] {
            let whole = at(Some("/picture/00.jpg"), public_url);
            assert_eq!(whole.as_deref(), Some("https://login.example.com/picture/00.jpg"));
        }
        let elsewhere = Some("https://a.example/1.png");
        assert_eq!(at(elsewhere, "https://login.example.com").as_deref(), elsewhere);
        assert_eq!(at(None, "https://login.example.com"), None);
    }
}
