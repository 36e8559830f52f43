//! The ticket behind a QR code. `state`, `transition` and `view` are pure: no async, no clock, no I/O.

pub mod api;
mod state;
mod transition;
mod view;

pub use state::{Cancellation, Phone, Profile, Requester, Ticket, TicketState, TicketStatus};
pub use transition::{Decision, Event, REDEEM_REPEAT, TransitionError, apply};
pub use view::{Issued, Redeemed, RequesterView, Scanned, StatusView, TicketView};
