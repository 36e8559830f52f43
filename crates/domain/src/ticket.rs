//! The ticket behind a QR code.

mod app;
mod device;
mod state;
mod transition;
mod view;

pub use app::{AppView, RequestingApp};
pub use device::{DEVICE_INTERVAL, DEVICE_TTL, DeviceRequest, UserCode};
pub use state::{Cancellation, Phone, Requester, Ticket, TicketState, TicketStatus};
pub use transition::{Decision, Event, REDEEM_REPEAT, TransitionError, apply};
pub use view::{Issued, Redeemed, RequesterView, Scanned, StatusView, TicketView};
