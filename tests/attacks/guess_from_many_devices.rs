//! A phisher got one sign-in approved and wants the password as well. A device that has signed in before has its own
//! limit on guesses, so they want one PC to count as many devices: they redeem the same approval again and again, each
//! time as a browser with no cookie but the one that binds the ticket.

use super::server::Server;
use std::collections::HashSet;
use testkit::{Client, Pc, Phone};

#[tokio::test]
async fn one_approval_yields_one_device() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "victim").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let binding = pc.0.cookie("qr_browser").unwrap();
    let mut devices = HashSet::new();
    for _ in 0..20 {
        let again = Client::new(&server);
        again.plant("qr_browser", &binding);
        Pc(again.clone()).redeem(&id).await.ok();
        devices.insert(again.cookie("qr_known").unwrap());
    }
    assert_eq!(devices.len(), 1);
}
