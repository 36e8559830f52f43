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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use domain::account::{Began, SessionKind};
    use domain::time::Timestamp;
    use uuid::Uuid;

    fn session(device: Option<&str>, secret: Option<&str>) -> Session {
        let at = Timestamp::from_millis(0);
        Session {
            id: Uuid::nil().into(),
            account: Uuid::nil().into(),
            kind: if device.is_some() { SessionKind::Phone } else { SessionKind::Pc },
            device: device.map(|id| id.parse().unwrap()),
            device_secret: secret.map(|secret| secret::hash(&Secret::new(secret.to_owned()))),
            began: Began::Password,
            stepped_up_at: None,
            approvals_void_until: None,
            name: String::new(),
            ip: String::new(),
            created_at: at,
            last_seen_at: at,
            expires_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn an_app_proves_itself_by_its_device_id() {
        let app = session(Some("phone-1"), None);
        assert!(Presented::Id(Some("phone-1")).proves(&app));
        for wrong in [None, Some(""), Some("phone-2")] {
            assert!(!Presented::Id(wrong).proves(&app), "{wrong:?}");
        }
    }

    #[test]
    fn a_browser_proves_itself_by_its_cookie_and_never_by_the_id_that_its_pages_show() {
        let browser = session(Some("phone-1"), Some("secret"));
        assert!(Presented::Cookie(Some("phone-1~secret")).proves(&browser));
        for wrong in [None, Some(""), Some("phone-1"), Some("phone-1~"), Some("phone-1~wrong"), Some("phone-2~secret")]
        {
            assert!(!Presented::Cookie(wrong).proves(&browser), "{wrong:?}");
        }
        assert!(!Presented::Id(Some("phone-1")).proves(&browser));
    }

    #[test]
    fn a_browser_from_before_the_secret_needs_its_id_alone() {
        let old = session(Some("phone-1"), None);
        assert!(Presented::Cookie(Some("phone-1")).proves(&old));
        assert!(Presented::Cookie(Some("phone-1~whatever")).proves(&old));
        assert!(!Presented::Cookie(Some("phone-2")).proves(&old));
    }

    #[test]
    fn a_pc_is_bound_to_no_device() {
        let pc = session(None, None);
        assert!(Presented::Id(None).proves(&pc) && Presented::Cookie(None).proves(&pc));
    }

    #[test]
    fn a_cookie_has_the_id_and_the_secret() {
        let id: DeviceId = "phone-1".parse().unwrap();
        let cookie = cookie(&id, &Secret::new("secret".to_owned()));
        assert_eq!(cookie, "phone-1~secret");
        assert_eq!(device_id(&cookie), Some(id.clone()));
        assert_eq!(device_id("phone-1"), Some(id));
        assert_eq!(device_id("a b~secret"), None);
    }
}
