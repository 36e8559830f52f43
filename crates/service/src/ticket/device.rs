//! Tickets of devices (RFC 8628).

use super::{LONGEST_WAIT, TicketService};
use crate::error::ServiceError;
use crate::metrics::Transport;
use crate::security::random::RandomError;
use crate::watch::Watch;
use domain::error::ErrorCode;
use domain::ids::{SecretHash, TicketId};
use domain::ticket::{DEVICE_TTL, DeviceRequest, Requester, Ticket, TicketState, TicketStatus, UserCode};
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;

/// Attempts to find a user code that no live ticket has. With a million live tickets, one in 25,000 is taken.
const ATTEMPTS: usize = 4;

impl TicketService {
    /// Returns a new id for a ticket whose secret depends on it.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub fn new_id(&self) -> Result<TicketId, RandomError> {
        Ok(self.random.uuid()?.into())
    }

    /// Issues the ticket `id` to a device whose secret has that hash. `request` makes the device's request with a user
    /// code.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn issue_to_device(
        &self,
        id: TicketId,
        requester: Requester,
        secret: SecretHash,
        request: impl Fn(UserCode) -> DeviceRequest + Send,
    ) -> Result<Arc<Ticket>, ServiceError> {
        let created_at = self.clock.now();
        for _ in 0..ATTEMPTS {
            let Some(user_code) = UserCode::choose(self.random.bytes()?) else { continue };
            let ticket = Arc::new(Ticket {
                id,
                version: 0,
                browser: secret,
                requester: requester.clone(),
                known_accounts: Vec::new(),
                app: None,
                device: Some(Box::new(request(user_code))),
                created_at,
                expires_at: created_at + DEVICE_TTL,
                state: TicketState::Pending,
            });
            match self.store.insert(Arc::clone(&ticket)).await {
                Err(StoreError::Exists) => {}
                outcome => {
                    outcome?;
                    self.metrics.ticket(TicketStatus::Pending);
                    return Ok(ticket);
                }
            }
        }
        Err(StoreError::Full.into())
    }

    /// Returns the live ticket of the device that shows this code.
    ///
    /// # Errors
    /// `ticket_not_found`, whatever became of it, or `unavailable`.
    pub async fn by_user_code(&self, code: UserCode) -> Result<Arc<Ticket>, ServiceError> {
        let found = self.store.by_user_code(code).await?;
        let now = self.clock.now();
        found.filter(|ticket| !ticket.status_at(now).is_final()).ok_or(ErrorCode::TicketNotFound.into())
    }

    /// Returns the URL that the ticket's QR code encodes.
    pub fn url(&self, id: TicketId) -> String {
        format!("{}?id={id}", self.scan_page)
    }

    /// Returns once the ticket is decided or expired, or after `most`, which is capped at 25 seconds, or when the server
    /// shuts down.
    pub async fn wait_for_decision(&self, mut watch: Watch, most: Duration) {
        let _waiting = self.metrics.waiting(Transport::LongPoll);
        let decided = async {
            for undecided in [TicketStatus::Pending, TicketStatus::Scanned] {
                watch.differs_from(undecided).await;
            }
        };
        tokio::select! {
            () = decided => {}
            () = self.clock.sleep(most.min(LONGEST_WAIT)) => {}
            () = self.shutdown.cancelled() => {}
        }
    }
}
