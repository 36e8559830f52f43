//! What an account says about its person: to whom it is shown, and its picture.

use super::server::{PASSWORD, Server};
use domain::account::{AccountChange, Picture};
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};
use service::picture;
use std::io::Cursor;
use testkit::{Client, Pc, Phone, browser_phone, signed_in_pc};

async fn change(server: &Server, name: &str, change: AccountChange) {
    server.account(name).await;
    server.app.accounts.change(name, &change).await.unwrap().unwrap();
}

fn about() -> AccountChange {
    AccountChange {
        email: Some(Some("dong@example.com".to_owned())),
        email_verified: Some(true),
        groups: Some(vec!["staff".to_owned(), "admins".to_owned()]),
        ..AccountChange::default()
    }
}

/// Returns a picture of one colour.
async fn picture(shade: u8) -> Picture {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(30, 20, image::Rgb([shade, 0, 0])))
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    picture::prepare(file.into_inner(), None).await.unwrap()
}

fn with(picture: Option<Picture>) -> AccountChange {
    AccountChange { picture: Some(picture), ..AccountChange::default() }
}

#[tokio::test]
async fn the_owner_sees_address_and_groups_from_the_next_request_on() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let before = phone.user_info().await.ok();
    assert_eq!((&before["email"], &before["email_verified"]), (&Value::Null, &json!(false)));
    assert_eq!(before["groups"], json!([]));
    change(&server, "dong", about()).await;
    for client in [&phone.client, &pc.0] {
        let now = client.get("/api/userinfo").await.ok();
        assert_eq!((&now["email"], &now["email_verified"]), (&json!("dong@example.com"), &json!(true)));
        assert_eq!(now["groups"], json!(["admins", "staff"]));
        assert_eq!((&now["id"], &now["username"]), (&before["id"], &before["username"]));
    }
    let renamed = AccountChange { display_name: Some("Dong Wei".to_owned()), ..AccountChange::default() };
    change(&server, "dong", renamed).await;
    assert_eq!(pc.0.get("/api/userinfo").await.ok()["display_name"], "Dong Wei");
    let page = pc.0.get("/account").await.body;
    assert!(page.contains("Dong Wei") && page.contains("dong@example.com"), "{page}");
}

#[tokio::test]
async fn nobody_else_sees_the_address_or_the_groups() {
    let server = Server::start().await;
    change(&server, "dong", about()).await;
    let form = [("username", "dong"), ("password", PASSWORD)];
    let mut seen = vec![Client::new(&server).post("/api/login", &form).await.body];
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    seen.push(pc.check(&id).await.body);
    seen.push(pc.0.ask("/", &[("ticket", &id)]).await.body);
    seen.push(pc.redeem(&id).await.body);
    seen.push(phone.client.get("/api/sessions").await.body);
    let browser = browser_phone(&server, "dong").await;
    let next = pc.ticket().await;
    seen.push(browser.get(&format!("/confirm?id={next}")).await.body);
    for text in seen {
        assert!(!text.contains("dong@example.com") && !text.contains("staff"), "{text}");
    }
}

#[tokio::test]
async fn a_pc_shows_the_picture_of_the_person_who_scanned() {
    let server = Server::start().await;
    let stored = picture(200).await;
    change(&server, "dong", with(Some(stored.clone()))).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.scan(&id).await.ok();
    let url = pc.check(&id).await.ok()["account"]["avatar_url"].as_str().unwrap().to_owned();
    assert_eq!(url, stored.path());
    let page = pc.0.ask("/", &[("ticket", &id)]).await.body;
    assert!(page.contains(&format!("src=\"{url}\"")), "{page}");

    let file = reqwest::get(server.url(&url)).await.unwrap();
    assert_eq!(file.status(), 200);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        assert_eq!(file.headers()[name], value, "{name}");
    }
    assert!(file.headers().get("set-cookie").is_none());
    let bytes = file.bytes().await.unwrap();
    assert_eq!(bytes, stored.bytes);
    let shown = image::load_from_memory(&bytes).unwrap();
    assert_eq!((shown.width(), shown.height()), (256, 256));
    let head = Client::new(&server).send(Method::HEAD, &url, None, Vec::new()).await;
    assert_eq!((head.status.as_u16(), head.header("content-type").as_str()), (200, "image/jpeg"));
}

#[tokio::test]
async fn only_the_path_of_a_picture_that_somebody_has_is_found() {
    let server = Server::start().await;
    let (first, second) = (picture(10).await, picture(240).await);
    change(&server, "dong", with(Some(first.clone()))).await;
    let client = Client::new(&server);
    assert_eq!(client.get(&first.path()).await.status, 200);
    change(&server, "dong", with(Some(second.clone()))).await;
    client.get(&first.path()).await.refused(404, "not_found");
    assert_eq!(client.get(&second.path()).await.status, 200);
    let name = second.path().trim_start_matches("/picture/").to_owned();
    for other in [
        "0".repeat(64) + ".jpg",
        name.to_uppercase(),
        name.replace(".jpg", ".png"),
        name.replace(".jpg", ""),
        format!("..%2f{name}"),
        "%00.jpg".to_owned(),
        "dong".to_owned(),
    ] {
        let missing = client.get(&format!("/picture/{other}")).await;
        missing.refused(404, "not_found");
        assert_eq!(missing.header("cache-control"), "no-store");
    }
    assert_eq!(client.get("/picture/").await.status, 404);
    assert_eq!(client.post(&second.path(), &[]).await.status, 405);
    change(&server, "dong", with(None)).await;
    client.get(&second.path()).await.refused(404, "not_found");
}
