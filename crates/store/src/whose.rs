//! Which account a change is for.

use domain::ids::AccountId;

/// Which account is meant.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// The one that has that name now, for operators.
    Name(&'a str),
    /// That one, whatever its name: another account may get the name of one that was deleted.
    Id(AccountId),
}

impl<'a> From<&'a str> for Whose<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl<'a> From<&'a String> for Whose<'a> {
    fn from(name: &'a String) -> Self {
        Self::Name(name)
    }
}

impl From<AccountId> for Whose<'_> {
    fn from(id: AccountId) -> Self {
        Self::Id(id)
    }
}
