//! The contract of [`TicketStore`].

use super::samples::{MINUTE, device_ticket, phone, scanned, ticket};
use clock::now;
use domain::ids::{SecretHash, TicketId};
use domain::ticket::{Cancellation, Ticket, TicketState};
use domain::time::Timestamp;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use store::{StoreError, Swap, TicketStore};

type Store = Arc<dyn TicketStore>;

macro_rules! ticket_contract {
    ($backend:ident) => {
        contract! { tickets, $backend:
            it_responds
            a_ticket_is_read_back_whole_in_every_state
            an_unknown_ticket_is_none
            a_ticket_is_added_once
            concurrent_adds_of_a_ticket_succeed_once
            a_swap_replaces_the_previous_version
            a_swap_of_any_other_version_is_lost_and_changes_nothing
            a_swap_of_an_unknown_ticket_is_lost_and_adds_nothing
            a_swap_touches_no_other_ticket
            concurrent_swaps_of_one_version_succeed_once
            no_concurrent_change_is_lost
            a_user_code_leads_to_its_ticket_in_every_state
            a_user_code_is_given_to_one_ticket
            concurrent_adds_with_one_user_code_succeed_once
        }
    };
}
macro_rules! ticket_sweeping_contract {
    ($backend:ident) => {
        contract! { tickets, $backend:
            tickets_past_their_expiry_are_overdue_unless_final
            only_tickets_that_ended_long_ago_are_deleted
            a_user_code_is_free_again_after_its_ticket_expired
        }
    };
}
pub(super) use {ticket_contract as contract, ticket_sweeping_contract as sweeping_contract};

async fn inserted(store: &Store, ticket: Ticket) -> Ticket {
    store.insert(Arc::new(ticket.clone())).await.unwrap();
    ticket
}

async fn stored(store: &Store, id: TicketId) -> Option<Ticket> {
    store.get(id).await.unwrap().map(|ticket| (*ticket).clone())
}

async fn swap(store: &Store, next: &Ticket) -> Swap {
    store.swap(Arc::new(next.clone())).await.unwrap()
}

fn every_state() -> Vec<TicketState> {
    let (phone, confirm) = (phone(), SecretHash::new([7; 32]));
    vec![
        TicketState::Pending,
        TicketState::Scanned { phone: phone.clone(), confirm, at: now() },
        TicketState::Confirmed {
            phone: phone.clone(),
            confirm: Some(confirm),
            confirm_person: true,
            at: Timestamp::from_millis(0),
        },
        TicketState::Redeemed { phone: phone.clone(), confirm: Some(confirm), at: now() },
        TicketState::Cancelled { by: Cancellation::Phone { phone: phone.clone(), confirm: Some(confirm) } },
        TicketState::Cancelled { by: Cancellation::Browser { phone: None } },
        TicketState::Cancelled { by: Cancellation::Browser { phone: Some(phone.clone()) } },
        TicketState::Expired { phone: None },
        TicketState::Expired { phone: Some(phone) },
    ]
}

pub async fn it_responds(store: &Store) {
    store.ping().await.unwrap();
}

pub async fn a_ticket_is_read_back_whole_in_every_state(store: &Store) {
    for state in every_state() {
        let fresh = inserted(store, ticket()).await;
        assert_eq!(stored(store, fresh.id).await.as_ref(), Some(&fresh));
        let next = Ticket { version: 1, state, ..fresh };
        assert_eq!(swap(store, &next).await, Swap::Done);
        assert_eq!(stored(store, next.id).await, Some(next));
    }
}

pub async fn an_unknown_ticket_is_none(store: &Store) {
    inserted(store, ticket()).await;
    assert_eq!(stored(store, ticket().id).await, None);
}

pub async fn a_ticket_is_added_once(store: &Store) {
    let first = inserted(store, ticket()).await;
    let second = Ticket { browser: SecretHash::new([2; 32]), ..first.clone() };
    assert!(matches!(store.insert(Arc::new(second)).await, Err(StoreError::Exists)));
    assert_eq!(stored(store, first.id).await, Some(first));
}

