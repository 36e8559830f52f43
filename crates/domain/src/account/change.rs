//! A change to what an account says about its person, and what it may be changed to.

use super::{Account, InvalidEmail, InvalidGroup, Picture, clean_display_name, clean_email, clean_group};

/// Maximum number of groups of an account: they all go into tokens and into a proxy's headers.
pub const MAX_GROUPS: usize = 100;

/// Why an account cannot be changed like that. Then nothing of it is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccount {
    /// Not an e-mail address.
    #[error(transparent)]
    Email(#[from] InvalidEmail),
    /// Not the name of a group.
    #[error(transparent)]
    Group(#[from] InvalidGroup),
    /// More than [`MAX_GROUPS`].
    #[error("an account has at most {MAX_GROUPS} groups")]
    TooManyGroups,
    /// An address is to be marked as verified, and there is none.
    #[error("there is no e-mail address to be verified")]
    NoEmail,
}

/// What to change. `None`, and an empty list of groups to add or remove, leaves that part as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// The display name; an empty one stands for the username.
    pub display_name: Option<String>,
    /// The e-mail address, or `Some(None)` to remove it. Another address is not verified, unless this change says so.
    pub email: Option<Option<String>>,
    /// Whether the address, as it is after the change, is verified.
    pub email_verified: Option<bool>,
    /// All groups. Those below are added and removed after that.
    pub groups: Option<Vec<String>>,
    /// Groups to add.
    pub add_groups: Vec<String>,
    /// Groups to remove; one that the account is not in is ignored.
    pub remove_groups: Vec<String>,
    /// The picture, or `Some(None)` to remove it.
    pub picture: Option<Option<Picture>>,
}

impl AccountChange {
    /// Returns whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns `account` with the change. Everything in it is validated here, for every caller.
    ///
    /// # Errors
    /// [`InvalidAccount`].
    pub fn apply(&self, mut account: Account) -> Result<Account, InvalidAccount> {
        if let Some(name) = &self.display_name {
            let name = clean_display_name(name);
            account.display_name = if name.is_empty() { account.username.clone() } else { name };
        }
        if let Some(email) = &self.email {
            let email = email.as_deref().map(clean_email).transpose()?;
            // Otherwise the new address would inherit the trust in the old one.
            account.email_verified = account.email_verified && email.is_some() && email == account.email;
            account.email = email;
        }
        if let Some(is_verified) = self.email_verified {
            if is_verified && account.email.is_none() {
                return Err(InvalidAccount::NoEmail);
            }
            account.email_verified = is_verified;
        }
        if let Some(groups) = &self.groups {
            account.groups = clean_groups(groups)?;
        }
        account.groups.extend(clean_groups(&self.add_groups)?);
        account.groups.sort_unstable();
        account.groups.dedup();
        account.groups.retain(|group| !self.remove_groups.contains(group));
        if account.groups.len() > MAX_GROUPS {
            return Err(InvalidAccount::TooManyGroups);
        }
        if let Some(picture) = &self.picture {
            account.avatar_url = picture.as_ref().map(Picture::path);
        }
        Ok(account)
    }
}

fn clean_groups(names: &[String]) -> Result<Vec<String>, InvalidGroup> {
    names.iter().map(|name| clean_group(name)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn account() -> Account {
        Account {
            id: Uuid::from_u128(1).into(),
            username: "dong".to_owned(),
            display_name: "Dong Wei".to_owned(),
            email: Some("dong@example.com".to_owned()),
            email_verified: true,
            groups: texts(&["media", "staff"]),
            avatar_url: Some("/picture/0.jpg".to_owned()),
            disabled: true,
        }
    }

    #[test]
    fn a_change_of_nothing_changes_nothing() {
        assert!(AccountChange::default().is_empty());
        assert_eq!(AccountChange::default().apply(account()), Ok(account()));
    }

    #[test]
    fn a_new_address_does_not_inherit_the_trust_in_the_old_one() {
        let change = |email: Option<&str>, email_verified| AccountChange {
            email: Some(email.map(str::to_owned)),
            email_verified,
            ..AccountChange::default()
        };
        for (email, verified, expected) in [
            (Some("dong@example.com"), None, true),
            (Some("wei@example.com"), None, false),
            (Some("wei@example.com"), Some(true), true),
            (Some("dong@example.com"), Some(false), false),
            (None, None, false),
            (None, Some(false), false),
        ] {
            let changed = change(email, verified).apply(account()).unwrap();
            assert_eq!((changed.email.as_deref(), changed.email_verified), (email, expected));
        }
        assert_eq!(change(None, Some(true)).apply(account()), Err(InvalidAccount::NoEmail));
        let nobody = Account { email: None, email_verified: false, ..account() };
        let verified = AccountChange { email_verified: Some(true), ..AccountChange::default() };
        assert_eq!(verified.apply(nobody), Err(InvalidAccount::NoEmail));
        assert!(matches!(change(Some("dong"), None).apply(account()), Err(InvalidAccount::Email(_))));
    }

    #[test]
    fn groups_are_replaced_added_and_removed_and_stay_sorted() {
        let change = |groups: Option<&[&str]>, add: &[&str], remove: &[&str]| AccountChange {
            groups: groups.map(texts),
            add_groups: texts(add),
            remove_groups: texts(remove),
            ..AccountChange::default()
        };
        for (groups, add, remove, expected) in [
            (Some(["b", "a", "b"].as_slice()), ["c"].as_slice(), [].as_slice(), ["a", "b", "c"].as_slice()),
            (None, &["admins", "staff"], &[], &["admins", "media", "staff"]),
            (None, &["admins"], &["media", "nothing of the kind"], &["admins", "staff"]),
            (Some(&[]), &[], &[], &[]),
        ] {
            assert_eq!(change(groups, add, remove).apply(account()).unwrap().groups, texts(expected));
        }
        for bad in ["", "a,b"] {
            for change in [change(Some(&[bad]), &[], &[]), change(None, &[bad], &[])] {
                assert!(matches!(change.apply(account()), Err(InvalidAccount::Group(_))), "{bad}");
            }
        }
        let many: Vec<String> = (0..MAX_GROUPS).map(|number| format!("g{number}")).collect();
        let full = AccountChange { groups: Some(many), ..AccountChange::default() }.apply(account()).unwrap();
        assert_eq!(full.groups.len(), MAX_GROUPS);
        assert_eq!(change(None, &["one-more"], &[]).apply(full.clone()), Err(InvalidAccount::TooManyGroups));
        assert!(change(None, &["one-more"], &["g0"]).apply(full).is_ok());
    }

    #[test]
    fn an_empty_display_name_is_the_username() {
        for (name, shown) in [("", "dong"), (" \n", "dong"), (" Wei\n", "Wei")] {
            let change = AccountChange { display_name: Some(name.to_owned()), ..AccountChange::default() };
            assert_eq!(change.apply(account()).unwrap().display_name, shown);
        }
    }

    #[test]
    fn the_pictures_hash_is_its_address() {
        let picture = Picture { id: crate::account::PictureId::new([7; 32]), bytes: vec![1] };
        let change = |picture| AccountChange { picture: Some(picture), ..AccountChange::default() };
        let changed = change(Some(picture.clone())).apply(account()).unwrap();
        assert_eq!(changed.avatar_url, Some(picture.path()));
        assert_eq!(change(None).apply(account()).unwrap().avatar_url, None);
    }
}
