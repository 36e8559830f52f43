//! The page that scans, and the photos that are posted to it.

use super::server::Server;
use image::{GrayImage, ImageFormat, Luma};
use reqwest::Method;
use std::io::Cursor;
use testkit::{Answer, Client, Pc, browser_phone};

/// Posts a file as the page's form does.
pub(super) async fn post(phone: &Client, file: &[u8]) -> Answer {
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\
                     Content-Type: image/png\r\n\r\n"
        .to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    phone.send(Method::POST, "/scan", Some("multipart/form-data; boundary=edge"), body).await
}

/// Draws the code of a text, as a photo.
fn photo(text: &str) -> Vec<u8> {
    let svg = service::qr::svg(text).unwrap();
    let (size, path) = (between(&svg, "viewBox=\"0 0 ", " "), between(&svg, "stroke=\"#000\" d=\"M4 4.5", "\""));
    let size: u32 = size.parse().unwrap();
    let mut picture = GrayImage::from_pixel(8 * size, 8 * size, Luma([255]));
    let (mut x, mut y) = (4, 4);
    for moved in path.split('m').filter(|moved| !moved.is_empty()) {
        let (moved, line) = moved.split_once('h').map_or((moved, "0"), |(moved, line)| (moved, line));
        if let Some((dx, dy)) = moved.split_once(' ') {
            x += dx.parse::<i32>().unwrap();
            y += dy.parse::<i32>().unwrap();
        }
        for _ in 0..line.parse().unwrap() {
            for at in 0..64 {
                picture.put_pixel(8 * x as u32 + at % 8, 8 * y as u32 + at / 8, Luma([0]));
            }
            x += 1;
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned()
}

#[tokio::test]
async fn only_the_page_that_scans_may_use_the_camera() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let page = phone.get("/scan").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("permissions-policy"), "camera=(self), geolocation=(), microphone=()");
    assert!(page.header("content-security-policy").contains("script-src 'self' 'nonce-"));
    assert!(page.body.contains("/scan/page.js\""));
    for other in ["/account", "/", "/device", "/confirm?id=x", "/scan/", "/healthz"] {
        let other = phone.get(other).await;
        assert_eq!(other.header("permissions-policy"), "camera=(), geolocation=(), microphone=()");
        assert!(!other.body.contains("/scan/page"));
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_does_that_first() {
    let server = Server::start().await;
    let stranger = Client::new(&server);
    assert_eq!(stranger.get("/scan").await.leads_to(), "/?next=%2Fscan");
    assert_eq!(post(&stranger, &photo("x")).await.leads_to(), "/?next=%2Fscan");
}

#[tokio::test]
async fn the_first_thing_that_a_phone_is_offered_is_to_scan() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let page = phone.get("/account").await.body;
    let (link, list) = (page.find("href=\"/scan\"").unwrap(), page.find("<h2").unwrap());
    assert!(link < list);
    let pc = testkit::signed_in_pc(&server, &testkit::Phone::new(&server, "dong").await).await.0;
    assert!(!pc.0.get("/account").await.body.contains("href=\"/scan\""));
}

#[tokio::test]
async fn a_photo_of_our_code_leads_to_its_page() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    let code = format!("{}/confirm?id={id}", server.origin());
    assert_eq!(post(&phone, &photo(&code)).await.leads_to(), format!("/confirm?id={id}"));
    let device = format!("{}/device?user_code=BCDF-GHJK", server.origin());
    assert_eq!(post(&phone, &photo(&device)).await.leads_to(), "/device?user_code=BCDF-GHJK");
}

/// The URL that QR codes encode.
#[tokio::test]
async fn the_short_url_leads_to_the_page_of_the_ticket() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    let code = id.parse::<domain::ids::TicketId>().unwrap().to_code();
    for path in [format!("/C/{code}"), format!("/c/{}", code.to_lowercase()), format!("/C/{}", code.to_lowercase())] {
        let answer = phone.get(&path).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.leads_to(), format!("/confirm?id={id}"));
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
    let scanned = post(&phone, &photo(&format!("{}/C/{code}", server.origin().to_uppercase()))).await;
    assert_eq!(scanned.leads_to(), format!("/confirm?id={id}"));
    for path in ["/C/x", "/C/AAAAAAAAAAAAAAAAAAAAAAAAA1", "/C/77777777777777777777777777", "/C/%ff", "/C/", "/C"] {
        assert_eq!(phone.get(path).await.status, 404, "{path}");
    }
}

/// A host name with a character that is not in a QR code's alphabet: the code is as it was before.
#[tokio::test]
async fn a_host_with_other_characters_keeps_the_long_url() {
    let server = Server::with(&["--public-url", "https://my_login.example"]).await;
    let issued = Pc::new(&server).generate().await.ok();
    let url = issued["url"].as_str().unwrap();
    assert_eq!(issued["svg"], service::qr::svg(url).unwrap());
}

#[tokio::test]
async fn everything_else_in_a_photo_is_explained() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    for (file, phase) in [
        (photo("https://evil.example/<b>?id=1"), "foreign"),
        (photo("just text"), "other"),
        (photo(&format!("{}/account", server.origin())), "other"),
        (Vec::new(), "unreadable"),
        (b"%PDF-1.7".to_vec(), "unreadable"),
    ] {
        let page = post(&phone, &file).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&format!("data-phase=\"{phase}\"")), "{phase}");
        assert_eq!(page.body.contains("<bdi>evil.example</bdi>"), phase == "foreign");
    }
    let no_form = phone.send(Method::POST, "/scan", Some("text/plain"), b"x".to_vec()).await;
    assert_eq!(no_form.status, 400);
    assert!(no_form.body.contains("data-phase=\"unreadable\""));
}

#[tokio::test]
async fn a_photo_from_another_site_is_not_read() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await.always("sec-fetch-site", "cross-site");
    let page = post(&phone, &photo("x")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("data-phase=\"refused\""));
}

#[tokio::test]
async fn the_worker_has_a_policy_of_its_own() {
    let server = Server::start().await;
    // Present only if scripts/frontend.mjs has built it.
    let worker = Client::new(&server).get(&format!("{}/scan/worker.js", qr_login::server::assets::root())).await;
    if worker.status == 200 {
        assert_eq!(
            worker.header("content-security-policy"),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'"
        );
    }
}