pub async fn concurrent_adds_of_a_ticket_succeed_once(store: &Store) {
    for _ in 0..10 {
        let ticket = Arc::new(ticket());
        let outcomes = join_all((0..16).map(|_| {
            let (store, ticket) = (Arc::clone(store), Arc::clone(&ticket));
            tokio::spawn(async move { store.insert(ticket).await })
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.iter().all(|outcome| matches!(outcome, Err(StoreError::Exists))));
    }
}

pub async fn a_swap_replaces_the_previous_version(store: &Store) {
    let mut current = inserted(store, ticket()).await;
    for token in 0..5 {
        let next = scanned(&current, token);
        assert_eq!(swap(store, &next).await, Swap::Done);
        assert_eq!(stored(store, current.id).await.as_ref(), Some(&next));
        current = next;
    }
    assert_eq!(current.version, 5);
}

pub async fn a_swap_of_any_other_version_is_lost_and_changes_nothing(store: &Store) {
    let fresh = inserted(store, ticket()).await;
    let first = scanned(&fresh, 1);
    let current = scanned(&first, 2);
    assert_eq!(swap(store, &first).await, Swap::Done);
    assert_eq!(swap(store, &current).await, Swap::Done);
    for version in [0, 1, 2, 4, u32::MAX] {
        let other = Ticket { version, ..scanned(&fresh, 9) };
        assert_eq!(swap(store, &other).await, Swap::Lost, "version {version}");
        assert_eq!(stored(store, fresh.id).await.as_ref(), Some(&current));
    }
}

pub async fn a_swap_of_an_unknown_ticket_is_lost_and_adds_nothing(store: &Store) {
    let unknown = ticket();
    for next in [unknown.clone(), scanned(&unknown, 1)] {
        assert_eq!(swap(store, &next).await, Swap::Lost);
        assert_eq!(stored(store, next.id).await, None);
    }
}

pub async fn a_swap_touches_no_other_ticket(store: &Store) {
    let (one, other) = (inserted(store, ticket()).await, inserted(store, ticket()).await);
    assert_eq!(swap(store, &scanned(&one, 1)).await, Swap::Done);
    assert_eq!(stored(store, other.id).await, Some(other));
}

pub async fn concurrent_swaps_of_one_version_succeed_once(store: &Store) {
    for _ in 0..10 {
        let fresh = inserted(store, ticket()).await;
        let outcomes = join_all((0..32).map(|token| {
            let (store, next) = (Arc::clone(store), scanned(&fresh, token));
            tokio::spawn(async move { (store.swap(Arc::new(next.clone())).await.unwrap(), next) })
        }))
        .await;
        let mut won: Vec<Ticket> = outcomes
            .into_iter()
            .map(Result::unwrap)
            .filter(|(swap, _)| *swap == Swap::Done)
            .map(|(_, next)| next)
            .collect();
        assert_eq!(won.len(), 1);
        assert_eq!(stored(store, fresh.id).await, won.pop(), "the winner's version is stored");
    }
}

pub async fn no_concurrent_change_is_lost(store: &Store) {
    const TASKS: u8 = 8;
    const CHANGES: u32 = 25;
    let fresh = inserted(store, ticket()).await;
    let tasks = (0..TASKS).map(|token| {
        let (store, id) = (Arc::clone(store), fresh.id);
        tokio::spawn(async move {
            let mut done = 0;
            while done < CHANGES {
                let current = store.get(id).await.unwrap().unwrap();
                if store.swap(Arc::new(scanned(&current, token))).await.unwrap() == Swap::Done {
                    done += 1;
                }
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(stored(store, fresh.id).await.unwrap().version, u32::from(TASKS) * CHANGES);
}

/// A time long before those of any other test.
const LONG_AGO: Timestamp = Timestamp::from_millis(1_000_000_000_000);

fn ended(at: Timestamp, state: TicketState) -> Ticket {
    Ticket { created_at: at - MINUTE, expires_at: at, state, ..ticket() }
}

pub async fn tickets_past_their_expiry_are_overdue_unless_final(store: &Store) {
    let living = inserted(store, ticket()).await;
    for state in every_state() {
        let is_final = state.status().is_final();
        let ticket = inserted(store, ended(LONG_AGO, state)).await;
        for (now, is_over) in
            [(LONG_AGO - Duration::from_millis(1), false), (LONG_AGO, true), (LONG_AGO + MINUTE, true)]
        {
            let overdue = store.overdue(now).await.unwrap();
            assert_eq!(overdue.contains(&ticket.id), is_over && !is_final, "{:?}", ticket.state);
            assert!(!overdue.contains(&living.id));
        }
    }
}

pub async fn only_tickets_that_ended_long_ago_are_deleted(store: &Store) {
    let living = inserted(store, ticket()).await;
    for state in every_state() {
        let just_over = inserted(store, ended(LONG_AGO - Duration::from_millis(1), state.clone())).await;
        let not_yet = inserted(store, ended(LONG_AGO, state)).await;
        store.forget(LONG_AGO).await.unwrap();
        assert_eq!(stored(store, just_over.id).await, None);
        assert_eq!(stored(store, not_yet.id).await.as_ref(), Some(&not_yet));
    }
    assert_eq!(stored(store, living.id).await, Some(living));
}

pub async fn a_user_code_leads_to_its_ticket_in_every_state(store: &Store) {
    let fresh = inserted(store, device_ticket()).await;
    let other = inserted(store, device_ticket()).await;
    inserted(store, ticket()).await;
    let code = fresh.device.as_ref().unwrap().user_code;
    let found = async || store.by_user_code(code).await.unwrap().map(|ticket| (*ticket).clone());
    assert_eq!(found().await.as_ref(), Some(&fresh));
    let next = scanned(&fresh, 1);
    assert_eq!(swap(store, &next).await, Swap::Done);
    assert_eq!(found().await, Some(next));
    let unknown = device_ticket().device.unwrap().user_code;
    assert_eq!(store.by_user_code(unknown).await.unwrap(), None);
    assert_eq!(store.by_user_code(other.device.as_ref().unwrap().user_code).await.unwrap().as_deref(), Some(&other));
}

pub async fn a_user_code_is_given_to_one_ticket(store: &Store) {
    let first = inserted(store, device_ticket()).await;
    let second = Ticket { device: first.device.clone(), ..device_ticket() };
    assert!(matches!(store.insert(Arc::new(second.clone())).await, Err(StoreError::Exists)));
    assert_eq!(stored(store, second.id).await, None);
    let code = first.device.as_ref().unwrap().user_code;
    assert_eq!(store.by_user_code(code).await.unwrap().as_deref(), Some(&first));
}

pub async fn concurrent_adds_with_one_user_code_succeed_once(store: &Store) {
    for _ in 0..10 {
        let device = device_ticket().device;
        let outcomes = join_all((0..16).map(|_| {
            let (store, ticket) = (Arc::clone(store), Ticket { device: device.clone(), ..device_ticket() });
            tokio::spawn(async move { store.insert(Arc::new(ticket)).await.is_ok() })
        }))
        .await;
        assert_eq!(outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count(), 1);
    }
}

pub async fn a_user_code_is_free_again_after_its_ticket_expired(store: &Store) {
    let old = inserted(store, Ticket { created_at: LONG_AGO, expires_at: LONG_AGO + MINUTE, ..device_ticket() }).await;
    let at = |created_at| Ticket { created_at, device: old.device.clone(), ..device_ticket() };
    let early = at(LONG_AGO + MINUTE - Duration::from_millis(1));
    assert!(matches!(store.insert(Arc::new(early)).await, Err(StoreError::Exists)));
    let next = inserted(store, at(LONG_AGO + MINUTE)).await;
    let code = old.device.as_ref().unwrap().user_code;
    assert_eq!(store.by_user_code(code).await.unwrap().as_deref(), Some(&next));
    store.forget(next.expires_at + MINUTE).await.unwrap();
    assert_eq!(store.by_user_code(code).await.unwrap(), None);
}
