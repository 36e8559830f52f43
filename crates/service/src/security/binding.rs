//! Binds tickets to the browser that requested them: the secrets in the cookie `qr_browser`.
//!
//! The secret is rotated with every sign-in and sign-out, so that one that was read on a shared PC is worthless for the
//! next user. The cookie keeps previous ones, because a response may be lost and its request repeated, and because
//! other tabs still watch older tickets. Knowing a previous secret is useless: only older tickets are bound to it.

use super::random::{Random, RandomError};
use super::secret;
use domain::ids::{Secret, SecretHash};
use domain::ticket::Ticket;

/// Separates the secrets; none contains it.
const SEPARATOR: char = '.';
/// Number of secrets in the cookie: enough for repeated requests and for the tickets of several tabs.
const KEPT: usize = 4;

/// Hashes of a browser's secrets, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding([Option<SecretHash>; KEPT]);

impl Binding {
    /// Parses the cookie's value. Malformed secrets are ignored, so that a weak value chosen by an attacker binds
    /// nothing.
    pub fn read(cookie: &str) -> Self {
        let mut binding = Self::default();
        for (kept, secret) in binding.0.iter_mut().zip(split(cookie)) {
            *kept = Some(hash(secret));
        }
        binding
    }

    /// Creates the binding of a device, which presents the secret with that hash.
    pub const fn of_device(secret: SecretHash) -> Self {
        Self([Some(secret), None, None, None])
    }

    /// Returns the hash to bind a new ticket to.
    pub const fn newest(&self) -> Option<SecretHash> {
        self.0[0]
    }

    /// Returns whether this browser requested the ticket.
    pub fn owns(&self, ticket: &Ticket) -> bool {
        self.knows(ticket.browser)
    }

    /// Returns whether this browser has the secret with that hash.
    pub fn knows(&self, hash: SecretHash) -> bool {
        self.0.contains(&Some(hash))
    }
}

/// Generates a new cookie value: a fresh secret followed by those of `cookie`.
///
/// # Errors
/// If the operating system cannot provide random bytes.
pub fn rotate(cookie: Option<&str>, random: &Random) -> Result<Secret, RandomError> {
    let fresh = random.secret()?;
    let mut secrets = vec![fresh.reveal()];
    secrets.extend(cookie.map(split).into_iter().flatten().take(KEPT - 1));
    Ok(Secret::new(secrets.join(&SEPARATOR.to_string())))
}

/// Splits a cookie's value into secrets, up to the first malformed one.
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
    use domain::ticket::{Requester, TicketState};
    use domain::time::Timestamp;

    #[test]
    fn a_secret_outlives_three_rotations_and_is_never_the_newest_again() {
        let random = Random::default();
        let mut cookie = rotate(None, &random).unwrap();
        let first = Binding::read(cookie.reveal()).newest();
        for rotation in 1..=4 {
            cookie = rotate(Some(cookie.reveal()), &random).unwrap();
            let binding = Binding::read(cookie.reveal());
            assert_ne!(binding.newest(), first);
            assert_eq!(binding.0.contains(&first), rotation < KEPT, "{rotation}");
        }
        assert_eq!(cookie.reveal().len(), 4 * 43 + 3);
    }

    #[test]
    fn a_browser_owns_the_tickets_that_are_bound_to_one_of_its_secrets() {
        let cookie = rotate(None, &Random::default()).unwrap();
        let binding = Binding::read(cookie.reveal());
        let ticket = |browser| Ticket {
            id: uuid::Uuid::nil().into(),
            version: 0,
            browser,
            requester: Requester { ip: String::new(), browser: String::new(), os: String::new() },
            known_accounts: Vec::new(),
            app: None,
            device: None,
            created_at: Timestamp::default(),
            expires_at: Timestamp::default(),
            state: TicketState::Pending,
        };
        assert!(binding.owns(&ticket(binding.newest().unwrap())));
        assert!(!binding.owns(&ticket(SecretHash::new([7; 32]))));
        assert!(!Binding::default().owns(&ticket(SecretHash::new([0; 32]))));
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
