//! A thief who has a phone's token (from a log, a backup, a proxy) wants to approve sign-ins with it.

use super::server::Server;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use testkit::{Client, Pc, Phone, bearer, browser_phone};

fn claims(token: &str) -> String {
    let payload = token.split('.').nth(1).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn by_reading_the_device_from_the_token() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "owner").await;
    let claims = claims(&phone.token);
    assert!(!claims.contains(&phone.device), "{claims}");
    let thief = bearer(&server, &phone.token);
    thief.get("/api/userinfo").await.refused(401, "device_mismatch");
    let values: serde_json::Value = serde_json::from_str(&claims).unwrap();
    for value in values.as_object().unwrap().values() {
        let guess = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        thief.clone().always("x-device-id", &guess).get("/api/userinfo").await.refused(401, "device_mismatch");
    }
}

#[tokio::test]
async fn from_a_browsers_cookie_jar_without_the_device_cookie() {
    let server = Server::start().await;
    let owner = browser_phone(&server, "owner").await;
    let token = owner.cookie("qr_phone").unwrap();
    let device = owner.cookie("qr_device").unwrap();
    let id = owner.get("/api/userinfo").await.ok()["session"]["device_id"].as_str().unwrap().to_owned();
    assert_ne!(device, id, "the cookie holds more than the public id");
    let wrong_secret = format!("{id}~{}", "A".repeat(43));
    let no_secret = format!("{id}~");
    for presented in [None, Some(id.as_str()), Some(&wrong_secret), Some(&no_secret), Some("")] {
        let thief = Client::new(&server);
        thief.plant("qr_phone", &token);
        if let Some(presented) = presented {
            thief.plant("qr_device", presented);
        }
        thief.get("/api/userinfo").await.refused(401, "device_mismatch");
        let ticket = Pc::new(&server).ticket().await;
        thief.post("/api/qrcode/scan", &[("id", &ticket)]).await.refused(401, "device_mismatch");
    }
    let both = Client::new(&server);
    both.plant("qr_phone", &token);
    both.plant("qr_device", &device);
    both.get("/api/userinfo").await.ok();
}

/// The id of a browser's device is shown on its pages, so it must not prove the device for a browser's token, as it
/// does for an app's.
#[tokio::test]
async fn from_a_browsers_cookie_jar_as_if_it_were_an_app() {
    let server = Server::start().await;
    server.account("owner").await;
    for header in [("sec-fetch-site", "same-origin".to_owned()), ("origin", server.origin())] {
        let owner = Client::new(&server).always(header.0, &header.1);
        owner.post("/api/login", &[("username", "owner"), ("password", super::server::PASSWORD)]).await.ok();
        let info = owner.get("/api/userinfo").await.ok();
        let id = info["session"]["device_id"].as_str().unwrap();
        let thief = Phone::holding(&server, &owner.cookie("qr_phone").unwrap(), id);
        thief.user_info().await.refused(401, "device_mismatch");
        let ticket = Pc::new(&server).ticket().await;
        thief.scan(&ticket).await.refused(401, "device_mismatch");
    }
}

/// The secret of an earlier sign-in on the same phone is worthless for a later one.
#[tokio::test]
async fn with_an_earlier_device_cookie() {
    let server = Server::start().await;
    let owner = browser_phone(&server, "owner").await;
    let before = owner.cookie("qr_device").unwrap();
    let form = [("username", "owner"), ("password", super::server::PASSWORD)];
    owner.clone().always("sec-fetch-site", "same-origin").post("/api/login", &form).await.ok();
    let thief = Client::new(&server);
    thief.plant("qr_phone", &owner.cookie("qr_phone").unwrap());
    thief.plant("qr_device", &before);
    thief.get("/api/userinfo").await.refused(401, "device_mismatch");
    let sessions = owner.get("/api/sessions").await.ok();
    assert_eq!(sessions.as_array().unwrap().len(), 1, "still one phone: {sessions}");
}
