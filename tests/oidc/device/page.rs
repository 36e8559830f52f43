//! The pages: typing a code, and comparing it.

use super::super::provider::*;
use super::{Device, prepare};
use crate::server::PASSWORD;
use testkit::{Client, browser_phone};

/// Types a code and returns where that leads.
async fn enter(browser: &Client, code: &str) -> String {
    let answer = browser.post("/device", &[("user_code", code)]).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    answer.header("location")
}

/// Confirms on the page by its form.
async fn confirm(browser: &Client, ticket: &str) {
    let page = browser.get(&format!("/confirm?id={ticket}")).await.body;
    let token = field_of(&page, "confirm_token");
    browser.post("/api/qrcode/confirm", &[("id", ticket), ("confirm_token", &token)]).await;
}

#[tokio::test]
async fn a_typed_code_leads_to_the_same_question_as_a_scan() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = browser_phone(&*provider, "dong").await.plain_forms().always("origin", &provider.origin());
    let device = Device::new(&provider, "openid profile").await;
    let page = phone.get("/device").await.body;
    assert!(page.contains("Enter the code that the device shows"), "{page}");
    let typed = device.user_code.to_lowercase().replace('-', " ");
    let confirm_page = enter(&phone, &typed).await;
    assert_eq!(confirm_page, format!("/confirm?id={}", device.ticket));
    let page = phone.get(&confirm_page).await.body;
    for words in ["Sign in to Living Room on another device?", &device.user_code, "Your name, username and picture"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    confirm(&phone, &device.ticket).await;
    let page = phone.get(&confirm_page).await.body;
    assert!(page.contains("Continue on the other device"), "{page}");
    device.poll().await.ok();
}

#[tokio::test]
async fn m19_after_a_scan_the_phone_shows_the_code_and_scans_nothing_by_itself() {
    let provider = Provider::start().await;
    prepare(&provider);
    provider.account("dong").await;
    let device = Device::new(&provider, "openid").await;
    let here = format!("/confirm?id={}", device.ticket);
    let phone = Client::new(&*provider).plain_forms().always("sec-fetch-site", "same-origin");
    let sign_in = phone.get(&here).await.body;
    assert!(!sign_in.contains("name=\"scan\""), "{sign_in}");
    let form = [("username", "dong"), ("password", PASSWORD), ("next", &here), ("scan", &device.ticket)];
    assert_eq!(phone.post("/api/login", &form).await.header("location"), here);
    let page = phone.get(&here).await.body;
    assert!(page.contains("Tap Continue") && !page.contains(".submit()"), "{page}");
    phone.post("/api/qrcode/scan", &[("id", &device.ticket)]).await;
    let page = phone.get(&here).await.body;
    assert!(page.contains(&device.user_code), "{page}");
}

#[tokio::test]
async fn a_code_in_the_url_is_only_filled_in() {
    let provider = Provider::start().await;
    prepare(&provider);
    let phone = browser_phone(&*provider, "dong").await;
    let device = Device::new(&provider, "openid").await;
    let page = phone.get(&format!("/device?user_code={}", device.user_code.to_lowercase())).await.body;
    assert!(page.contains(&format!("value=\"{}\"", device.user_code)), "{page}");
    let page = phone.get("/device?user_code=%22%3E%3Cscript%3E").await.body;
    assert!(!page.contains("value=\"\"><script>") && !page.contains("&quot;&gt;&lt;script"), "{page}");
    oauth_error(&device.poll().await, 400, "authorization_pending");
}

#[tokio::test]
async fn any_browser_may_approve_that_is_signed_in_by_password() {
    let provider = Provider::start().await;
    prepare(&provider);
    provider.account("dong").await;
    let device = Device::new(&provider, "openid").await;
    let browser = Client::new(&*provider).plain_forms().always("origin", &provider.origin());
    let page = browser.get("/device").await.body;
    assert!(page.contains("name=\"password\"") && page.contains("value=\"pc\""), "{page}");
    let form = [("username", "dong"), ("password", PASSWORD), ("device_kind", "pc"), ("next", "/device")];
    assert_eq!(browser.post("/api/login", &form).await.header("location"), "/device");
    enter(&browser, &device.user_code).await;
    confirm(&browser, &device.ticket).await;
    device.poll().await.ok();
}

#[tokio::test]
async fn a_browser_that_was_signed_in_by_a_code_enters_the_password_first() {
    let provider = Provider::start().await;
    prepare(&provider);
    let browser = provider.signed_in("dong").await.0.plain_forms().always("origin", &provider.origin());
    let device = Device::new(&provider, "openid").await;
    assert!(browser.get("/device").await.body.contains("name=\"password\""));
    assert_eq!(enter(&browser, &device.user_code).await.rsplit_once('=').unwrap().1, "step_up_required");
    let scan = browser.clone().post("/api/qrcode/scan", &[("id", &device.ticket)]).await;
    assert!(scan.header("location").contains("step_up_required"), "{scan:?}");
    browser.post("/api/step-up", &[("password", PASSWORD)]).await;
    enter(&browser, &device.user_code).await;
    confirm(&browser, &device.ticket).await;
    device.poll().await.ok();
}

#[tokio::test]
async fn a_pc_still_approves_no_other_pc() {
    let provider = Provider::start().await;
    provider.account("dong").await;
    let browser = Client::new(&*provider);
    let form = [("username", "dong"), ("password", PASSWORD), ("device_kind", "pc")];
    browser.clone().always("sec-fetch-site", "same-origin").post("/api/login", &form).await.ok();
    let id = testkit::Pc::new(&*provider).ticket().await;
    browser.post("/api/qrcode/scan", &[("id", &id)]).await.refused(401, "unauthenticated");
}
