//! The one function that changes a ticket.

use super::state::{Cancellation, Phone, Ticket, TicketState};
use crate::ids::{AccountId, DeviceId, SecretHash, SessionId};
use crate::time::Timestamp;
use std::time::Duration;

/// How long the browser that redeemed a ticket may repeat the call, since the answer may have been lost.
pub const REDEEM_REPEAT: Duration = Duration::from_secs(30);
/// A person takes longer than this to read who asks and to approve.
const FASTER_THAN_A_PERSON: Duration = Duration::from_millis(1500);

/// What is to be done with a ticket.
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
    /// The session that decides.
    pub session: Option<SessionId>,
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
    /// It was cancelled.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Another phone owns it.
    #[error("another phone has scanned this code")]
    AlreadyScanned,
    /// It has been redeemed.
    #[error("this code has been used")]
    AlreadyUsed,
    /// It was not scanned yet.
    #[error("this code has not been scanned")]
    NotScanned,
    /// It was not approved yet.
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
/// A confirm, a cancel with the token that decided, and a redeem within [`REDEEM_REPEAT`] are idempotent: repeated, they
/// return the ticket as it is, its version included.
///
/// The order of the rules: who may ask comes first, so that a stranger learns nothing; then time; then the state.
///
/// # Errors
/// The [`TransitionError`] that names the rule in the way.
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

/// The state after the decision; none if this very decision was made before with the same token.
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
        TicketState::Scanned { phone, confirm, at } if *confirm == decision.confirm => {
            let phone = Phone { session: decision.session, ..phone.clone() };
            let confirm = Some(*confirm);
            Ok(Some(match choice {
                Choice::Confirm => TicketState::Confirmed {
                    confirm_person: now.saturating_duration_since(*at) < FASTER_THAN_A_PERSON
                        || ticket.is_new_person(phone.account),
                    phone,
                    confirm,
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

/// The state after the redeem; none if it is repeated in time.
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
