//! The ticket behind a QR code.

mod state;
mod transition;
mod view;

pub use state::{Cancellation, Phone, Requester, Ticket, TicketState, TicketStatus};
pub use transition::{Decision, Event, REDEEM_REPEAT, TransitionError, apply};
pub use view::{Issued, Redeemed, RequesterView, Scanned, StatusView, TicketView};
