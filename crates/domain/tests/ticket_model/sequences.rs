//! Random sequences of events. A model that knows only what the people involved could know runs beside each one; after
//! every step both must agree.

use super::arrows::check_success;
use super::people::{PHONES, RIGHT_BROWSER, START, TTL, WRONG_BROWSER, decision, fresh, phone, token};
use domain::ticket::{Event, Ticket, TicketStatus, TransitionError, apply};
use domain::time::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

/// One step of a sequence.
#[derive(Clone, Copy, Debug)]
enum Act {
    Scan(usize),
    Confirm(usize, Presented),
    Cancel(usize, Presented),
    Abandon(Browser),
    Redeem(Browser),
    Expire,
}

/// Which of the confirm tokens issued so far is sent.
#[derive(Clone, Copy, Debug)]
enum Presented {
    Latest,
    Earlier,
    Invented,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Browser {
    Right,
    Wrong,
}

/// How the clock moves before a step.
#[derive(Clone, Copy, Debug)]
enum Tick {
    By(u64),
    ToTheLastMoment,
    ToTheEnd,
}

fn acts() -> impl Strategy<Value = Act> {
    // The first phone acts most often, so that tickets make progress.
    let phones = prop_oneof![4 => Just(0_usize), 1 => 0..PHONES];
    let presented =
        prop_oneof![4 => Just(Presented::Latest), 1 => Just(Presented::Earlier), 1 => Just(Presented::Invented)];
    let browsers = prop_oneof![3 => Just(Browser::Right), 1 => Just(Browser::Wrong)];
    prop_oneof![
        4 => phones.clone().prop_map(Act::Scan),
        4 => (phones.clone(), presented.clone()).prop_map(|(phone, token)| Act::Confirm(phone, token)),
        1 => (phones, presented).prop_map(|(phone, token)| Act::Cancel(phone, token)),
        1 => browsers.clone().prop_map(Act::Abandon),
        4 => browsers.prop_map(Act::Redeem),
        1 => Just(Act::Expire),
    ]
}

fn ticks() -> impl Strategy<Value = Tick> {
    prop_oneof![
        12 => (0..5_000_u64).prop_map(Tick::By),
        1 => (0..200_000_u64).prop_map(Tick::By),
        1 => Just(Tick::ToTheLastMoment),
        1 => Just(Tick::ToTheEnd),
    ]
}

/// What the people involved know.
#[derive(Debug)]
struct Model {
    now: Timestamp,
    status: TicketStatus,
    owner: Option<usize>,
    issued: Vec<u8>,
    /// The owner's decision, and with which token.
    decided: Option<(Choice, u8)>,
    redeemed_at: Option<Timestamp>,
    redeems: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Confirm,
    Cancel,
}

impl Model {
    fn new() -> Self {
        Self {
            now: START,
            status: TicketStatus::Pending,
            owner: None,
            issued: Vec::new(),
            decided: None,
            redeemed_at: None,
            redeems: 0,
        }
    }

    fn tick(&mut self, tick: Tick) {
        let end = START + TTL;
        self.now = match tick {
            Tick::By(millis) => self.now + Duration::from_millis(millis),
            Tick::ToTheLastMoment => self.now.max(end - Duration::from_millis(1)),
            Tick::ToTheEnd => self.now.max(end),
        };
    }

    fn is_over(&self) -> bool {
        self.now >= START + TTL
    }

    /// Returns the status that the ticket must have now.
    fn seen_status(&self) -> TicketStatus {
        if self.is_over() && !self.status.is_final() { TicketStatus::Expired } else { self.status }
    }

    fn pick(&self, presented: Presented) -> u8 {
        match presented {
            Presented::Latest => self.issued.last().copied().unwrap_or(0),
            // Zero is never issued.
            Presented::Earlier => self.issued.iter().rev().nth(1).copied().unwrap_or(0),
            Presented::Invented => 0,
        }
    }

    fn event(&self, act: Act) -> Event {
        let hash = |browser| if browser == Browser::Right { RIGHT_BROWSER } else { WRONG_BROWSER };
        match act {
            Act::Scan(number) => Event::Scan { phone: phone(number), confirm: token(self.next_token()) },
            Act::Confirm(number, presented) => Event::Confirm(decision(number, self.pick(presented))),
            Act::Cancel(number, presented) => Event::Cancel(decision(number, self.pick(presented))),
            Act::Abandon(browser) => Event::Abandon { browser: hash(browser) },
            Act::Redeem(browser) => Event::Redeem { browser: hash(browser) },
            Act::Expire => Event::Expire,
        }
    }

    fn next_token(&self) -> u8 {
        u8::try_from(self.issued.len() + 1).unwrap()
    }

    /// Returns whether the act was done before and may be repeated, because the response may have been lost.
    fn is_repeat(&self, act: Act) -> bool {
        let decided = |number, presented, choice| {
            self.owner == Some(number) && self.decided == Some((choice, self.pick(presented)))
        };
        match act {
            Act::Confirm(number, presented) => {
                decided(number, presented, Choice::Confirm)
                    && matches!(self.seen_status(), TicketStatus::Confirmed | TicketStatus::Redeemed)
            }
            Act::Cancel(number, presented) => decided(number, presented, Choice::Cancel),
            Act::Redeem(Browser::Right) => self.redeemed_at.is_some_and(|at| self.now < at + Duration::from_secs(30)),
            _ => false,
        }
    }

