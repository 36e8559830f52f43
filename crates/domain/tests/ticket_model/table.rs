//! The exact result of every event in every state.

use super::people::{RIGHT_BROWSER, START, TTL, WRONG_BROWSER, decision, fresh, phone, token};
use domain::account::Profile;
use domain::ids::AccountId;
use domain::ticket::TransitionError::{
    AlreadyDecided, AlreadyScanned, AlreadyUsed, Cancelled, Expired, InvalidConfirmToken, NotConfirmed, NotExpired,
    NotScanned, WrongBrowser, WrongDevice,
};
use domain::ticket::{Cancellation, Decision, Event, Phone, Ticket, TicketState, TicketStatus, TransitionError, apply};
use domain::time::Timestamp;
use std::time::Duration;

const SOON: Timestamp = Timestamp::from_millis(START.as_millis() + 1);
/// The token of the owner, phone 0.
const HELD: u8 = 1;

pub fn at_the_end() -> Timestamp {
    START + TTL
}

/// Returns one state of each kind. If a phone owns it, it is phone 0.
fn states() -> [(&'static str, TicketState); 9] {
    let (owner, held) = (phone(0), Some(token(HELD)));
    [
        ("pending", TicketState::Pending),
        ("scanned", TicketState::Scanned { phone: owner.clone(), confirm: token(HELD), at: START }),
        ("confirmed", TicketState::Confirmed { phone: owner.clone(), confirm: held, confirm_person: false, at: START }),
        ("redeemed", TicketState::Redeemed { phone: owner.clone(), confirm: held, at: START }),
        ("declined", TicketState::Cancelled { by: Cancellation::Phone { phone: owner.clone(), confirm: held } }),
        ("abandoned", TicketState::Cancelled { by: Cancellation::Browser { phone: None } }),
        ("abandoned, scanned", TicketState::Cancelled { by: Cancellation::Browser { phone: Some(owner.clone()) } }),
        ("expired", TicketState::Expired { phone: None }),
        ("expired, scanned", TicketState::Expired { phone: Some(owner) }),
    ]
}

fn outcome(state: TicketState, event: Event, now: Timestamp) -> Result<TicketStatus, TransitionError> {
    apply(&Ticket { state, ..fresh() }, event, now).map(|ticket| ticket.state.status())
}

/// Checks the results of `event` in all states, in the order of [`states`].
fn check(event: &Event, now: Timestamp, answers: [Result<TicketStatus, TransitionError>; 9]) {
    for ((name, state), answer) in states().into_iter().zip(answers) {
        assert_eq!(outcome(state, event.clone(), now), answer, "{name}, {event:?}");
    }
}

pub fn scan(number: usize) -> Event {
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
fn the_owner_with_the_right_token_decides_once_and_may_repeat_that() {
    use TicketStatus as To;
    let (early, decided) = (Err(NotScanned), Err(AlreadyDecided));
    let (given_up, expired) = (Err(Cancelled), Err(Expired));
    let confirm = Event::Confirm(decision(0, HELD));
    let (done, same, used) = (Ok(To::Confirmed), Ok(To::Confirmed), Ok(To::Redeemed));
    check(&confirm, SOON, [early, done, same, used, decided, given_up, given_up, expired, expired]);
    let cancel = Event::Cancel(decision(0, HELD));
    let (done, same) = (Ok(To::Cancelled), Ok(To::Cancelled));
    check(&cancel, SOON, [early, done, decided, decided, same, given_up, given_up, expired, expired]);
}

/// Returns phone 0 with a later session and another name.
fn renamed() -> Phone {
    let profile = Profile { display_name: "Dong Wei".to_owned(), avatar_url: Some("https://a.example/1.png".into()) };
    Phone { session: Some(uuid::Uuid::from_u128(999).into()), profile, ..phone(0) }
}

#[test]
fn every_transition_leads_to_exactly_this_state() {
    let [(_, pending), (_, scanned), (_, confirmed), ..] = states();
    let (owner, held) = (phone(0), Some(token(HELD)));
    let late = START + Duration::from_secs(60);
    let abandon = || Event::Abandon { browser: RIGHT_BROWSER };
    for (from, event, now, to) in [
        (&pending, scan(0), late, TicketState::Scanned { phone: owner.clone(), confirm: token(9), at: late }),
        // The owner's second scan replaces everything that the first one stored.
        (
            &scanned,
            Event::Scan { phone: renamed(), confirm: token(9) },
            late,
            TicketState::Scanned { phone: renamed(), confirm: token(9), at: late },
        ),
        (
            &scanned,
            Event::Confirm(decision(0, HELD)),
            late,
            TicketState::Confirmed { phone: owner.clone(), confirm: held, confirm_person: false, at: late },
        ),
        (
            &scanned,
            Event::Cancel(decision(0, HELD)),
            late,
            TicketState::Cancelled { by: Cancellation::Phone { phone: owner.clone(), confirm: held } },
        ),
        (&pending, abandon(), late, TicketState::Cancelled { by: Cancellation::Browser { phone: None } }),
        (
            &scanned,
            abandon(),
            late,
            TicketState::Cancelled { by: Cancellation::Browser { phone: Some(owner.clone()) } },
        ),
        (
            &confirmed,
            Event::Redeem { browser: RIGHT_BROWSER },
            late,
            TicketState::Redeemed { phone: owner.clone(), confirm: held, at: late },
        ),
        (&pending, Event::Expire, at_the_end(), TicketState::Expired { phone: None }),
        (&scanned, Event::Expire, at_the_end(), TicketState::Expired { phone: Some(owner.clone()) }),
        (&confirmed, Event::Expire, at_the_end(), TicketState::Expired { phone: Some(owner.clone()) }),
    ] {
        let before = Ticket { state: from.clone(), version: 3, ..fresh() };
        let after = apply(&before, event.clone(), now).unwrap();
        assert_eq!(after, Ticket { state: to, version: 4, ..before }, "{event:?}");
    }
}

#[test]
fn a_repeated_event_leaves_the_ticket_and_its_version_unchanged() {
    let [_, _, (_, confirmed), (_, redeemed), (_, declined), ..] = states();
    for (state, event) in [
        (confirmed, Event::Confirm(decision(0, HELD))),
        (redeemed.clone(), Event::Confirm(decision(0, HELD))),
        (redeemed, Event::Redeem { browser: RIGHT_BROWSER }),
        (declined, Event::Cancel(decision(0, HELD))),
    ] {
        let ticket = Ticket { state, version: 3, ..fresh() };
        assert_eq!(apply(&ticket, event, SOON), Ok(ticket));
    }
}

#[test]
fn a_redeem_may_be_repeated_for_thirty_seconds() {
    let [_, _, (_, confirmed), ..] = states();
    let redeem = || Event::Redeem { browser: RIGHT_BROWSER };
    // Redeemed at the last moment, so that the repeat comes after the ticket's own expiry.
    let at = at_the_end() - Duration::from_millis(1);
    let redeemed = apply(&Ticket { state: confirmed, ..fresh() }, redeem(), at).unwrap();
    for (after, answer) in [(0, Ok(&redeemed)), (29_999, Ok(&redeemed)), (30_000, Err(AlreadyUsed))] {
        assert_eq!(apply(&redeemed, redeem(), at + Duration::from_millis(after)).as_ref(), answer.as_ref().map(|t| *t));
    }
    assert_eq!(apply(&redeemed, Event::Redeem { browser: WRONG_BROWSER }, at), Err(WrongBrowser));
}

#[test]
fn the_session_that_decides_is_stored_not_the_one_that_scanned() {
    let [_, (_, scanned), ..] = states();
    let later = Some(uuid::Uuid::from_u128(999).into());
    for event in [
        Event::Confirm(Decision { session: later, ..decision(0, HELD) }),
        Event::Cancel(Decision { session: later, ..decision(0, HELD) }),
    ] {
        let next = apply(&Ticket { state: scanned.clone(), ..fresh() }, event, SOON).unwrap();
        assert_eq!(next.state.phone().unwrap().session, later);
    }
}

#[test]
fn tickets_stored_by_earlier_versions_are_read() {
    let phone = r#"{"account":"00000000-0000-0000-0000-000000000001","device":"first",
        "profile":{"display_name":"Dong","avatar_url":null}}"#;
    let hash = serde_json::to_string(&token(HELD)).unwrap();
    for (state, status) in [
        (format!(r#"{{"status":"scanned","phone":{phone},"confirm":{hash}}}"#), TicketStatus::Scanned),
        (format!(r#"{{"status":"confirmed","phone":{phone}}}"#), TicketStatus::Confirmed),
        (format!(r#"{{"status":"redeemed","phone":{phone}}}"#), TicketStatus::Redeemed),
        (format!(r#"{{"status":"cancelled","by":{{"party":"phone","phone":{phone}}}}}"#), TicketStatus::Cancelled),
    ] {
        let state: TicketState = serde_json::from_str(&state).unwrap();
        assert_eq!(state.status(), status);
        assert!(state.phone().unwrap().is(phone_account(), &"first".parse().unwrap()));
        // Fields that those versions did not store prove nothing.
        let repeat = outcome(state, Event::Redeem { browser: RIGHT_BROWSER }, SOON);
        assert_ne!(repeat.is_ok(), status != TicketStatus::Confirmed, "{status:?}");
    }
}

fn phone_account() -> AccountId {
    phone(0).account
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
fn the_right_browser_may_abandon_before_the_decision() {
    let (done, decided, used) = (Ok(TicketStatus::Cancelled), Err(AlreadyDecided), Err(AlreadyUsed));
    let (cancelled, expired) = (Err(Cancelled), Err(Expired));
    let answers = [done, done, decided, used, cancelled, cancelled, cancelled, expired, expired];
    check(&Event::Abandon { browser: RIGHT_BROWSER }, SOON, answers);
}

#[test]
fn the_right_browser_redeems_a_confirmed_ticket_once() {
    let (early, done, again) = (Err(NotConfirmed), Ok(TicketStatus::Redeemed), Ok(TicketStatus::Redeemed));
    let (cancelled, expired) = (Err(Cancelled), Err(Expired));
    let answers = [early, early, done, again, cancelled, cancelled, cancelled, expired, expired];
    check(&Event::Redeem { browser: RIGHT_BROWSER }, SOON, answers);
}

#[test]
fn a_wrong_browser_gets_the_same_error_in_every_state_at_every_time() {
    for now in [SOON, at_the_end()] {
        check(&Event::Abandon { browser: WRONG_BROWSER }, now, [Err(WrongBrowser); 9]);
        check(&Event::Redeem { browser: WRONG_BROWSER }, now, [Err(WrongBrowser); 9]);
    }
}

#[test]
fn only_tickets_that_are_not_final_expire() {
    let last_moment = at_the_end() - Duration::from_millis(1);
    check(&Event::Expire, last_moment, [Err(NotExpired); 9]);
    let (over, no) = (Ok(TicketStatus::Expired), Err(NotExpired));
    check(&Event::Expire, at_the_end(), [over, over, over, no, no, no, no, no, no]);
}

#[test]
fn at_its_expiry_a_ticket_is_expired_unless_it_ended_before() {
    let (over, used, cancelled) = (Err(Expired), Err(AlreadyUsed), Err(Cancelled));
    let answers = [over, over, over, used, cancelled, cancelled, cancelled, over, over];
    // Redeemed right after it was issued, 120 seconds ago: too long for a repeat.
    for event in [scan(0), Event::Redeem { browser: RIGHT_BROWSER }, Event::Abandon { browser: RIGHT_BROWSER }] {
        check(&event, at_the_end(), answers);
    }
    let (redeemed, decided) = (Ok(TicketStatus::Redeemed), Err(AlreadyDecided));
    let answers = [over, over, over, redeemed, decided, cancelled, cancelled, over, over];
    check(&Event::Confirm(decision(0, HELD)), at_the_end(), answers);
    let declined = Ok(TicketStatus::Cancelled);
    let answers = [over, over, over, decided, declined, cancelled, cancelled, over, over];
    check(&Event::Cancel(decision(0, HELD)), at_the_end(), answers);
}

#[test]
fn the_last_moment_is_still_in_time() {
    let last_moment = at_the_end() - Duration::from_millis(1);
    let confirmed = TicketState::Confirmed { phone: phone(0), confirm: None, confirm_person: false, at: START };
    let redeem = Event::Redeem { browser: RIGHT_BROWSER };
    assert_eq!(outcome(confirmed.clone(), redeem.clone(), last_moment), Ok(TicketStatus::Redeemed));
    assert_eq!(outcome(confirmed, redeem, at_the_end()), Err(Expired));
    assert_eq!(outcome(TicketState::Pending, scan(0), last_moment), Ok(TicketStatus::Scanned));
}

#[test]
fn a_second_scan_invalidates_the_first_token() {
    let once = apply(&fresh(), Event::Scan { phone: phone(0), confirm: token(1) }, SOON).unwrap();
    let twice = apply(&once, Event::Scan { phone: phone(0), confirm: token(2) }, SOON).unwrap();
    assert_eq!(apply(&twice, Event::Confirm(decision(0, 1)), SOON), Err(InvalidConfirmToken));
    let confirmed = apply(&twice, Event::Confirm(decision(0, 2)), SOON).unwrap();
    assert_eq!(apply(&confirmed, Event::Confirm(decision(0, 1)), SOON), Err(AlreadyDecided));
    assert_eq!(confirmed.version, 3);
}

#[test]
fn debug_output_contains_no_secret() {
    let scanned = apply(&fresh(), Event::Scan { phone: phone(0), confirm: token(0xab) }, SOON).unwrap();
    let text = format!("{scanned:?} {scanned:#?}");
    assert!(!text.contains("171") && !text.contains("176") && !text.to_lowercase().contains("abab"), "{text}");
}
