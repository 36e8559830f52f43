//! Someone leaves, and the operator deletes the account. Its owner still has a signed-in phone and PC, an approval that no
//! PC has redeemed, and the cookies; later a namesake joins and gets the same username.

use super::server::{PASSWORD, Server};
use testkit::{Client, Pc, Phone, browser_phone, sign_in, signed_in_pc, upload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REVOKED: (u16, &str) = (401, "token_revoked");

async fn delete(server: &Server, name: &str) -> usize {
    server.app.accounts.delete(name).await.unwrap().unwrap().len()
}

#[tokio::test]
async fn nothing_that_the_account_left_is_of_use() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let browser = browser_phone(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let (scanned, approved) = (Pc::new(&server), Pc::new(&server));
    let (to_decide, to_redeem) = (scanned.ticket().await, approved.ticket().await);
    let token = phone.token_for(&to_decide).await;
    phone.approve(&to_redeem).await;
    assert_eq!(delete(&server, "dong").await, 3);

    let gone = async || {
        let fresh = Pc::new(&server).ticket().await;
        for answer in [
            phone.user_info().await,
            phone.scan(&fresh).await,
            phone.confirm(&to_decide, &token).await,
            browser.get("/api/userinfo").await,
            pc.get("/api/userinfo").await,
            pc.get("/api/sessions").await,
            pc.post("/api/step-up", &[("password", PASSWORD)]).await,
            approved.redeem(&to_redeem).await,
        ] {
            answer.refused(REVOKED.0, REVOKED.1);
        }
    };
    gone().await;
    sign_in(&server, "dong").await.refused(401, "invalid_credentials");
    let again = [("username", "dong"), ("password", PASSWORD), ("device_id", phone.device.as_str())];
    browser.post("/api/login", &again).await.refused(401, "invalid_credentials");

    // The namesake is another account, although even the password is the same.
    let namesake = Phone::new(&server, "dong").await;
    let them = namesake.user_info().await.ok();
    gone().await;
    assert_eq!(namesake.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 1);
    assert_eq!(namesake.user_info().await.ok()["id"], them["id"]);
}

/// The person deletes it, not the operator, and the picture is gone with it.
#[tokio::test]
async fn nothing_is_left_of_an_account_that_its_owner_deleted() {
    let server = Server::start().await;
    let (phone, browser) = (Phone::new(&server, "dong").await, browser_phone(&server, "dong").await);
    let approved = Pc::new(&server);
    let id = approved.ticket().await;
    phone.approve(&id).await;
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let url = phone.client.upload("/api/settings/picture", &[], file.get_ref()).await.text("avatar_url");
    let token = browser.cookie("qr_phone").unwrap();
    browser.post("/api/settings/delete", &[("username", "dong"), ("password", PASSWORD)]).await.ok();
    browser.plant("qr_phone", &token);
    for answer in [phone.user_info().await, browser.get("/api/userinfo").await, approved.redeem(&id).await] {
        answer.refused(REVOKED.0, REVOKED.1);
    }
    Client::new(&server).get(&url).await.refused(404, "not_found");
    sign_in(&server, "dong").await.refused(401, "invalid_credentials");
}

/// A picture is on its way while the account is deleted, and a namesake joins before the rest of it arrives.
#[tokio::test]
async fn a_picture_on_its_way_does_not_reach_the_namesake() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let body = upload::body(&[], "picture", file.get_ref());
    let head = format!(
        "POST /api/settings/picture HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nX-Device-Id: {}\r\n\
         Content-Type: {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        server.address,
        phone.token,
        phone.device,
        upload::media_type(),
        body.len()
    );
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body once it knows whose it is.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        assert_ne!(socket.read_buf(&mut answer).await.unwrap(), 0);
    }
    assert!(answer.starts_with(b"HTTP/1.1 100 "));
    delete(&server, "dong").await;
    let namesake = Phone::new(&server, "dong").await;
    socket.write_all(&body).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(" 401 ") && answer.contains(REVOKED.1), "{answer}");
    assert_eq!(namesake.user_info().await.ok()["avatar_url"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_pc_that_waits_for_its_sessions_end_is_told() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    delete(&server, "dong").await;
    pc.get("/api/session/wait").await.refused(REVOKED.0, REVOKED.1);
    let page = Client::new(&server).get("/account").await;
    assert_ne!(page.status, 500);
}
