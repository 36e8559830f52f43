//! Who gets a token, and who does not.

use super::*;
use domain::account::AccountChange;

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_replaced_or_removed() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let first = site.key(&id).await;
    let answer = site.token(&id, &first).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.ok();
    assert_eq!((&token["access_token"], &token["token_type"]), (&json!("a"), &json!("Bearer")));
    assert!(token["expires_in"].as_u64().unwrap() > 3500, "{token}");
    assert_eq!(token.get("refresh_token"), None);
    assert!(!site.browser.get("/connections").await.body.contains("qrk_"));
    let second = site.key(&id).await;
    site.token(&id, &first).await.refused(401, "unauthenticated");
    site.token(&id, &second).await.ok();
    site.press("remove_key", &id).await.leads_to();
    site.token(&id, &second).await.refused(401, "unauthenticated");
}

/// A thief who was signed in for a minute may have made the key.
#[tokio::test]
async fn a_new_password_ends_the_key() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let key = site.key(&id).await;
    site.token(&id, &key).await.ok();
    let form = [("password", PASSWORD), ("new_password", "battery staple")];
    site.browser.post("/api/settings/password", &form).await.ok();
    site.token(&id, &key).await.refused(401, "unauthenticated");
    // The service stays connected.
    let key = site.key(&id).await;
    site.token(&id, &key).await.ok();
}

#[tokio::test]
async fn nothing_but_the_key_gets_a_token() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let path = format!("/api/connections/{id}/token");
    // No key has been made.
    site.token(&id, "").await.refused(401, "unauthenticated");
    let key = site.key(&id).await;
    // The person's own cookies are none.
    site.browser.post(&path, &[]).await.refused(401, "unauthenticated");
    for wrong in ["qrk_", "x", &key[..46], &key.to_uppercase()] {
        site.token(&id, wrong).await.refused(401, "unauthenticated");
    }
    site.token("00000000-0000-4000-8000-000000000001", &key).await.refused(401, "unauthenticated");
    site.token("x", &key).await.refused(400, "invalid_id");
    bearer(&site.server, &key).get(&path).await.refused(405, "method_not_allowed");
    // A key is no session.
    bearer(&site.server, &key).get("/api/userinfo").await.refused(401, "unauthenticated");
    // An attempt has none.
    let attempt = site.attempt().await;
    assert_eq!(site.press("key", &attempt).await.leads_to(), "/connections?error=not_found");
}

#[tokio::test]
async fn another_persons_connection_is_unknown() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let attempt = site.attempt().await;
    let guang = browser_phone(&site.server, "guang").await;
    for (what, id) in [("key", &id), ("remove_key", &id), ("disconnect", &id), ("disconnect", &attempt)] {
        let answer = guang.post("/connections", &[("do", what), ("id", id)]).await;
        assert_eq!(answer.leads_to(), "/connections?error=not_found", "{what}");
    }
    let page = guang.get(&format!("/connections?id={attempt}")).await.body;
    assert!(!page.contains("WDJB") && page.contains("Nothing is connected"), "{page}");
    // Not even whether it has ended.
    assert_eq!(guang.get(&format!("/api/session/wait?connection={id}")).await.text("status"), "changed");
    site.becomes(&id, "connected").await;
}

#[tokio::test]
async fn the_end_of_an_account_or_a_connection_is_the_end_of_its_key() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let key = site.key(&id).await;
    let accounts = site.server.app.accounts.clone();
    accounts.set_disabled("dong", true).await.unwrap();
    site.token(&id, &key).await.refused(401, "unauthenticated");
    accounts.set_disabled("dong", false).await.unwrap();
    site.token(&id, &key).await.refused(401, "unauthenticated");
    site.browser = browser_phone(&site.server, "dong").await;
    let key = site.key(&id).await;
    site.token(&id, &key).await.ok();
    site.press("disconnect", &id).await.leads_to();
    site.token(&id, &key).await.refused(401, "unauthenticated");
    let revoked = site.forge.next().await;
    assert!(revoked.head.starts_with("POST /revoke "), "{revoked:?}");
    assert_eq!((revoked.field("token"), revoked.field("token_type_hint")), ("r".into(), "refresh_token".into()));
    // The account itself.
    let id = site.connected(&tokens("a", "r")).await;
    let key = site.key(&id).await;
    accounts.change("dong", &AccountChange::default()).await.unwrap();
    accounts.delete("dong").await.unwrap();
    site.token(&id, &key).await.refused(401, "unauthenticated");
    let row = site.server.app.connected_services.store.connection(id.parse().unwrap()).await.unwrap();
    assert_eq!(row, None);
}
