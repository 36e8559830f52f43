//! The apps that an account is connected to.

use super::provider::*;
use reqwest::Method;
use serde_json::json;
use testkit::{Client, PASSWORD, browser_phone};

#[tokio::test]
async fn a_person_sees_connected_apps_and_disconnects_one() {
    let provider = Provider::start().await;
    let browser = Browser(browser_phone(&*provider, "dong").await);
    let tokens = browser.tokens(&provider, "openid email offline_access").await;
    let page = browser.0.get("/account").await.body;
    assert!(page.contains("Connected apps") && page.contains("Grafana") && page.contains("Disconnect"), "{page}");
    let apps = browser.0.get("/api/apps").await.ok();
    assert_eq!(apps[0]["client_id"], "web");
    assert_eq!(apps[0]["scope"], "openid email offline_access");
    browser.0.post("/api/apps/disconnect", &[("client_id", "web")]).await.ok();
    assert_eq!(browser.0.get("/api/apps").await.ok(), json!([]));
    let access = tokens["access_token"].as_str().unwrap();
    assert!(!provider.works(access).await, "its tokens end at once");
    // The next sign-in asks again.
    let silent = browser.authorize(&[("prompt", "none"), ("scope", "openid email")]).await;
    assert!(silent.header("location").contains("error=consent_required"), "{silent:?}");
}

#[tokio::test]
async fn a_pc_that_was_approved_by_mistake_disconnects_nothing() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    browser.code(&[]).await;
    browser.0.post("/api/apps/disconnect", &[("client_id", "web")]).await.refused(403, "step_up_required");
    browser.0.post("/api/step-up", &[("password", PASSWORD)]).await.ok();
    browser.0.post("/api/apps/disconnect", &[("client_id", "web")]).await.ok();
}

#[tokio::test]
async fn strangers_see_and_end_nothing() {
    let provider = Provider::start().await;
    let stranger = Client::new(&*provider);
    stranger.get("/api/apps").await.refused(401, "unauthenticated");
    stranger.post("/api/apps/disconnect", &[("client_id", "web")]).await.refused(401, "unauthenticated");
    let browser = Browser(browser_phone(&*provider, "dong").await);
    browser.0.post("/api/apps/disconnect", &[("client_id", "a b")]).await.refused(400, "invalid_id");
    let tokens = browser.tokens(&provider, "openid").await;
    let other = browser_phone(&*provider, "guang").await;
    other.post("/api/apps/disconnect", &[("client_id", "web")]).await.ok();
    assert!(provider.works(tokens["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn an_endpoint_takes_its_own_methods_alone() {
    let provider = Provider::start().await;
    for (method, path) in
        [(Method::GET, "/oauth/token"), (Method::PUT, "/oauth/userinfo"), (Method::GET, "/oauth/consent")]
    {
        assert_eq!(provider.send(method, path, &[], "").await.status.as_u16(), 405, "{path}");
    }
}
