//! How many sessions an account has, and how long a phone that is not used stays signed in.

use super::{MOST, SessionService};
use crate::error::ServiceError;
use domain::account::SessionKind;
use domain::ids::SessionId;
use std::time::Duration;

/// How long an ended session stays in the store.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many ended sessions of one account stay there at the most.
const MOST_RETAINED: u32 = 1000;
/// Unused for so long, a phone is signed out.
const UNUSED: Duration = Duration::from_secs(180 * 24 * 3600);
/// What began, or ended, later than this is not surplus yet. A code is over by then, so none is redeemed for a session that
/// was forgotten.
const RECENT: Duration = Duration::from_secs(600);

impl SessionService {
    /// Ends phones that were not used for half a year and, where an account has too many sessions, those whose last use is
    /// longest ago. Forgets what ended long ago.
    ///
    /// A sign-in by password keeps to [`MOST`] by itself. A sign-in by code does not count, to stay fast; the limit on
    /// scans bounds how many there are until the next sweep.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        self.tell(self.store.end_unused_phones(now - UNUSED, now).await?, "the phone was not used for long");
        for account in self.store.crowded_accounts(MOST).await? {
            for kind in [SessionKind::Phone, SessionKind::Pc] {
                let ended = self.store.end_surplus(account, kind, MOST, now - RECENT, now).await?;
                self.tell(ended, "the account has too many");
            }
            self.store.forget_surplus(account, MOST_RETAINED, now - RECENT).await?;
        }
        self.store.forget_sessions(now - RETENTION).await?;
        Ok(())
    }

    /// Notifies the subscribers of these sessions.
    fn tell(&self, ended: Vec<SessionId>, reason: &'static str) {
        for id in ended {
            tracing::info!(session = %id, reason, "session ended");
            self.ended.publish(id, ());
        }
    }
}
