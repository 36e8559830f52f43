//! What a change of a ticket may change.

use domain::ticket::{Ticket, TicketStatus};
use proptest::prelude::*;

/// Returns whether this is one of the documented transitions.
fn is_an_arrow(from: TicketStatus, to: TicketStatus) -> bool {
    use TicketStatus::{Cancelled, Confirmed, Expired, Pending, Redeemed, Scanned};
    matches!(
        (from, to),
        (Pending, Scanned | Cancelled | Expired)
            | (Scanned, Scanned | Confirmed | Cancelled | Expired)
            | (Confirmed, Redeemed | Expired)
    )
}

/// Checks what a successful event must not change.
pub fn check_success(before: &Ticket, after: &Ticket) -> Result<(), TestCaseError> {
    prop_assert!(is_an_arrow(before.state.status(), after.state.status()), "{before:?} became {after:?}");
    prop_assert_eq!(after.version, before.version + 1);
    prop_assert_eq!(after.id, before.id);
    prop_assert_eq!(after.browser, before.browser);
    prop_assert_eq!(&after.requester, &before.requester);
    prop_assert_eq!(after.created_at, before.created_at);
    prop_assert_eq!(after.expires_at, before.expires_at);
    Ok(())
}
