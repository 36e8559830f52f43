//! The settings of an account that its issuer vouches for, and that has no password.

use super::backend::*;
use super::provider::*;
use testkit::{PASSWORD, Phone, signed_in_pc};

async fn vouched() -> (Provider, Phone) {
    let (provider, _) = Provider::still().await;
    let backend = Backend::start(&provider, "provision = true").await;
    let assertion = backend.vouch(&provider, "7", &[]).await;
    let answer = present(&provider, &assertion, &[("device_id", "dev-1")]).await.ok();
    let phone = Phone::holding(&*provider, answer["access_token"].as_str().unwrap(), "dev-1");
    (provider, phone)
}

const PASSWORDS: [(&str, &str); 2] = [("password", PASSWORD), ("new_password", "battery staple")];

#[tokio::test]
async fn its_app_changes_the_name_and_deletes_the_account() {
    let (provider, phone) = vouched().await;
    let renamed = phone.client.post("/api/settings/profile", &[("display_name", "Wei")]).await;
    assert_eq!(renamed.text("display_name"), "Wei");
    phone.client.post("/api/settings/password", &PASSWORDS).await.refused(409, "no_password");
    phone.client.post("/api/settings/password", &[("password", ""), PASSWORDS[1]]).await.refused(409, "no_password");
    phone.client.post("/api/step-up", &[("password", PASSWORD)]).await.refused(401, "invalid_credentials");
    let page = phone.client.get("/settings").await.body;
    assert!(page.contains("has no password here") && page.contains("/api/settings/delete"), "{page}");
    assert!(!page.contains("name=\"password\""), "{page}");
    phone.client.post("/api/settings/delete", &[("username", "8")]).await.refused(400, "wrong_username");
    phone.client.post("/api/settings/delete", &[("username", "7")]).await.ok();
    phone.user_info().await.refused(401, "token_revoked");
    assert!(!provider.app.accounts.exists("7").await.unwrap());
}

/// Nothing proves that the person is still the one at that PC.
#[tokio::test]
async fn a_pc_that_it_approved_changes_nothing() {
    let (provider, phone) = vouched().await;
    let (pc, _) = signed_in_pc(&*provider, &phone).await;
    pc.0.post("/api/settings/profile", &[("display_name", "x")]).await.refused(403, "step_up_required");
    pc.0.post("/api/settings/password", &PASSWORDS).await.refused(409, "no_password");
    pc.0.post("/api/settings/delete", &[("username", "7")]).await.refused(409, "no_password");
    let page = pc.0.get("/settings").await.body;
    assert!(page.contains("in the app on your phone") && !page.contains("/api/step-up"), "{page}");
    assert!(!page.contains("/api/settings/delete"), "{page}");
    phone.user_info().await.ok();
}

/// The operator gives it one after all.
#[tokio::test]
async fn with_a_password_it_is_like_any_other() {
    let (provider, phone) = vouched().await;
    provider.app.accounts.set_password("7", PASSWORD.to_owned()).await.unwrap();
    let browser = testkit::browser_phone(&*provider, "7").await;
    browser.post("/api/settings/delete", &[("username", "7")]).await.refused(401, "invalid_credentials");
    browser.post("/api/settings/password", &PASSWORDS).await.ok();
    phone.user_info().await.refused(401, "token_revoked");
}
