//! The successful flow: the fields of each endpoint.

use super::server::{PASSWORD, Server, until, until_async};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;
use testkit::{Client, Pc, Phone, browser_phone, signed_in_pc};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/140.0.0.0 Safari/537.36";

/// Returns whether this is a timestamp such as `2026-01-02T03:04:05Z`.
fn is_rfc3339_utc(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}

#[tokio::test]
async fn a_new_code_encodes_the_url_that_the_phone_opens() {
    let (server, _hand) = Server::still(&[]).await;
    let answer = Pc::new(&server).generate().await;
    let issued = answer.ok();
    let id = issued["id"].as_str().unwrap();
    assert_eq!(issued["url"], format!("{}/confirm?id={id}", server.origin()));
    assert!(issued["svg"].as_str().unwrap().starts_with("<svg"));
    assert_eq!(issued["status"], "pending");
    assert_eq!(issued["expires_in"], 120);
    assert!(issued["poll_interval"].as_u64().unwrap() >= 1);
    let cookie = answer.set_cookie("qr_browser").expect("a cookie binds the ticket to the browser");
    assert!(!answer.body.contains(&cookie["qr_browser=".len()..40]), "the secret is in the cookie alone");
}

#[tokio::test]
async fn codes_are_unique_and_one_browser_keeps_one_secret() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let mut ids = HashSet::from([pc.ticket().await]);
    let secret = pc.0.cookie("qr_browser");
    for _ in 0..9 {
        let answer = pc.generate().await;
        assert_eq!(answer.set_cookie("qr_browser"), None);
        ids.insert(answer.ok()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 10);
    assert_eq!(pc.0.cookie("qr_browser"), secret);
    for id in ids {
        assert_eq!(pc.status(&id).await, "pending", "all tabs of a browser share one binding");
    }
}

#[tokio::test]
async fn a_weak_secret_is_not_accepted_as_the_browsers_binding() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    pc.0.plant("qr_browser", "1234");
    let id = pc.ticket().await;
    assert_ne!(pc.0.cookie("qr_browser").unwrap(), "1234");
    assert_eq!(pc.status(&id).await, "pending");
}

#[tokio::test]
async fn a_phone_signs_a_pc_in() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc(Client::new(&server).always("user-agent", CHROME));
    let id = pc.ticket().await;
    let pending = pc.check(&id).await.ok();
    assert_eq!(
        (&pending["id"], &pending["status"], &pending["account"]),
        (&json!(id), &json!("pending"), &Value::Null)
    );
    assert!(pending["expires_in"].as_u64().unwrap() > 0);

    let scanned = phone.scan(&id).await.ok();
    let token = scanned["confirm_token"].as_str().unwrap();
    assert!(token.len() >= 43, "256 bits");
    assert!(scanned["expires_in"].as_u64().unwrap() > 0);
    let requester = &scanned["requester"];
    assert_eq!(requester["ip"], "127.0.0.1");
    assert_eq!((&requester["browser"], &requester["os"]), (&json!("Chrome"), &json!("Windows")));
    assert!(is_rfc3339_utc(&requester["requested_at"]), "{requester}");
    let seen = pc.check(&id).await.ok();
    assert_eq!(seen["status"], "scanned");
    assert_eq!(seen["account"], json!({ "display_name": "dong the tester", "avatar_url": null }));

    assert_eq!(phone.confirm(&id, token).await.ok(), json!({ "status": "confirmed" }));
    assert_eq!(pc.status(&id).await, "confirmed");

    let answer = pc.redeem(&id).await;
    let redeemed = answer.ok();
    assert_eq!(redeemed["token_type"], "Bearer");
    assert_eq!(redeemed["expires_in"], 43_200);
    assert_eq!(redeemed["account"]["username"], "dong");
    assert_eq!(redeemed["account"]["display_name"], "dong the tester");
    assert!(answer.set_cookie("qr_pc").is_some());
    let seen = pc.check(&id).await.ok();
    assert_eq!((&seen["status"], &seen["expires_in"]), (&json!("redeemed"), &json!(0)));
    assert_eq!(seen["account"]["display_name"], "dong the tester");

    let by_cookie = pc.0.get("/api/userinfo").await.ok();
    let by_token = testkit::bearer(&server, redeemed["token"].as_str().unwrap()).get("/api/userinfo").await.ok();
    assert_eq!(by_cookie, by_token);
    assert_eq!(by_cookie["username"], "dong");
    assert_eq!(by_cookie["session"]["kind"], "pc");
    assert_eq!(by_cookie["session"]["device_id"], Value::Null);
}

