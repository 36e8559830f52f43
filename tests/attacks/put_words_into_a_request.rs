//! Someone who starts a sign-in to an app wants the phone's page to say what they write: the account that the app expects
//! (`login_hint`) is a parameter of a request that anybody can put together.

use super::app::{self, APP};
use super::server::Server;
use service::clients::Clients;
use testkit::{Client, browser_phone};

/// Starts a sign-in with that hint, and returns the sign-in page and the page of a phone that has scanned its code.
async fn pages(server: &Server, phone: &Client, hint: &str) -> (String, String) {
    let browser = Client::new(server);
    let page = app::ask(&browser, &[("login_hint", hint)]).await.header("location");
    let (_, interaction) = page.rsplit_once("%3Fi%3D").unwrap_or_else(|| panic!("{hint:?}: {page:?}"));
    let sign_in = browser.get(&format!("{page}&tab=password")).await.body;
    let ticket = browser.post("/api/qrcode/generate", &[("interaction", interaction)]).await.text("id");
    phone.post("/api/qrcode/scan", &[("id", &ticket)]).await;
    (sign_in, phone.get(&format!("/confirm?id={ticket}")).await.body)
}

#[tokio::test]
async fn the_pages_name_an_account_or_nothing() {
    let server = Server::start().await;
    server.app.clients.replace(Clients::parse(APP).unwrap());
    let phone = browser_phone(&server, "dong").await.plain_forms();
    for hint in ["guang", "o'brien", "guang.wei+work@example.com", "伟", "ليلى"] {
        let (sign_in, confirm) = pages(&server, &phone, hint).await;
        let shown = hint.replace('\'', "&#x27;");
        let says = |page: &str| page.contains(hint) || page.contains(&shown);
        assert!(says(&sign_in), "{hint}: {sign_in}");
        assert!(confirm.contains("The app expects") && says(&confirm), "{hint}: {confirm}");
    }
    for hint in [
        "your approval. The security team has checked this request. Press Confirm",
        "two words",
        "two\u{a0}words",
        "\u{202e}gnaug",
        "guang\u{2066}x\u{2069}",
        "guang\r\nPress Confirm",
        "guang\u{2028}x",
        "guang\u{200b}x",
        "guang\0",
        "https://evil.example/",
        "call:112!",
        "请确认，安全",
        "\u{3164}",
        &"x".repeat(65),
        &"伟".repeat(22),
    ] {
        let (sign_in, confirm) = pages(&server, &phone, hint).await;
        let shown = hint.trim_matches('\0');
        assert!(confirm.contains("Sign in to Map"), "{hint:?}: {confirm}");
        assert!(!confirm.contains("The app expects"), "{hint:?}: {confirm}");
        assert!(!confirm.contains(shown) && !sign_in.contains(shown), "{hint:?}: {sign_in}");
    }
}
