//! What the PC sees of a ticket besides its status.

use super::people::{RIGHT_BROWSER, START, TTL, decision, fresh, phone};
use super::table::{at_the_end, scan};
use domain::ids::AccountId;
use domain::ticket::{Event, Ticket, apply};
use std::time::Duration;

#[test]
fn a_live_ticket_has_whole_seconds_left_rounded_up() {
    let (ticket, millisecond) = (fresh(), Duration::from_millis(1));
    for (now, seconds) in [
        (START, 120),
        (START + millisecond, 120),
        (START + Duration::from_secs(1), 119),
        (at_the_end() - Duration::from_secs(1), 1),
        (at_the_end() - millisecond, 1),
        (at_the_end(), 0),
        (at_the_end() + TTL, 0),
    ] {
        assert_eq!((ticket.expires_in(now), ticket.view(now).expires_in), (seconds, seconds), "{now:?}");
    }
}

/// Returns whether the PC asks "Continue as …?" after an approval that long after the scan.
fn asks(millis: u64, known_accounts: Vec<AccountId>) -> bool {
    let scanned = apply(&Ticket { known_accounts, ..fresh() }, scan(0), START).unwrap();
    let now = START + Duration::from_millis(millis);
    let confirmed = apply(&scanned, Event::Confirm(decision(0, 9)), now).unwrap();
    let redeemed = apply(&confirmed, Event::Redeem { browser: RIGHT_BROWSER }, now).unwrap();
    assert!(!scanned.view(now).confirm_person && !redeemed.view(now).confirm_person);
    confirmed.view(now).confirm_person
}

#[test]
fn the_pc_asks_for_confirmation_if_the_approval_was_faster_than_a_person() {
    assert!(asks(0, Vec::new()) && asks(1_499, Vec::new()));
    assert!(!asks(1_500, Vec::new()));
}

#[test]
fn the_pc_asks_for_confirmation_if_only_other_accounts_have_signed_in_there() {
    let (own, other) = (phone(0).account, phone(2).account);
    assert!(asks(60_000, vec![other]));
    assert!(!asks(60_000, vec![other, own]));
}
