//! Someone with an account posts photos to the page that scans: a few bytes that claim to be billions of pixels, files
//! without end, a picture full of corners of codes, on which decoders spend minutes, and all that again and again.

use super::server::Server;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbImage};
use reqwest::Method;
use std::io::Cursor;
use testkit::{Answer, Client, browser_phone};

fn form(file: &[u8]) -> Vec<u8> {
    [b"--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"x\"\r\n\r\n", file, b"\r\n--edge--\r\n"]
        .concat()
}

async fn post(phone: &Client, body: Vec<u8>) -> Answer {
    phone.send(Method::POST, "/scan", Some("multipart/form-data; boundary=edge"), body).await
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn is_at(page: &Answer, phase: &str) -> bool {
    page.body.contains(&format!("data-phase=\"{phase}\""))
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let mut bomb = encoded(&RgbImage::new(40, 40).into(), ImageFormat::Jpeg);
    let at = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bomb[at + 5..at + 9].fill(0xff);
    assert!(is_at(&post(&phone, form(&bomb)).await, "unreadable"));
    let endless = post(&phone, form(&vec![0; 9 * 1024 * 1024])).await;
    assert_eq!(endless.status, 413);
    assert!(is_at(&endless, "unreadable"));
}

/// Twenty times twenty corners: rqrr alone would try eight million ways to join three of them.
#[tokio::test]
async fn a_picture_full_of_corners_is_no_code() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let corner = |x: u32, y: u32| {
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        ring == 3 || ring <= 1
    };
    let picture = GrayImage::from_fn(1000, 1000, |x, y| {
        let (x, y) = (x / 5 % 10, y / 5 % 10);
        Luma([if x < 7 && y < 7 && corner(x, y) { 0 } else { 255 }])
    });
    assert!(is_at(&post(&phone, form(&encoded(&picture.into(), ImageFormat::Png))).await, "nothing"));
}

#[tokio::test]
async fn photos_are_counted() {
    let server = Server::with(&["--rate-limit", "on"]).await;
    let phone = browser_phone(&server, "dong").await;
    for _ in 0..10 {
        assert_eq!(post(&phone, form(b"x")).await.status, 200);
    }
    let page = post(&phone, form(b"x")).await;
    assert_eq!(page.status, 429);
    assert!(is_at(&page, "limited"));
    assert_eq!(phone.get("/scan").await.status, 200, "the camera works on");
}
