//! One app has got hold of another's device code, and wants its tokens under its own name; or at least wants the other
//! to get none.

use super::devices::{Device, refused};
use super::server::Server;
use testkit::Phone;

#[tokio::test]
async fn it_gets_nothing_and_takes_nothing_away() {
    let (server, _hand) = Server::still(&["--rate-limit", "on"]).await;
    let phone = Phone::new(&server, "dong").await;
    let device = Device::new(&server).await;
    for _ in 0..5 {
        refused(&device.poll_with("thief", &device.device_code).await, "invalid_grant");
    }
    refused(&device.poll().await, "authorization_pending");
    phone.approve(&device.ticket).await;
    refused(&device.poll_with("thief", &device.device_code).await, "invalid_grant");
    device.poll().await.ok();
}