#[tokio::test]
async fn a_phones_browser_signs_a_pc_in_by_its_cookies_alone() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let scanned = phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    let token = scanned["confirm_token"].as_str().unwrap();
    phone.post("/api/qrcode/confirm", &[("id", &id), ("confirm_token", token)]).await.ok();
    pc.redeem(&id).await.ok();
    assert_eq!(phone.get("/api/userinfo").await.ok()["session"]["kind"], "phone");
}

#[tokio::test]
async fn a_sign_in_names_the_account_and_the_device() {
    let server = Server::start().await;
    server.account("dong").await;
    let form = [("username", "dong"), ("password", PASSWORD), ("device_id", "my-phone.1"), ("device_name", "Pixel")];
    let answer = Client::new(&server).post("/api/login", &form).await;
    let signed_in = answer.ok();
    assert_eq!(signed_in["device_id"], "my-phone.1", "an unknown device is created");
    assert_eq!(signed_in["account"]["username"], "dong");
    assert!(answer.set_cookie("qr_phone").is_some());
    let phone = Phone::holding(&server, signed_in["token"].as_str().unwrap(), "my-phone.1");
    let me = phone.user_info().await.ok();
    let session = &me["session"];
    assert_eq!((&me["username"], &me["display_name"]), (&json!("dong"), &json!("dong the tester")));
    assert_eq!(me["avatar_url"], Value::Null);
    assert!(me["id"].is_string() && session["id"].is_string());
    assert_eq!((&session["kind"], &session["device_id"]), (&json!("phone"), &json!("my-phone.1")));
    assert_eq!(session["name"], "Pixel");
}

#[tokio::test]
async fn the_list_of_sessions_shows_phones_and_pcs() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let list = phone.client.get("/api/sessions").await.ok();
    let rows = list.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert!(row["id"].is_string() && row["name"].is_string(), "{row}");
        assert_eq!(row["ip"], "127.0.0.1");
        assert!(is_rfc3339_utc(&row["created_at"]) && is_rfc3339_utc(&row["last_seen_at"]), "{row}");
        assert_eq!(row["current"], row["kind"] == "phone", "{row}");
    }
    let kinds: HashSet<_> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, HashSet::from(["phone", "pc"]));
    let seen_by_pc = pc.0.get("/api/sessions").await.ok();
    let current = seen_by_pc.as_array().unwrap().iter().filter(|row| row["current"] == true).collect::<Vec<_>>();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["kind"], "pc");
}

#[tokio::test]
async fn the_pc_may_abandon_before_and_after_the_scan() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let (early, late) = (pc.ticket().await, pc.ticket().await);
    assert_eq!(pc.abandon(&early).await.ok(), json!({ "status": "cancelled" }));
    let token = phone.token_for(&late).await;
    assert_eq!(pc.abandon(&late).await.ok(), json!({ "status": "cancelled" }));
    assert_eq!(pc.status(&late).await, "cancelled");
    phone.confirm(&late, &token).await.refused(410, "ticket_cancelled");
    phone.scan(&early).await.refused(410, "ticket_cancelled");
}

#[tokio::test]
async fn the_phone_may_decline() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    assert_eq!(phone.cancel(&id, &token).await.ok(), json!({ "status": "cancelled" }));
    assert_eq!(pc.status(&id).await, "cancelled");
    pc.redeem(&id).await.refused(410, "ticket_cancelled");
}

#[tokio::test]
async fn an_ended_ticket_is_counted_and_retained_for_ten_minutes() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let (unused, used) = (pc.ticket().await, pc.ticket().await);
    phone.approve(&used).await;
    pc.redeem(&used).await.ok();
    hand.advance(Duration::from_secs(120));
    until(|| server.app.metrics.text().unwrap().contains("qr_login_tickets_total{status=\"expired\"} 1\n")).await;
    hand.advance(Duration::from_secs(600));
    assert_eq!((pc.status(&unused).await, pc.status(&used).await), ("expired".to_owned(), "redeemed".to_owned()));
    hand.advance(Duration::from_secs(31));
    let mut answers = Vec::new();
    until_async(async || {
        answers = vec![pc.check(&unused).await, pc.check(&used).await];
        answers.iter().all(|answer| answer.status != 200)
    })
    .await;
    for answer in answers {
        answer.refused(404, "ticket_not_found");
    }
}
