//! A page on `evil.example.com` wants its own session or binding secret to be used at `login.example.com`.
//!
//! Browsers do not let it set a cookie named `__Host-…`, but one whose name percent-decodes to that. The test in a real
//! browser is `end2end/tests/attacks/sibling-domain.spec.ts`.

use super::server::Server;
use testkit::{Answer, Client, Pc, Phone, browser_phone};

/// All of our cookies, without their prefix.
const NAMES: [&str; 7] = ["qr_browser", "qr_phone", "qr_pc", "qr_device", "qr_confirm", "qr_known", "qr_language"];
const HTTPS: [&str; 2] = ["--public-url", "https://login.example.com"];

async fn user_info(server: &Server, cookies: &str) -> Answer {
    Client::new(server).always("cookie", cookies).get("/api/userinfo").await
}

/// Returns the value of a cookie that this response sets.
fn set_value(answer: &Answer, name: &str) -> String {
    let line = answer.set_cookie(name).expect(name);
    line.split(['=', ';']).nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_cookie_name_is_never_decoded() {
    let server = Server::with(&HTTPS).await;
    server.account("attacker").await;
    let form = [("username", "attacker"), ("password", super::server::PASSWORD), ("device_kind", "pc")];
    let session = set_value(&Client::new(&server).post("/api/login", &form).await, "__Host-qr_pc");
    user_info(&server, &format!("__Host-qr_pc={session}")).await.ok();
    for name in ["%5F%5FHost-qr_pc", "__Host%2Dqr_pc", "%5f_Host-qr%5Fpc", "__host-qr_pc", "qr_pc", " __Host-qr_pc x"] {
        user_info(&server, &format!("{name}={session}")).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_planted_cookie_does_not_replace_ours() {
    let server = Server::with(&HTTPS).await;
    for name in NAMES {
        let encoded = format!("%5F%5FHost-{name}");
        let client = Client::new(&server).always("cookie", &format!("__Host-qr_language=zh; {encoded}=planted"));
        let page = client.get("/?tab=password").await;
        assert!(page.body.contains("<html lang=\"zh-CN\""), "{encoded} hid our own cookie");
    }
}

#[tokio::test]
async fn of_two_cookies_with_one_name_neither_counts() {
    let server = Server::start().await;
    let victim = browser_phone(&server, "victim").await;
    let attacker = browser_phone(&server, "attacker").await;
    let (ours, theirs) = (victim.cookies().unwrap(), attacker.cookies().unwrap());
    let (ours, theirs) = (ours.to_str().unwrap(), theirs.to_str().unwrap());
    for both in [format!("{ours}; {theirs}"), format!("{theirs}; {ours}"), format!("{ours}; {ours}")] {
        user_info(&server, &both).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_planted_binding_does_not_show_the_attackers_code() {
    let server = Server::with(&HTTPS).await;
    let secret = "S".repeat(43);
    let attacker = Client::new(&server).always("cookie", &format!("__Host-qr_browser={secret}"));
    let id = Pc(attacker.clone()).ticket().await;
    let victim = Client::new(&server).always("cookie", &format!("%5F%5FHost-qr_browser={secret}"));
    Pc(victim.clone()).check(&id).await.refused(403, "wrong_browser");
    let page = victim.get(&format!("/?ticket={id}")).await;
    assert!(
        !page.body.contains(&format!("&quot;id&quot;:&quot;{id}")),
        "the page shows the attacker's ticket as its own"
    );
    let phone = Phone::new(&server, "victim").await;
    phone.approve(&id).await;
    Pc(victim).redeem(&id).await.refused(403, "wrong_browser");
}