    /// Returns the status that the act must lead to, or `None` if it must be refused.
    fn outcome(&self, act: Act) -> Option<TicketStatus> {
        use TicketStatus::{Cancelled, Confirmed, Expired, Pending, Redeemed, Scanned};
        if self.is_repeat(act) {
            return Some(self.status);
        }
        let decides = |number, presented| {
            self.status == Scanned
                && self.owner == Some(number)
                && !self.issued.is_empty()
                && self.pick(presented) == self.issued[self.issued.len() - 1]
        };
        let (allowed, next) = match act {
            Act::Scan(number) => match self.status {
                Pending => (true, Scanned),
                Scanned => (self.owner == Some(number), Scanned),
                _ => (false, Scanned),
            },
            Act::Confirm(number, presented) => (decides(number, presented), Confirmed),
            Act::Cancel(number, presented) => (decides(number, presented), Cancelled),
            Act::Abandon(browser) => (browser == Browser::Right && matches!(self.status, Pending | Scanned), Cancelled),
            Act::Redeem(browser) => (browser == Browser::Right && self.status == Confirmed, Redeemed),
            Act::Expire => return (self.is_over() && !self.status.is_final()).then_some(Expired),
        };
        (allowed && !self.is_over()).then_some(next)
    }

    fn note(&mut self, act: Act, status: TicketStatus) {
        match act {
            Act::Scan(number) => {
                self.issued.push(self.next_token());
                self.owner = Some(number);
            }
            Act::Confirm(_, presented) => self.decided = Some((Choice::Confirm, self.pick(presented))),
            Act::Cancel(_, presented) => self.decided = Some((Choice::Cancel, self.pick(presented))),
            Act::Redeem(_) => {
                self.redeems += 1;
                self.redeemed_at = Some(self.now);
            }
            _ => {}
        }
        self.status = status;
    }
}

fn check_refusal(model: &Model, act: Act, error: TransitionError) -> Result<(), TestCaseError> {
    if let Act::Abandon(Browser::Wrong) | Act::Redeem(Browser::Wrong) = act {
        prop_assert_eq!(error, TransitionError::WrongBrowser, "a stranger learns nothing else");
        return Ok(());
    }
    prop_assert_ne!(error, TransitionError::WrongBrowser, "the right browser is never called wrong");
    if let (Act::Confirm(number, _) | Act::Cancel(number, _), Some(owner)) = (act, model.owner) {
        prop_assert_eq!(error == TransitionError::WrongDevice, owner != number, "{:?}", error);
        if owner != number {
            return Ok(());
        }
    }
    if model.seen_status() == TicketStatus::Expired && !matches!(act, Act::Expire) {
        prop_assert_eq!(error, TransitionError::Expired, "time comes before the state");
    }
    Ok(())
}

fn check_view(ticket: &Ticket, model: &Model) -> Result<(), TestCaseError> {
    let view = ticket.view(model.now);
    prop_assert_eq!(ticket.status_at(model.now), model.seen_status());
    prop_assert_eq!(view.status, model.seen_status());
    prop_assert_eq!(view.id, ticket.id);
    prop_assert_eq!(view.account, model.owner.map(|number| phone(number).profile));
    prop_assert_eq!(view.expires_in == 0, view.status.is_final(), "{} s left", view.expires_in);
    prop_assert_eq!(ticket.is_overdue(model.now), model.is_over() && !model.status.is_final());
    Ok(())
}

/// Performs one act and checks its effects.
fn step(ticket: &mut Ticket, model: &mut Model, act: Act) -> Result<(), TestCaseError> {
    let before = ticket.clone();
    let outcome = apply(ticket, model.event(act), model.now);
    prop_assert_eq!(&*ticket, &before, "the ticket that was read never changes");
    let expected = model.outcome(act);
    prop_assert_eq!(outcome.as_ref().ok().map(|next| next.state.status()), expected, "{:?} at {:?}", act, model);
    match outcome {
        Ok(next) if model.is_repeat(act) => {
            prop_assert_eq!(&next, &before, "a repeat changes nothing");
        }
        Ok(next) => {
            prop_assert!(!before.state.status().is_final(), "nothing follows {:?}", before.state);
            check_success(&before, &next)?;
            model.note(act, next.state.status());
            *ticket = next;
        }
        Err(error) => check_refusal(model, act, error)?,
    }
    prop_assert!(model.redeems <= 1);
    check_view(ticket, model)?;
    let stored = serde_json::to_string(&*ticket).unwrap();
    prop_assert_eq!(
        &serde_json::from_str::<Ticket>(&stored).unwrap(),
        &*ticket,
        "a store round trip changes the ticket"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_sequence_of_events_agrees_with_the_model(life in proptest::collection::vec((ticks(), acts()), 1..40)) {
        let mut ticket = fresh();
        let mut model = Model::new();
        for (tick, act) in life {
            model.tick(tick);
            check_view(&ticket, &model)?;
            step(&mut ticket, &mut model, act)?;
        }
    }
}

#[test]
fn random_sequences_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..400 {
        let life = proptest::collection::vec((ticks(), acts()), 1..40).new_tree(&mut runner).unwrap().current();
        let mut ticket = fresh();
        let mut model = Model::new();
        for (tick, act) in life {
            model.tick(tick);
            seen.insert(model.status);
            step(&mut ticket, &mut model, act).unwrap();
        }
        seen.insert(model.status);
    }
    assert_eq!(seen.len(), 6, "the sequences do not reach every state: {seen:?}");
}
