//! Session cleanup: limits the sessions per account, and signs out unused phones.

use super::{MOST, SessionService};
use crate::error::ServiceError;
use domain::account::SessionKind;
use domain::ids::SessionId;
use std::time::Duration;
use tokio::sync::watch;

/// How long an ended session is retained in the store.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);
/// Maximum number of ended sessions retained per account.
const MOST_RETAINED: u32 = 1000;
/// A phone that is unused for this long is signed out.
const UNUSED: Duration = Duration::from_secs(180 * 24 * 3600);
/// Sessions that began or ended more recently than this are not surplus yet. A code has expired by then, so none can be
/// redeemed for a session that was deleted.
const RECENT: Duration = Duration::from_secs(600);

impl SessionService {
    /// Ends phones that were not used for half a year and, for accounts with too many sessions, the least recently used
    /// ones. Deletes those that ended long ago.
    ///
    /// A sign-in by password enforces [`MOST`] itself. A sign-in by code does not, to stay fast; the limit on scans
    /// bounds how many there are until the next sweep.
    ///
    /// # Errors
    /// If the store is down.
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

    /// Returns a receiver that is notified when sessions may have ended, here or on another node. Not of those that
    /// expire, nor of those that another process ends in an SQLite file.
    pub fn endings(&self) -> watch::Receiver<()> {
        self.ended.subscribe_to_any()
    }

    /// Notifies the subscribers of these sessions.
    fn tell(&self, ended: Vec<SessionId>, reason: &'static str) {
        for id in ended {
            tracing::info!(session = %id, reason, "session ended");
            self.ended.publish(id, ());
        }
    }
}
