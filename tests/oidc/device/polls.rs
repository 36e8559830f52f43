//! How often a device may poll, how long a poll may last, and who gets the tokens.

use super::super::provider::*;
use super::{Device, prepare};
use crate::server::{until, within};
use std::time::Duration;
use testkit::Phone;

fn is_held(provider: &Provider) -> bool {
    let line = "qr_login_waiting_pcs{transport=\"long_poll\"} 1\n";
    provider.app.metrics.text().unwrap().contains(line)
}

#[tokio::test]
async fn m19_of_fifty_parallel_polls_one_gets_the_tokens() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let device = Device::new(&provider, "openid").await;
    phone.approve(&device.ticket).await;
    let polls = (0..50).map(|_| {
        let device = device.clone();
        tokio::spawn(async move { device.poll().await })
    });
    let mut tokens = 0;
    for poll in polls.collect::<Vec<_>>() {
        let answer = within(poll).await.unwrap();
        if answer.status.is_success() {
            tokens += 1;
        } else {
            oauth_error(&answer, 400, "invalid_grant");
        }
    }
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn m19_another_clients_code_is_worth_nothing_and_stays_as_it_is() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let device = Device::new(&provider, "openid").await;
    phone.approve(&device.ticket).await;
    oauth_error(&device.poll_as("closed").await, 400, "invalid_grant");
    device.poll().await.ok();
}

#[tokio::test]
async fn a_client_that_polls_too_fast_is_slowed_down_and_not_starved() {
    let (provider, hand) = Provider::limited().await;
    prepare(&provider);
    let device = Device::new(&provider, "openid").await;
    oauth_error(&device.poll().await, 400, "authorization_pending");
    for _ in 0..5 {
        // Refused polls are not counted.
        oauth_error(&device.poll().await, 400, "slow_down");
    }
    hand.advance(Duration::from_millis(3_999));
    oauth_error(&device.poll().await, 400, "slow_down");
    hand.advance(Duration::from_millis(1));
    oauth_error(&device.poll().await, 400, "authorization_pending");
    // Nor is the poll counted that another client sends.
    oauth_error(&device.poll_as("closed").await, 400, "invalid_grant");
    let phone = Phone::new(&*provider, "dong").await;
    phone.approve(&device.ticket).await;
    device.poll().await.ok();
}

/// Clients count from their own clocks, and networks delay requests differently.
#[tokio::test]
async fn clients_that_poll_as_told_are_never_slowed_down() {
    let (provider, hand) = Provider::limited().await;
    prepare(&provider);
    // Up to 300 ms early or late, the steepest changes included.
    let mut jitter =
        [0, 300, -300, 300, -300, 0, -299, 299].into_iter().chain((0..).map(|step| step * 211 % 601 - 300));
    // As many as fit into the life of a code, three hundred in all.
    for _ in 0..6 {
        let device = Device::new(&provider, "openid").await;
        let mut now = 0;
        for poll in 1..=50 {
            let due = poll * 5_000 + jitter.next().unwrap();
            hand.advance(Duration::from_millis((due - now).try_into().unwrap()));
            now = due;
            oauth_error(&device.poll().await, 400, "authorization_pending");
        }
    }
}

#[tokio::test]
async fn a_poll_is_held_on_request_until_the_decision() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let device = Device::new(&provider, "openid").await;
    let held = tokio::spawn({
        let device = device.clone();
        async move { device.wait("60").await }
    });
    until(|| is_held(&provider)).await;
    // A scan is no decision.
    let token = phone.token_for(&device.ticket).await;
    phone.confirm(&device.ticket, &token).await.ok();
    let answer = within(held).await.unwrap();
    assert_eq!(answer.header("preference-applied"), "wait=25");
    answer.ok();
}

#[tokio::test]
async fn a_poll_that_is_held_ends_when_the_person_declines_or_the_time_is_up() {
    let (provider, hand) = Provider::still().await;
    prepare(&provider);
    let phone = Phone::new(&*provider, "dong").await;
    let held = |device: &Device, seconds: &'static str| {
        let device = device.clone();
        tokio::spawn(async move { device.wait(seconds).await })
    };
    let waits = || is_held(&provider);
    let device = Device::new(&provider, "openid").await;
    let poll = held(&device, "10");
    until(waits).await;
    hand.advance(Duration::from_secs(10));
    oauth_error(&within(poll).await.unwrap(), 400, "authorization_pending");
    let poll = held(&device, "10");
    until(waits).await;
    let token = phone.token_for(&device.ticket).await;
    phone.cancel(&device.ticket, &token).await.ok();
    oauth_error(&within(poll).await.unwrap(), 400, "access_denied");
    let device = Device::new(&provider, "openid").await;
    assert!(device.wait("0").await.set_cookie("any").is_none());
}
