//! The only function that changes a ticket.

use super::state::{Cancellation, Phone, Ticket, TicketState};
use crate::ids::{AccountId, DeviceId, SecretHash, SessionId};
use crate::time::Timestamp;
use std::time::Duration;

/// How long the browser that redeemed a ticket may repeat the request, because the response may have been lost.
pub const REDEEM_REPEAT: Duration = Duration::from_secs(30);
/// People need longer than this to read the request and approve it.
const FASTER_THAN_A_PERSON: Duration = Duration::from_millis(1500);

/// An event that changes a ticket.
#[derive(Clone, Debug)]
pub enum Event {
    /// A signed-in phone scanned the code. `confirm` is the hash of the token it is about to get.
    Scan {
        /// The phone that scanned.
        phone: Phone,
        /// Hash of its new confirm token, which invalidates the previous one.
        confirm: SecretHash,
    },
    /// The user approves.
    Confirm(Decision),
    /// The user declines.
    Cancel(Decision),
    /// The user at the PC gives up.
    Abandon {
        /// Hash of the secret sent by the browser.
        browser: SecretHash,
    },
    /// The PC collects its session.
    Redeem {
        /// Hash of the secret sent by the browser.
        browser: SecretHash,
    },
    /// The ticket's time is up.
    Expire,
}

/// The phone that decides, and its confirm token.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The account of the phone.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
    /// The session of the phone.
    pub session: Option<SessionId>,
    /// Hash of the confirm token that it sent.
    pub confirm: SecretHash,
}

/// Why an event cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransitionError {
    /// The ticket has expired.
    #[error("the code has expired")]
    Expired,
    /// The ticket has not expired yet.
    #[error("the code has not expired")]
    NotExpired,
    /// The ticket was cancelled.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Another phone owns the ticket.
    #[error("another phone has scanned this code")]
    AlreadyScanned,
    /// The ticket has been redeemed.
    #[error("this code has been used")]
    AlreadyUsed,
    /// The ticket is not scanned yet.
    #[error("this code has not been scanned")]
    NotScanned,
    /// The ticket is not confirmed yet.
    #[error("this sign-in has not been confirmed")]
    NotConfirmed,
    /// The ticket has already been decided.
    #[error("this sign-in has already been decided")]
    AlreadyDecided,
    /// The browser is not the one that requested the code.
    #[error("this code belongs to another browser")]
    WrongBrowser,
    /// The phone is not the one that scanned the code.
    #[error("another phone scanned this code")]
    WrongDevice,
    /// The confirm token is not the one returned by the last scan.
    #[error("the confirm token is not valid")]
    InvalidConfirmToken,
}

/// Applies `event` to `ticket` at `now`, or returns why it cannot. Nothing else changes a ticket.
///
/// A confirm, a cancel with the token that decided, and a redeem within [`REDEEM_REPEAT`] are idempotent: repeating
/// them returns the ticket unchanged, including its version.
///
/// Checks authorisation first, so that strangers learn nothing; then expiry; then the state.
///
/// # Errors
/// The [`TransitionError`] of the rule that was violated.
pub fn apply(ticket: &Ticket, event: Event, now: Timestamp) -> Result<Ticket, TransitionError> {
    let next = match event {
        Event::Scan { phone, confirm } => scan(ticket, phone, confirm, now).map(Some),
        Event::Confirm(decision) => decide(ticket, Choice::Confirm, &decision, now),
        Event::Cancel(decision) => decide(ticket, Choice::Cancel, &decision, now),
        Event::Abandon { browser } => abandon(ticket, browser, now).map(Some),
        Event::Redeem { browser } => redeem(ticket, browser, now),
        Event::Expire if ticket.is_overdue(now) => {
            Ok(Some(TicketState::Expired { phone: ticket.state.phone().cloned() }))
        }
        Event::Expire => Err(TransitionError::NotExpired),
    }?;
    Ok(match next {
        Some(state) => Ticket { version: ticket.version.saturating_add(1), state, ..ticket.clone() },
        None => ticket.clone(),
    })
}

fn scan(ticket: &Ticket, phone: Phone, confirm: SecretHash, now: Timestamp) -> Result<TicketState, TransitionError> {
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Pending => Ok(TicketState::Scanned { phone, confirm, at: now }),
        TicketState::Scanned { phone: owner, .. } if owner.is(phone.account, &phone.device) => {
            Ok(TicketState::Scanned { phone, confirm, at: now })
        }
        TicketState::Scanned { .. } => Err(TransitionError::AlreadyScanned),
        TicketState::Confirmed { phone: owner, .. } if owner.is(phone.account, &phone.device) => {
            Err(TransitionError::AlreadyDecided)
        }
        TicketState::Confirmed { .. } => Err(TransitionError::AlreadyScanned),
        TicketState::Redeemed { .. } => Err(TransitionError::AlreadyUsed),
        TicketState::Cancelled { .. } => Err(TransitionError::Cancelled),
        TicketState::Expired { .. } => Err(TransitionError::Expired),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Confirm,
    Cancel,
}

/// Returns the state after the decision, or `None` if the same decision was already made with the same token.
fn decide(
    ticket: &Ticket,
    choice: Choice,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<TicketState>, TransitionError> {
    if let Some(owner) = ticket.state.phone()
        && !owner.is(decision.account, &decision.device)
    {
        return Err(TransitionError::WrongDevice);
    }
    in_time(ticket, now)?;
    let has_decided = |confirm: &Option<SecretHash>| *confirm == Some(decision.confirm);
    match &ticket.state {
        TicketState::Scanned { phone, confirm, at: scanned_at } if *confirm == decision.confirm => {
            let phone = Phone { session: decision.session, ..phone.clone() };
            let confirm = Some(*confirm);
            Ok(Some(match choice {
                Choice::Confirm => TicketState::Confirmed {
                    confirm_person: now.saturating_duration_since(*scanned_at) < FASTER_THAN_A_PERSON
                        || ticket.is_new_person(phone.account),
                    phone,
                    confirm,
                    at: now,
                },
                Choice::Cancel => TicketState::Cancelled { by: Cancellation::Phone { phone, confirm } },
            }))
        }
        TicketState::Scanned { .. } => Err(TransitionError::InvalidConfirmToken),
        TicketState::Pending => Err(TransitionError::NotScanned),
        TicketState::Confirmed { confirm, .. } | TicketState::Redeemed { confirm, .. }
            if choice == Choice::Confirm && has_decided(confirm) =>
        {
            Ok(None)
        }
        TicketState::Cancelled { by: Cancellation::Phone { confirm, .. } }
            if choice == Choice::Cancel && has_decided(confirm) =>
        {
            Ok(None)
        }
        TicketState::Redeemed { confirm, .. } if !has_decided(confirm) => Err(TransitionError::AlreadyUsed),
        TicketState::Confirmed { .. }
        | TicketState::Redeemed { .. }
        | TicketState::Cancelled { by: Cancellation::Phone { .. } } => Err(TransitionError::AlreadyDecided),
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

/// Returns the state after the redeem, or `None` if it repeats one within [`REDEEM_REPEAT`].
fn redeem(ticket: &Ticket, browser: SecretHash, now: Timestamp) -> Result<Option<TicketState>, TransitionError> {
    same_browser(ticket, browser)?;
    in_time(ticket, now)?;
    match &ticket.state {
        TicketState::Confirmed { phone, confirm, .. } => {
            Ok(Some(TicketState::Redeemed { phone: phone.clone(), confirm: *confirm, at: now }))
        }
        TicketState::Redeemed { at, .. } if now.saturating_duration_since(*at) < REDEEM_REPEAT => Ok(None),
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
