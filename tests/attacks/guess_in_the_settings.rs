//! An attacker sits at a signed-in device, or has a stolen session, and guesses the password in the forms of the settings
//! instead of the sign-in's: one after another, in parallel, and by turns. All forms together have the same limit.

use super::server::{PASSWORD, Server};
use futures::future::join_all;
use testkit::{Answer, Client, Phone, browser_phone, sign_in, signed_in_pc};

/// The documented burst on a device that signed in before.
const ON_ONE_DEVICE: usize = 10;

async fn guess(client: &Client, form: usize, password: &str) -> Answer {
    match form % 3 {
        0 => {
            let fields = [("password", password), ("new_password", "battery staple")];
            client.post("/api/settings/password", &fields).await
        }
        1 => client.post("/api/settings/delete", &[("username", "owner"), ("password", password)]).await,
        _ => client.post("/api/step-up", &[("password", password)]).await,
    }
}

#[tokio::test]
async fn one_after_another_and_in_parallel() {
    let (server, _hand) = Server::still(&["--rate-limit", "on"]).await;
    let phone = Phone::new(&server, "owner").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    for attacker in [&browser_phone(&server, "owner").await, &pc.0] {
        let volley = (0..24).map(|form| guess(attacker, form, "wrong"));
        let answers = join_all(volley).await;
        let compared = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!(compared, ON_ONE_DEVICE);
        for form in 0..3 {
            guess(attacker, form, PASSWORD).await.refused(429, "rate_limited");
        }
    }
    // The owner's own device has its own limit.
    phone.client.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
}

/// Each attempt has its place in the queue for password hashes, so that they cannot fill it.
#[tokio::test]
async fn by_more_at_a_time_than_one_address_may_have() {
    let server = Server::with(&["--rate-limit", "on"]).await;
    let browser = browser_phone(&server, "owner").await;
    let address = Some([127, 0, 0, 1].into());
    let mut turns = Vec::new();
    while let Ok(turn) = server.app.passwords.turn(address) {
        turns.push(turn);
    }
    for form in 0..3 {
        guess(&browser, form, PASSWORD).await.refused(429, "rate_limited");
    }
    turns.clear();
    guess(&browser, 0, PASSWORD).await.ok();
    sign_in(&server, "owner").await.refused(401, "invalid_credentials");
}
