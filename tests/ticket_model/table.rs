//! The exact answer of every state to every event.

use super::people::{RIGHT_BROWSER, START, TTL, WRONG_BROWSER, decision, fresh, phone, token};
use qr_login::ticket::TransitionError::{
    AlreadyDecided, AlreadyScanned, AlreadyUsed, Cancelled, Expired, InvalidConfirmToken, NotConfirmed, NotExpired,
    NotScanned, WrongBrowser, WrongDevice,
};
use qr_login::ticket::{Cancellation, Event, Ticket, TicketState, TicketStatus, TransitionError, apply};
use qr_login::time::Timestamp;
use std::time::Duration;

const SOON: Timestamp = Timestamp::from_millis(START.as_millis() + 1);
/// The token that the owner, phone 0, holds.
const HELD: u8 = 1;

fn at_the_end() -> Timestamp {
    START + TTL
}

/// One state of each kind. Phone 0 owns it where somebody does.
fn states() -> [(&'static str, TicketState); 9] {
    let owner = phone(0);
    [
        ("pending", TicketState::Pending),
        ("scanned", TicketState::Scanned { phone: owner.clone(), confirm: token(HELD) }),
        ("confirmed", TicketState::Confirmed { phone: owner.clone() }),
        ("redeemed", TicketState::Redeemed { phone: owner.clone() }),
        ("declined", TicketState::Cancelled { by: Cancellation::Phone { phone: owner.clone() } }),
        ("abandoned", TicketState::Cancelled { by: Cancellation::Browser { phone: None } }),
        ("abandoned, scanned", TicketState::Cancelled { by: Cancellation::Browser { phone: Some(owner.clone()) } }),
        ("expired", TicketState::Expired { phone: None }),
        ("expired, scanned", TicketState::Expired { phone: Some(owner) }),
    ]
}

fn outcome(state: TicketState, event: Event, now: Timestamp) -> Result<TicketStatus, TransitionError> {
    apply(&Ticket { state, ..fresh() }, event, now).map(|ticket| ticket.state.status())
}

/// The answers to `event` of all states, in the order of [`states`].
fn check(event: &Event, now: Timestamp, answers: [Result<TicketStatus, TransitionError>; 9]) {
    for ((name, state), answer) in states().into_iter().zip(answers) {
        assert_eq!(outcome(state, event.clone(), now), answer, "{name}, {event:?}");
    }
}

fn scan(number: usize) -> Event {
    Event::Scan { phone: phone(number), confirm: token(9) }
}

#[test]
fn the_owner_may_scan_again_until_it_has_decided() {
    let scanned = Ok(TicketStatus::Scanned);
    let (used, decided, cancelled, expired) = (Err(AlreadyUsed), Err(AlreadyDecided), Err(Cancelled), Err(Expired));
    check(&scan(0), SOON, [scanned, scanned, decided, used, cancelled, cancelled, cancelled, expired, expired]);
}

#[test]
fn only_the_first_phone_gets_the_ticket_not_even_another_one_of_the_same_person() {
    let (first, taken, used) = (Ok(TicketStatus::Scanned), Err(AlreadyScanned), Err(AlreadyUsed));
    let (cancelled, expired) = (Err(Cancelled), Err(Expired));
    for stranger in [1, 2] {
        let answers = [first, taken, taken, used, cancelled, cancelled, cancelled, expired, expired];
        check(&scan(stranger), SOON, answers);
    }
}

#[test]
fn the_owner_with_the_right_token_decides_once() {
    let (early, decided, used) = (Err(NotScanned), Err(AlreadyDecided), Err(AlreadyUsed));
    let (given_up, expired) = (Err(Cancelled), Err(Expired));
    for (event, done) in [
        (Event::Confirm(decision(0, HELD)), TicketStatus::Confirmed),
        (Event::Cancel(decision(0, HELD)), TicketStatus::Cancelled),
    ] {
        check(&event, SOON, [early, Ok(done), decided, used, decided, given_up, given_up, expired, expired]);
    }
}

#[test]
fn a_wrong_token_decides_nothing() {
    let (early, decided, used) = (Err(NotScanned), Err(AlreadyDecided), Err(AlreadyUsed));
    let (wrong, given_up, expired) = (Err(InvalidConfirmToken), Err(Cancelled), Err(Expired));
    for event in [Event::Confirm(decision(0, 8)), Event::Cancel(decision(0, 8))] {
        check(&event, SOON, [early, wrong, decided, used, decided, given_up, given_up, expired, expired]);
    }
}

#[test]
fn another_phone_decides_nothing_even_with_the_owners_token() {
    let (nobody, stranger) = (Err(NotScanned), Err(WrongDevice));
    for number in [1, 2] {
        for event in [Event::Confirm(decision(number, HELD)), Event::Cancel(decision(number, HELD))] {
            let answers =
                [nobody, stranger, stranger, stranger, stranger, Err(Cancelled), stranger, Err(Expired), stranger];
            check(&event, SOON, answers);
        }
    }
}

#[test]
fn the_right_browser_may_give_up_before_the_decision() {
    let (done, decided, used) = (Ok(TicketStatus::Cancelled), Err(AlreadyDecided), Err(AlreadyUsed));
    let (cancelled, expired) = (Err(Cancelled), Err(Expired));
    let answers = [done, done, decided, used, cancelled, cancelled, cancelled, expired, expired];
    check(&Event::Abandon { browser: RIGHT_BROWSER }, SOON, answers);
}

#[test]
fn the_right_browser_redeems_once_what_was_confirmed() {
    let (early, done, used) = (Err(NotConfirmed), Ok(TicketStatus::Redeemed), Err(AlreadyUsed));
    let (cancelled, expired) = (Err(Cancelled), Err(Expired));
    let answers = [early, early, done, used, cancelled, cancelled, cancelled, expired, expired];
    check(&Event::Redeem { browser: RIGHT_BROWSER }, SOON, answers);
}

#[test]
fn a_wrong_browser_hears_the_same_in_every_state_at_every_time() {
    for now in [SOON, at_the_end()] {
        check(&Event::Abandon { browser: WRONG_BROWSER }, now, [Err(WrongBrowser); 9]);
        check(&Event::Redeem { browser: WRONG_BROWSER }, now, [Err(WrongBrowser); 9]);
    }
}

#[test]
fn time_ends_what_is_not_final_and_nothing_else() {
    let last_moment = at_the_end() - Duration::from_millis(1);
    check(&Event::Expire, last_moment, [Err(NotExpired); 9]);
    let (over, no) = (Ok(TicketStatus::Expired), Err(NotExpired));
    check(&Event::Expire, at_the_end(), [over, over, over, no, no, no, no, no, no]);
}

#[test]
fn at_the_end_the_answer_is_expired_unless_another_end_came_first() {
    let (over, used, cancelled) = (Err(Expired), Err(AlreadyUsed), Err(Cancelled));
    let answers = [over, over, over, used, cancelled, cancelled, cancelled, over, over];
    for event in [scan(0), Event::Redeem { browser: RIGHT_BROWSER }, Event::Abandon { browser: RIGHT_BROWSER }] {
        check(&event, at_the_end(), answers);
    }
    let declined = Err(AlreadyDecided);
    let answers = [over, over, over, used, declined, cancelled, cancelled, over, over];
    for event in [Event::Confirm(decision(0, HELD)), Event::Cancel(decision(0, HELD))] {
        check(&event, at_the_end(), answers);
    }
}

#[test]
fn the_last_moment_is_still_in_time() {
    let last_moment = at_the_end() - Duration::from_millis(1);
    let confirmed = TicketState::Confirmed { phone: phone(0) };
    let redeem = Event::Redeem { browser: RIGHT_BROWSER };
    assert_eq!(outcome(confirmed.clone(), redeem.clone(), last_moment), Ok(TicketStatus::Redeemed));
    assert_eq!(outcome(confirmed, redeem, at_the_end()), Err(Expired));
    assert_eq!(outcome(TicketState::Pending, scan(0), last_moment), Ok(TicketStatus::Scanned));
}

#[test]
fn a_second_scan_kills_the_first_token() {
    let once = apply(&fresh(), Event::Scan { phone: phone(0), confirm: token(1) }, SOON).unwrap();
    let twice = apply(&once, Event::Scan { phone: phone(0), confirm: token(2) }, SOON).unwrap();
    assert_eq!(apply(&twice, Event::Confirm(decision(0, 1)), SOON), Err(InvalidConfirmToken));
    let confirmed = apply(&twice, Event::Confirm(decision(0, 2)), SOON).unwrap();
    assert_eq!(apply(&confirmed, Event::Confirm(decision(0, 2)), SOON), Err(AlreadyDecided));
    assert_eq!(confirmed.version, 3);
}

#[test]
fn a_secret_is_never_in_a_debug_print() {
    let scanned = apply(&fresh(), Event::Scan { phone: phone(0), confirm: token(0xab) }, SOON).unwrap();
    let text = format!("{scanned:?} {scanned:#?}");
    assert!(!text.contains("171") && !text.contains("176") && !text.to_lowercase().contains("abab"), "{text}");
}
