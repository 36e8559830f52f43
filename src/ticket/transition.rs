//! The one function that changes a ticket.

use super::state::{Cancellation, Phone, Ticket, TicketState};
use crate::ids::{AccountId, DeviceId, SecretHash};
use crate::time::Timestamp;

/// What somebody wants to do with a ticket.
#[derive(Clone, Debug)]
pub enum Event {
    /// A signed-in phone read the code. `confirm` is the hash of the token it is about to get.
    Scan {
        /// The phone that scanned.
        phone: Phone,
        /// Hash of its new confirm token; an earlier one dies.
        confirm: SecretHash,
    },
    /// The person approves.
    Confirm(Decision),
    /// The person declines.
    Cancel(Decision),
    /// The person at the PC gives up.
    Abandon {
        /// Hash of the secret that the browser presented.
        browser: SecretHash,
    },
    /// The PC collects its session.
    Redeem {
        /// Hash of the secret that the browser presented.
        browser: SecretHash,
    },
    /// Time has passed.
    Expire,
}

/// Who decides, and with which confirm token.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Whose phone decides.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// Hash of the confirm token that it presented.
    pub confirm: SecretHash,
}

/// Why an event does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransitionError {
    /// The ticket's time is over.
    #[error("the code has expired")]
    Expired,
    /// The ticket's time is not over yet.
    #[error("the code has not expired")]
    NotExpired,
    /// Somebody cancelled it.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Another phone owns it.
    #[error("another phone has scanned this code")]
    AlreadyScanned,
    /// It has been redeemed.
    #[error("this code has been used")]
    AlreadyUsed,
    /// Nobody has scanned it yet.
    #[error("this code has not been scanned")]
    NotScanned,
    /// Nobody has approved it yet.
    #[error("this sign-in has not been confirmed")]
    NotConfirmed,
    /// The person has decided before.
    #[error("this sign-in has already been decided")]
    AlreadyDecided,
    /// The browser is not the one that asked for the code.
    #[error("this code belongs to another browser")]
    WrongBrowser,
    /// The phone is not the one that scanned.
    #[error("another phone scanned this code")]
    WrongDevice,
    /// The token is not the one that the last scan returned.
    #[error("the confirm token is not valid")]
    InvalidConfirmToken,
}

/// Changes `ticket` by `event` at `now`, or says why not. Nothing else changes a ticket.
///
/// The order of the rules: who may ask comes first, so that a stranger learns nothing; then time; then the state.
///
/// # Errors
/// The [`TransitionError`] that names the rule in the way.
pub fn apply(ticket: &Ticket, event: Event, now: Timestamp) -> Result<Ticket, TransitionError> {
    let state = match event {
        Event::Scan { phone, confirm } => scan(ticket, phone, confirm, now),
        Event::Confirm(decision) => decide(ticket, &decision, now).map(|phone| TicketState::Confirmed { phone }),
        Event::Cancel(decision) => {
            decide(ticket, &decision, now).map(|phone| TicketState::Cancelled { by: Cancellation::Phone { phone } })
        }
        Event::Abandon { browser } => abandon(ticket, browser, now),
        Event::Redeem { browser } => redeem(ticket, browser, now),
        Event::Expire if ticket.is_overdue(now) => Ok(TicketState::Expired { phone: ticket.state.phone().cloned() }),
        Event::Expire => Err(TransitionError::NotExpired),
    }?;
    Ok(Ticket { version: ticket.version.saturating_add(1), state, ..ticket.clone() })
}

fn scan(ticket: &Ticket, phone: Phone, confirm: SecretHash, now: Timestamp) -> Result<TicketState, TransitionError> {
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Pending => Ok(TicketState::Scanned { phone, confirm }),
        TicketState::Scanned { phone: owner, .. } if owner.is(phone.account, &phone.device) => {
            Ok(TicketState::Scanned { phone, confirm })
        }
        TicketState::Scanned { .. } => Err(TransitionError::AlreadyScanned),
        TicketState::Confirmed { phone: owner } if owner.is(phone.account, &phone.device) => {
            Err(TransitionError::AlreadyDecided)
        }
        TicketState::Confirmed { .. } => Err(TransitionError::AlreadyScanned),
        TicketState::Redeemed { .. } => Err(TransitionError::AlreadyUsed),
        TicketState::Cancelled { .. } => Err(TransitionError::Cancelled),
        TicketState::Expired { .. } => Err(TransitionError::Expired),
    }
}

fn decide(ticket: &Ticket, decision: &Decision, now: Timestamp) -> Result<Phone, TransitionError> {
    if let Some(owner) = ticket.state.phone()
        && !owner.is(decision.account, &decision.device)
    {
        return Err(TransitionError::WrongDevice);
    }
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Scanned { phone, confirm } if *confirm == decision.confirm => Ok(phone.clone()),
        TicketState::Scanned { .. } => Err(TransitionError::InvalidConfirmToken),
        TicketState::Pending => Err(TransitionError::NotScanned),
        TicketState::Confirmed { .. } => Err(TransitionError::AlreadyDecided),
        TicketState::Redeemed { .. } => Err(TransitionError::AlreadyUsed),
        TicketState::Cancelled { by: Cancellation::Phone { .. } } => Err(TransitionError::AlreadyDecided),
        TicketState::Cancelled { by: Cancellation::Browser { .. } } => Err(TransitionError::Cancelled),
        TicketState::Expired { .. } => Err(TransitionError::Expired),
    }
}

fn abandon(ticket: &Ticket, browser: SecretHash, now: Timestamp) -> Result<TicketState, TransitionError> {
    same_browser(ticket, browser)?;
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Pending | TicketState::Scanned { .. } => {
            Ok(TicketState::Cancelled { by: Cancellation::Browser { phone: ticket.state.phone().cloned() } })
        }
        TicketState::Confirmed { .. } => Err(TransitionError::AlreadyDecided),
        TicketState::Redeemed { .. } => Err(TransitionError::AlreadyUsed),
        TicketState::Cancelled { .. } => Err(TransitionError::Cancelled),
        TicketState::Expired { .. } => Err(TransitionError::Expired),
    }
}

fn redeem(ticket: &Ticket, browser: SecretHash, now: Timestamp) -> Result<TicketState, TransitionError> {
    same_browser(ticket, browser)?;
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Confirmed { phone } => Ok(TicketState::Redeemed { phone: phone.clone() }),
        TicketState::Pending | TicketState::Scanned { .. } => Err(TransitionError::NotConfirmed),
        TicketState::Redeemed { .. } => Err(TransitionError::AlreadyUsed),
        TicketState::Cancelled { .. } => Err(TransitionError::Cancelled),
        TicketState::Expired { .. } => Err(TransitionError::Expired),
    }
}

fn in_time(ticket: &Ticket, now: Timestamp) -> Result<(), TransitionError> {
    if ticket.is_overdue(now) { Err(TransitionError::Expired) } else { Ok(()) }
}

fn same_browser(ticket: &Ticket, browser: SecretHash) -> Result<(), TransitionError> {
    if ticket.browser == browser { Ok(()) } else { Err(TransitionError::WrongBrowser) }
}
