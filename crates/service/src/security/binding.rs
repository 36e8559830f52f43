//! What binds tickets to the browser that asked for them: the secrets in the cookie `qr_browser`.
//!
//! The secret is replaced with every sign-in and sign-out, so that one that was read on a shared PC is worthless for the
//! next person. The cookie keeps the ones before it, because an answer may be lost and its call repeated, and because
//! other tabs still watch older tickets. To know an older one is worthless: only older tickets are bound to it.

use super::secret::{self, RandomError};
use domain::ids::{Secret, SecretHash};
use domain::ticket::Ticket;

/// Separates the secrets; none contains it.
const SEPARATOR: char = '.';
/// How many secrets the cookie keeps: enough for repeated calls and for the tickets of several tabs.
const KEPT: usize = 4;

/// Hashes of a browser's secrets, the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding([Option<SecretHash>; KEPT]);

impl Binding {
    /// Reads the cookie's value. What is not of our own form is left out, so that a chosen, weak value binds nothing.
    pub fn read(cookie: &str) -> Self {
        let mut binding = Self::default();
        for (kept, secret) in binding.0.iter_mut().zip(split(cookie)) {
            *kept = Some(hash(secret));
        }
        binding
    }

    /// What a new ticket is bound to.
    pub const fn newest(&self) -> Option<SecretHash> {
        self.0[0]
    }

    /// Whether this browser asked for the ticket.
    pub fn owns(&self, ticket: &Ticket) -> bool {
        self.0.contains(&Some(ticket.browser))
    }
}

/// A new value for the cookie, in which a fresh secret stands before those of `cookie`.
///
/// # Errors
/// When the operating system has no random bytes to give.
pub fn rotate(cookie: Option<&str>) -> Result<Secret, RandomError> {
    let fresh = secret::generate()?;
    let mut secrets = vec![fresh.reveal()];
    secrets.extend(cookie.map(split).into_iter().flatten().take(KEPT - 1));
    Ok(Secret::new(secrets.join(&SEPARATOR.to_string())))
}

/// The secrets in a cookie's value, up to the first that is not of our form.
fn split(cookie: &str) -> impl Iterator<Item = &str> {
    cookie.split(SEPARATOR).take_while(|part| secret::is_well_formed(part))
}

fn hash(text: &str) -> SecretHash {
    secret::hash(&Secret::new(text.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outlives_three_rotations_and_is_never_the_newest_again() {
        let mut cookie = rotate(None).unwrap();
        let first = Binding::read(cookie.reveal()).newest();
        for rotation in 1..=4 {
            cookie = rotate(Some(cookie.reveal())).unwrap();
            let binding = Binding::read(cookie.reveal());
            assert_ne!(binding.newest(), first);
            assert_eq!(binding.0.contains(&first), rotation < KEPT, "{rotation}");
        }
        assert_eq!(cookie.reveal().len(), 4 * 43 + 3);
    }

    #[test]
    fn what_is_not_of_our_form_binds_nothing() {
        let secret = "S".repeat(43);
        for text in ["", "1234", ".", &format!("{secret}!"), &format!("x.{secret}")] {
            assert_eq!(Binding::read(text), Binding::default(), "{text}");
        }
        assert_eq!(Binding::read(&format!("{secret}.1234")), Binding::read(&secret));
    }
}
