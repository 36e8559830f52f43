//! A thief photographs a device's screen: the QR code and the code beneath it. Or the device's own program, which was
//! allowed to know who a person is, wants to be signed in as that person here.

use super::devices::{Device, refused};
use super::server::Server;
use testkit::{Client, Pc, Phone};

#[tokio::test]
async fn what_the_screen_shows_is_worth_no_tokens() {
    let server = Server::start().await;
    let device = Device::new(&server).await;
    Phone::new(&server, "victim").await.approve(&device.ticket).await;
    let guesses = [
        device.ticket.clone(),
        device.user_code.clone(),
        format!("{}.{}", device.ticket, device.user_code),
        format!("{}.{}", device.ticket, "A".repeat(43)),
        format!("{}x", device.device_code),
    ];
    for guess in guesses {
        refused(&device.poll_with("tv", &guess).await, "invalid_grant");
    }
    device.poll().await.ok();
}

#[tokio::test]
async fn a_device_code_is_no_browsers_cookie() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "victim").await;
    let device = Device::new(&server).await;
    phone.approve(&device.ticket).await;
    let (_, secret) = device.device_code.split_once('.').unwrap();
    for cookie in [secret, &device.device_code, &format!("{secret}.{secret}")] {
        let pc = Pc(Client::new(&server).always("cookie", &format!("qr_browser={cookie}")));
        pc.redeem(&device.ticket).await.refused(403, "wrong_browser");
        pc.check(&device.ticket).await.refused(403, "wrong_browser");
        pc.abandon(&device.ticket).await.refused(403, "wrong_browser");
    }
}

#[tokio::test]
async fn a_browsers_code_yields_no_tokens() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "victim").await;
    let device = Device::new(&server).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let secret = pc.0.cookie("qr_browser").unwrap();
    refused(&device.poll_with("tv", &format!("{id}.{secret}")).await, "invalid_grant");
    pc.redeem(&id).await.ok();
}

#[tokio::test]
async fn a_devices_access_token_is_no_session() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "victim").await;
    let device = Device::new(&server).await;
    phone.approve(&device.ticket).await;
    let token = device.poll().await.text("access_token");
    for path in ["/api/userinfo", "/api/sessions"] {
        assert_eq!(testkit::bearer(&server, &token).get(path).await.status.as_u16(), 401);
    }
}
