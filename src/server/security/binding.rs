//! What binds tickets to the browser that asked for them: the secrets in the cookie `qr_browser`.
//!
//! The secret is replaced with every sign-in and sign-out, so that one that was read on a shared PC is worthless for the
//! next person. The cookie keeps the one before it, because an answer may be lost and its call repeated, and because
//! other tabs still watch older tickets.

use super::secret;
use crate::ids::{Secret, SecretHash};
use crate::ticket::Ticket;
use std::io;

/// Separates the two secrets; neither contains it.
const SEPARATOR: char = '.';

/// Hashes of a browser's newest secret and of the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    newest: Option<SecretHash>,
    before: Option<SecretHash>,
}

impl Binding {
    /// Reads the cookie's value. What is not of our own form is left out, so that a chosen, weak value binds nothing.
    pub fn read(cookie: &str) -> Self {
        let (newest, before) = split(cookie);
        Self { newest: newest.map(hash), before: before.map(hash) }
    }

    /// What a new ticket is bound to.
    pub const fn newest(&self) -> Option<SecretHash> {
        self.newest
    }

    /// Whether this browser asked for the ticket.
    pub fn owns(&self, ticket: &Ticket) -> bool {
        [self.newest, self.before].contains(&Some(ticket.browser))
    }
}

/// A new value for the cookie, in which a fresh secret stands before the newest of `cookie`.
///
/// # Errors
/// When the operating system has no random bytes to give.
pub fn rotate(cookie: Option<&str>) -> io::Result<Secret> {
    let fresh = secret::draw()?;
    Ok(match cookie.and_then(|cookie| split(cookie).0) {
        Some(before) => Secret::new(format!("{}{SEPARATOR}{before}", fresh.reveal())),
        None => fresh,
    })
}

fn split(cookie: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = cookie.split(SEPARATOR).map(|part| secret::is_well_formed(part).then_some(part));
    let pair = (parts.next().flatten(), parts.next().flatten());
    if parts.next().is_some() { (None, None) } else { pair }
}

fn hash(text: &str) -> SecretHash {
    secret::hash(&Secret::new(text.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outlives_one_rotation_and_not_two() {
        let first = rotate(None).unwrap();
        let bound_to = Binding::read(first.reveal()).newest().unwrap();
        let second = rotate(Some(first.reveal())).unwrap();
        let binding = Binding::read(second.reveal());
        assert_ne!(binding.newest(), Some(bound_to));
        assert_eq!(binding.before, Some(bound_to));
        let third = rotate(Some(second.reveal())).unwrap();
        let binding = Binding::read(third.reveal());
        assert!(binding.newest() != Some(bound_to) && binding.before != Some(bound_to));
    }

    #[test]
    fn what_is_not_of_our_form_binds_nothing() {
        let secret = "S".repeat(43);
        for text in ["", "1234", ".", &format!("{secret}.{secret}.{secret}"), &format!("{secret}!")] {
            assert_eq!(Binding::read(text), Binding::default(), "{text}");
        }
        assert_eq!(Binding::read(&format!("{secret}.1234")).before, None);
    }
}
