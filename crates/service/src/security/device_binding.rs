//! Binds a phone's token to the phone: by the device id for an app, by a secret in a separate cookie for a browser.
//!
//! Neither is in the token. So a token alone, for example from a log or a backup, grants no access. It does not stop a
//! thief who has everything that the phone has.

use super::secret;
use domain::account::Session;
use domain::ids::{DeviceId, Secret};

/// Separates the id from the secret in a browser's cookie; a [`DeviceId`] never contains it.
const SEPARATOR: char = '~';

/// The proof that a caller sends with a token.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// An app: the device id.
    Id(Option<&'a str>),
    /// A browser: the cookie.
    Cookie(Option<&'a str>),
}

impl Presented<'_> {
    /// Returns whether this is the phone that the session is bound to. A PC's session is not bound to a device.
    pub fn proves(self, session: &Session) -> bool {
        let Some(device) = session.device.as_ref().map(DeviceId::as_str) else { return true };
        match self {
            // The device id of a browser is shown on its pages, so the secret is what binds it.
            Self::Id(id) => id == Some(device) && session.device_secret.is_none(),
            Self::Cookie(None) => false,
            Self::Cookie(Some(cookie)) => {
                let (id, secret) = split(cookie);
                let is_secret = |expected| secret::hash(&Secret::new(secret.to_owned())) == expected;
                id == device && session.device_secret.is_none_or(is_secret)
            }
        }
    }
}

/// Builds the cookie of a phone's browser.
pub fn cookie(device: &DeviceId, secret: &Secret) -> String {
    format!("{device}{SEPARATOR}{}", secret.reveal())
}

/// Parses the device id from the cookie of a phone's browser. Earlier versions stored only the id there.
pub fn device_id(cookie: &str) -> Option<DeviceId> {
    split(cookie).0.parse().ok()
}

fn split(cookie: &str) -> (&str, &str) {
    cookie.split_once(SEPARATOR).unwrap_or((cookie, ""))
}
