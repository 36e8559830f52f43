//! The picture that people upload themselves.

use crate::http_api::server::Server;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use std::io::Cursor;
use testkit::{Answer, Client, Fields, Pc, Phone, upload};

const PATH: &str = "/api/settings/picture";
const RED: Rgb<u8> = Rgb([250, 10, 10]);
const BLUE: Rgb<u8> = Rgb([10, 10, 250]);

/// A picture of 120 by 60 pixels whose left third is red and whose rest is blue.
fn file() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(120, 60, |x, _| if x < 40 { RED } else { BLUE });
    DynamicImage::from(picture).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Returns the pixel in the middle of the picture that is served at that path.
async fn middle(server: &Server, url: &str) -> Rgb<u8> {
    let file = reqwest::get(server.url(url)).await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/jpeg");
    let shown = image::load_from_memory(&file.bytes().await.unwrap()).unwrap().into_rgb8();
    assert_eq!((shown.width(), shown.height()), (256, 256));
    *shown.get_pixel(128, 128)
}

fn is_near(real: Rgb<u8>, expected: Rgb<u8>) -> bool {
    real.0.iter().zip(expected.0).all(|(real, expected)| real.abs_diff(expected) < 40)
}

async fn send(client: &Client, fields: Fields<'_>, file: &[u8]) -> Answer {
    client.upload(PATH, fields, file).await
}

#[tokio::test]
async fn the_part_that_was_chosen_is_what_a_pc_shows_after_the_next_scan() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let left = [("x", "0"), ("y", "10"), ("size", "40")];
    for (fields, colour) in [(&left[..], RED), (&[], BLUE), (&[("x", ""), ("y", ""), ("size", "")], BLUE)] {
        let url = send(&phone.client, fields, &file()).await.text("avatar_url");
        assert!(is_near(middle(&server, &url).await, colour), "{fields:?}");
        let pc = Pc::new(&server);
        let id = pc.ticket().await;
        phone.scan(&id).await.ok();
        assert_eq!(pc.check(&id).await.ok()["account"]["avatar_url"], url);
    }
    let url = phone.user_info().await.text("avatar_url");
    let account = phone.client.post("/api/settings/picture/remove", &[]).await.ok();
    assert!(account["avatar_url"].is_null());
    assert_eq!(reqwest::get(server.url(&url)).await.unwrap().status(), 404);
    phone.client.post("/api/settings/picture/remove", &[]).await.ok();
}

#[tokio::test]
async fn each_mistake_has_its_own_error_and_changes_nothing() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let client = &phone.client;
    let kept = send(client, &[], &file()).await.text("avatar_url");
    for (content, status, code) in [
        (b"GIF89a\x02\0\x02\0".to_vec(), 415, "picture_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), 415, "picture_format"),
        (Vec::new(), 415, "picture_format"),
        (file()[..60].to_vec(), 400, "picture_damaged"),
        (vec![0; 8 * 1024 * 1024 + 1], 413, "picture_too_large"),
        (vec![0; 9 * 1024 * 1024], 413, "picture_too_large"),
    ] {
        send(client, &[], &content).await.refused(status, code);
    }
    for part in [
        &[("x", "0"), ("y", "0"), ("size", "61")][..],
        &[("x", "61"), ("y", "0"), ("size", "60")],
        &[("x", "0"), ("y", "0"), ("size", "0")],
        &[("x", "-1"), ("y", "0"), ("size", "10")],
        &[("x", "+1"), ("y", "0"), ("size", "10")],
        &[("x", "1.5"), ("y", "0"), ("size", "10")],
        &[("x", "4294967296"), ("y", "0"), ("size", "10")],
        &[("x", "4294967295"), ("y", "4294967295"), ("size", "4294967295")],
        &[("x", "0"), ("y", "0")],
        &[("size", "10")],
        &[("x", "0000000000000000000000000000000000"), ("y", "0"), ("size", "10")],
    ] {
        send(client, part, &file()).await.refused(400, "invalid_request");
    }
    assert_eq!(phone.user_info().await.text("avatar_url"), kept);
}

#[tokio::test]
async fn a_body_that_is_no_form_with_a_file_is_refused() {
    let server = Server::start().await;
    let client = Phone::new(&server, "dong").await.client;
    let form = upload::media_type();
    let whole = upload::body(&[], "picture", &file());
    for (media_type, body, status, code) in [
        ("application/x-www-form-urlencoded", b"picture=x".to_vec(), 415, "unsupported_media_type"),
        ("image/png", file(), 415, "unsupported_media_type"),
        ("multipart/form-data", whole.clone(), 415, "unsupported_media_type"),
        ("multipart/mixed; boundary=x", whole.clone(), 415, "unsupported_media_type"),
        (form.as_str(), upload::body(&[], "file", &file()), 400, "invalid_request"),
        (&form, whole[..whole.len() - 9].to_vec(), 400, "invalid_request"),
        (&form, Vec::new(), 400, "invalid_request"),
        (&form, b"nonsense".to_vec(), 400, "invalid_request"),
    ] {
        client.send(Method::POST, PATH, Some(media_type), body).await.refused(status, code);
    }
    client.send(Method::POST, PATH, None, Vec::new()).await.refused(415, "unsupported_media_type");
    let wrong = client.get(PATH).await;
    wrong.refused(405, "method_not_allowed");
    assert_eq!(wrong.header("allow"), "POST");
    // Neither unknown fields nor a second file count.
    let mut twice = upload::body(&[("picture2", "x")], "picture", &file());
    twice.truncate(twice.len() - format!("--{}--\r\n", upload::BOUNDARY).len());
    twice.extend(upload::body(&[], "picture", b"x"));
    client.send(Method::POST, PATH, Some(&form), twice).await.ok();
}
