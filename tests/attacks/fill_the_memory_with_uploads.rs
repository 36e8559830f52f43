//! Someone with an account, or without one, wants the server to run out of memory or of time by pictures: files that are
//! held back after their first bytes, many at once, and few bytes that claim to be billions of pixels.

use super::server::{Server, until_async};
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::Cursor;
use testkit::{Phone, upload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATH: &str = "/api/settings/picture";

fn png() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(40, 40)).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Sends the head of an upload of that many bytes, and not the file.
async fn begin(server: &Server, phone: Option<&Phone>, length: usize) -> TcpStream {
    let credentials = phone.map_or_else(String::new, |phone| {
        format!("Authorization: Bearer {}\r\nX-Device-Id: {}\r\n", phone.token, phone.device)
    });
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {length}\r\n{credentials}\r\n",
        server.address,
        upload::media_type()
    );
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

async fn answer(mut socket: TcpStream) -> String {
    let mut answer = Vec::new();
    super::server::within(socket.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// The refusal comes before a byte of the file was sent.
#[tokio::test]
async fn a_file_from_a_stranger_is_not_read() {
    let server = Server::start().await;
    let stranger = answer(begin(&server, None, 8_000_000).await).await;
    assert!(stranger.starts_with("HTTP/1.1 401 "), "{stranger}");
}

/// It is thrown away as it comes, and the response follows.
#[tokio::test]
async fn a_file_that_is_too_large_is_not_kept() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    for length in [9_000_000, 20_000_000] {
        phone.client.upload(PATH, &[], &vec![0; length]).await.refused(413, "picture_too_large");
    }
}

/// Each account holds one file in memory at a time, and all together hold a few.
#[tokio::test]
async fn files_that_are_held_back_are_few() {
    let server = Server::start().await;
    let mut held = Vec::new();
    for number in 0..8 {
        let phone = Phone::new(&server, &format!("attacker-{number}")).await;
        held.push((begin(&server, Some(&phone), 8_000_000).await, phone));
    }
    let bystander = Phone::new(&server, "dong").await;
    let send = async |phone: &Phone| phone.client.upload(PATH, &[], &png()).await;
    until_async(async || send(&bystander).await.status == 503).await;
    let refused = send(&bystander).await;
    refused.refused(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    send(&held[0].1).await.refused(429, "rate_limited");
    // Everything else works, and so does the next upload once one has ended.
    bystander.client.post("/api/settings/profile", &[("display_name", "Dong")]).await.ok();
    drop(held.remove(0));
    until_async(async || send(&bystander).await.status == 200).await;
}

#[tokio::test]
async fn a_few_bytes_that_claim_to_be_billions_of_pixels_are_not_decoded() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let mut bomb = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(8, 8)).write_to(&mut bomb, ImageFormat::Jpeg).unwrap();
    let mut bomb = bomb.into_inner();
    let at = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bomb[at + 5..at + 9].fill(0xff);
    for part in [&[][..], &[("x", "0"), ("y", "0"), ("size", "1")]] {
        phone.client.upload(PATH, part, &bomb).await.refused(413, "picture_too_large");
    }
}

/// Neither the name nor the declared type of the file counts, nor how many parts the form has.
#[tokio::test]
async fn a_form_of_thousands_of_parts_is_not_read_to_its_end() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let fields = vec![("a", "b"); 100];
    phone.client.upload(PATH, &fields, &png()).await.refused(400, "invalid_request");
    let url = phone.client.upload(PATH, &[], &png()).await.text("avatar_url");
    assert!(url.starts_with("/picture/") && url.ends_with(".jpg") && !url.contains(".."), "{url}");
}
