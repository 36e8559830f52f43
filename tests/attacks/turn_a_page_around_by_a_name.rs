//! Someone gives themselves a name that is more than a name: markup, characters that turn the text behind it around, line
//! breaks, or nothing at all; so that a PC or a confirm page says something else than what the server wrote.

use super::server::Server;
use testkit::{Pc, Phone, browser_phone};

#[tokio::test]
async fn the_page_says_what_the_server_wrote() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "mallory").await;
    let phone = Phone::new(&server, "mallory").await;
    for (name, shown) in [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\"><img src=x onerror=alert(1)>", "\"><img src=x onerror=alert(1)>"),
        ("\u{202e}nimda\u{202c}", "nimda"),
        ("a\u{2066}b\u{2069}\u{200f}c", "abc"),
        ("Owner\r\nSet-Cookie: x", "OwnerSet-Cookie: x"),
        ("a\u{2028}b\0c\u{7f}\u{9b}", "abc"),
        ("\u{200b}\u{3164}\u{2800}", "mallory"),
        ("../../etc/passwd", "../../etc/passwd"),
    ] {
        let renamed = browser.post("/api/settings/profile", &[("display_name", name)]).await;
        assert_eq!(renamed.text("display_name"), shown, "{name:?}");
        let pc = Pc::new(&server);
        let id = pc.ticket().await;
        phone.scan(&id).await.ok();
        for page in [
            pc.0.ask("/", &[("ticket", &id)]).await,
            browser.get("/settings").await,
            browser.get("/account").await,
            browser.get(&format!("/confirm?id={}", Pc::new(&server).ticket().await)).await,
        ] {
            let body = page.body;
            assert!(!body.contains("<script>alert") && !body.contains("<img src=x"), "{name:?}: {body}");
            assert!(!body.contains(['\u{202e}', '\u{2066}', '\u{2028}', '\0']), "{name:?}");
        }
    }
    // A longer one is cut, between characters.
    let long = "界".repeat(10_000);
    browser.post("/api/settings/profile", &[("display_name", &long)]).await.refused(413, "body_too_large");
    let renamed = browser.post("/api/settings/profile", &[("display_name", &long[..3000])]).await;
    assert_eq!(renamed.text("display_name"), "界".repeat(64));
}
