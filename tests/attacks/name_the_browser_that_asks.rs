//! An attacker requests a code and wants the victim's phone to vouch for it: the `User-Agent` is a phrase such as
//! "Verified-by-ACME-IT-Helpdesk", in the hope that the confirm page shows it as the browser's name.

use super::server::Server;
use testkit::{Client, Pc, Phone, browser_phone, signed_in_pc};

/// A text that no page and no response may repeat.
const LURE: &str = "ACME-IT-Helpdesk";

/// The text in every position where a user agent parser might look for a name.
const AGENTS: [&str; 8] = [
    "Verified-by-ACME-IT-Helpdesk,OK! x",
    "ACME-IT-Helpdesk/1.0",
    "Mozilla/5.0 (ACME-IT-Helpdesk; Win64; x64) ACME-IT-Helpdesk/140.0",
    "Mozilla/5.0 (Windows ACME-IT-Helpdesk 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ACME-IT-Helpdesk/1",
    "Mozilla/5.0 (compatible; ACME-IT-Helpdesk/2.1; +http://acme.example/)",
    "Mozilla/5.0 (Linux; Android ACME-IT-Helpdesk; ACME-IT-Helpdesk) Version/4.0 ACME-IT-Helpdesk",
    "KDDI-ACME-IT-Helpdesk UP.Browser/6.2",
    "Mozilla/5.0 (BSD; ACME-IT-Helpdesk) SymbianOS/ACME-IT-Helpdesk",
];

#[tokio::test]
async fn the_confirm_page_shows_no_text_of_the_requesting_pc() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    for agent in AGENTS {
        let id = Pc(Client::new(&server).always("user-agent", agent)).ticket().await;
        let scanned = phone.post("/api/qrcode/scan", &[("id", &id)]).await;
        let requester = scanned.ok()["requester"].clone();
        assert!(!scanned.body.contains(LURE), "{agent}: {requester}");
        let question = phone.get(&format!("/confirm?id={id}")).await.body;
        assert!(question.contains("/api/qrcode/confirm"), "the question is asked");
        assert!(!question.contains(LURE), "{agent}");
        assert_eq!(requester["browser"] == "", question.contains("Unknown browser"), "{agent}: {requester}");
    }
}

#[tokio::test]
async fn the_list_of_sessions_shows_no_text_of_the_signed_in_pc() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    for agent in AGENTS {
        let thief = Pc(Client::new(&server).always("user-agent", agent));
        let id = thief.ticket().await;
        phone.approve(&id).await;
        thief.redeem(&id).await.ok();
    }
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let list = pc.0.get("/api/sessions").await;
    assert_eq!(list.ok().as_array().unwrap().len(), AGENTS.len() + 2, "the phone, these PCs and one more");
    assert!(!list.body.contains(LURE), "{}", list.body);
}
