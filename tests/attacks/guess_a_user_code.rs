//! An attacker with an account wants another person's device to be signed in to it, so that what that person does there
//! ends up with them: they type codes until one belongs to a device. Or they want to know which codes are in use.

use super::devices::Device;
use super::server::Server;
use std::time::Duration;
use testkit::{Client, browser_phone};

async fn typed(browser: &Client, code: &str) -> String {
    browser.post("/device", &[("user_code", code)]).await.header("location")
}

fn wrong(number: usize) -> String {
    let letters: Vec<char> = "BCDFGHJKLMNPQRSTVWXZ".chars().collect();
    format!("BBBB-BB{}{}", letters[number / 20], letters[number % 20])
}

#[tokio::test]
async fn an_account_has_ten_guesses_and_then_two_a_minute() {
    let (server, hand) = Server::still(&["--rate-limit", "on"]).await;
    let device = Device::new(&server).await;
    let phone = browser_phone(&server, "mallory").await;
    for number in 0..10 {
        assert!(typed(&phone, &wrong(number)).await.ends_with("error=ticket_not_found"));
    }
    assert!(typed(&phone, &device.user_code).await.ends_with("error=rate_limited"), "even the right one");
    hand.advance(Duration::from_secs(30));
    assert!(typed(&phone, &wrong(11)).await.ends_with("error=ticket_not_found"));
    assert!(typed(&phone, &device.user_code).await.ends_with("error=rate_limited"));
}

#[tokio::test]
async fn an_address_has_twenty_whatever_the_number_of_its_accounts() {
    let (server, _hand) = Server::still(&["--rate-limit", "on"]).await;
    let mut refused = 0;
    for account in ["mallory", "trudy", "eve"] {
        let phone = browser_phone(&server, account).await;
        for number in 0..10 {
            refused += usize::from(typed(&phone, &wrong(number)).await.ends_with("error=rate_limited"));
        }
    }
    assert_eq!(refused, 10);
}

#[tokio::test]
async fn a_code_that_was_in_use_looks_like_one_that_never_was() {
    let (server, hand) = Server::still(&[]).await;
    let expired = Device::new(&server).await;
    hand.advance(Duration::from_secs(300));
    let phone = browser_phone(&server, "mallory").await;
    let used = Device::new(&server).await;
    testkit::Phone::new(&server, "owner").await.approve(&used.ticket).await;
    used.poll().await.ok();
    for code in [&expired.user_code, &used.user_code, &wrong(1)] {
        let location = typed(&phone, code).await;
        assert_eq!(location, format!("/device?user_code={code}&error=ticket_not_found"));
        let page = phone.get(&location).await.body;
        assert!(page.contains("This code is wrong or has expired"), "{page}");
    }
}

#[tokio::test]
async fn a_stranger_learns_nothing_at_all() {
    let server = Server::start().await;
    let device = Device::new(&server).await;
    let stranger = Client::new(&server);
    for code in [device.user_code.as_str(), "BBBB-BBBB", "nonsense"] {
        assert!(typed(&stranger, code).await.ends_with("error=unauthenticated"));
    }
    let foreign = browser_phone(&server, "dong").await.always("origin", "https://evil.example");
    assert!(typed(&foreign, &device.user_code).await.ends_with("error=cross_origin"));
}
