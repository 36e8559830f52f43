//! A phisher got the sign-in of their own PC approved. That session can be ended, and can do little. So they want it to
//! approve a device of theirs, whose tokens are a second foothold under a name that looks harmless.

use super::devices::{Device, refused};
use super::server::{PASSWORD, Server};
use testkit::{Phone, signed_in_pc};

#[tokio::test]
async fn a_pc_that_was_approved_by_a_code_approves_no_device_without_the_password() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "victim").await;
    let (pc, app) = signed_in_pc(&server, &phone).await;
    let device = Device::new(&server).await;
    for client in [&pc.0, &app] {
        client.post("/api/qrcode/scan", &[("id", &device.ticket)]).await.refused(403, "step_up_required");
        let typed = client.post("/device", &[("user_code", &device.user_code)]).await;
        assert!(typed.header("location").ends_with("error=step_up_required"));
    }
    refused(&device.poll().await, "authorization_pending");
    app.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
    let token = app.post("/api/qrcode/scan", &[("id", &device.ticket)]).await.text("confirm_token");
    app.post("/api/qrcode/confirm", &[("id", &device.ticket), ("confirm_token", &token)]).await.ok();
    device.poll().await.ok();
}
