//! The redeem of a ticket, in two steps: what it would result in, and its compare-and-swap.

use super::TicketService;
use crate::error::ServiceError;
use crate::security::binding::Binding;
use domain::error::ErrorCode;
use domain::ids::{SecretHash, TicketId};
use domain::ticket::{DeviceRequest, Event, Phone, Ticket, TicketState, apply};
use domain::time::Timestamp;
use std::sync::Arc;
use store::Swap;

/// A redeem that is permitted but not stored yet.
#[derive(Clone, Debug)]
pub struct Redeem {
    /// The phone that approved.
    pub phone: Phone,
    /// When it approved.
    pub approved_at: Timestamp,
    /// When the ticket was redeemed: now, or for a repeated request, the first time.
    pub at: Timestamp,
    /// Hash of the secret that the ticket is bound to.
    pub browser: SecretHash,
    /// Whether the same browser has redeemed the ticket before.
    pub is_repeat: bool,
    next: Arc<Ticket>,
}

impl Redeem {
    /// Returns the device that the ticket is for, if it is for one.
    pub fn device(&self) -> Option<&DeviceRequest> {
        self.next.device.as_deref()
    }
}

/// What a ticket is redeemed for. Each is only redeemed for what it was issued for: a program that may know who signed
/// in must not become a browser that may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A browser's session.
    Browser,
    /// A device's tokens.
    Device,
}

impl TicketService {
    /// Returns what a redeem by this browser would result in. Changes nothing yet.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found`, `wrong_browser`, also if the ticket has another purpose, or `unavailable`.
    pub async fn prepare_redeem(
        &self,
        id: TicketId,
        browser: Binding,
        purpose: Purpose,
    ) -> Result<Redeem, ServiceError> {
        let ticket = self.find_own(id, browser).await?;
        if ticket.device.is_some() != (purpose == Purpose::Device) {
            return Err(ErrorCode::WrongBrowser.into());
        }
        let next = apply(&ticket, Event::Redeem { browser: ticket.browser }, self.clock.now())?;
        let is_repeat = next.version == ticket.version;
        let TicketState::Redeemed { phone, at, .. } = &next.state else { return Err(ErrorCode::NotConfirmed.into()) };
        let approved_at = match &ticket.state {
            TicketState::Confirmed { at, .. } => *at,
            // A repeat, which approves nothing again.
            _ => *at,
        };
        Ok(Redeem {
            phone: phone.clone(),
            approved_at,
            at: *at,
            browser: next.browser,
            is_repeat,
            next: Arc::new(next),
        })
    }

    /// Stores a redeem: of any number of attempts, exactly one succeeds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn redeem(&self, redeem: &Redeem) -> Result<Swap, ServiceError> {
        self.swap(&redeem.next).await
    }
}
