//! How an attempt is shown, polled and ended.

use super::*;
use crate::http_api::server::{PASSWORD, within};
use testkit::{Phone, signed_in_pc};

#[tokio::test]
async fn the_page_shows_the_services_code_until_it_is_approved() {
    let mut site = Site::start().await;
    let page = site.browser.get("/connections").await.body;
    assert!(page.contains("data-service=\"forge\"") && page.contains("Nothing is connected"), "{page}");
    assert!(site.browser.get("/account").await.body.contains("href=\"/connections\""));
    let id = site.attempt().await;
    let page = site.browser.get(&format!("/connections?id={id}")).await.body;
    assert!(page.contains("WDJB-MJHT") && page.contains("<svg"), "{page}");
    assert!(page.contains("href=\"https://forge.example/device?user_code=WDJB-MJHT\""), "{page}");
    assert!(page.contains("rel=\"noopener noreferrer\""), "{page}");
    // Without script it refreshes itself.
    assert!(page.contains(&format!("<meta http-equiv=\"refresh\" content=\"3;url=/connections?id={id}\"")), "{page}");

    let waiting = {
        let (browser, path) = (site.browser.clone(), format!("/api/session/wait?connection={id}"));
        // A wait ends after 25 seconds of a clock that this test moves.
        tokio::spawn(async move { while browser.get(&path).await.text("status") != "changed" {} })
    };
    let poll = site.poll("400 Bad Request", &json!({"error": "authorization_pending"})).await;
    assert_eq!(poll.field("grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!((poll.field("device_code"), poll.field("client_id")), ("the-device-code".into(), "qr".into()));
    assert!(poll.head.contains("accept: application/json"), "{poll:?}");
    let approved = json!({"access_token": "a", "token_type": "bearer", "id_token": "x.eyJzdWIiOiI8Yj4ifQ.y"});
    // The poll may not be noted yet, so that the next one is due later than the clock says.
    site.forge.answer("200 OK", &approved.to_string());
    until_async(async || {
        site.hand.advance(Duration::from_secs(5));
        site.forge.try_next().is_some()
    })
    .await;
    site.becomes(&id, "connected").await;
    site.hand.advance(Duration::from_secs(1));
    within(waiting).await.unwrap();
    let page = site.browser.get(&format!("/connections?id={id}")).await.body;
    // The name that the service gives is only a text.
    assert!(page.contains("Connected as &lt;b&gt;") && !page.contains("WDJB-MJHT"), "{page}");
}

#[tokio::test]
async fn each_end_is_said() {
    for (error, state) in [
        ("access_denied", "declined"),
        ("expired_token", "expired"),
        ("invalid_grant", "failed"),
        ("<script>alert(1)</script>", "failed"),
    ] {
        let mut site = Site::start().await;
        let id = site.attempt().await;
        site.poll("400 Bad Request", &json!({"error": error, "error_description": "<script>"})).await;
        site.becomes(&id, state).await;
        let page = site.browser.get(&format!("/connections?id={id}")).await.body;
        assert!(!page.contains("<script>alert") && !page.contains("WDJB"), "{page}");
        site.press("disconnect", &id).await.leads_to();
        assert!(site.browser.get("/connections").await.body.contains("Nothing is connected"));
    }
}

#[tokio::test]
async fn an_attempt_ends_when_the_service_said_although_it_never_answers() {
    let mut site = Site::start().await;
    let id = site.attempt().await;
    site.forge.answer("503 Service Unavailable", "<html>");
    site.hand.advance(Duration::from_secs(5));
    site.forge.next().await;
    until_async(async || {
        site.hand.advance(Duration::from_secs(60));
        site.browser.get("/connections").await.body.contains("data-state=\"expired\"")
    })
    .await;
    let polls = std::iter::from_fn(|| site.forge.try_next()).count();
    assert!(polls <= 20, "{polls} polls of a service that is down");
    assert_eq!(
        site.server.app.connected_services.store.connection(id.parse().unwrap()).await.unwrap().unwrap().sealed,
        None
    );
}

#[tokio::test]
async fn slow_down_is_obeyed() {
    let mut site = Site::start().await;
    let id = site.attempt().await;
    site.poll("400 Bad Request", &json!({"error": "slow_down"})).await;
    let store = &site.server.app.connected_services.store;
    let interval = async || store.connection(id.parse().unwrap()).await.unwrap().unwrap().interval.as_secs();
    until_async(async || interval().await == 10).await;
    site.hand.advance(Duration::from_secs(9));
    // The page is served by the same runtime, so the poller has had its turn.
    site.browser.get("/connections").await;
    assert!(site.forge.try_next().is_none());
    site.hand.advance(Duration::from_secs(1));
    site.forge.next().await;
}

#[tokio::test]
async fn a_service_that_lies_is_not_shown() {
    let site = Site::start().await;
    for (status, body) in [
        ("200 OK", "<html>".to_owned()),
        ("200 OK", OFFER.replace("https://forge.example/device\"", "javascript:alert(1)\"")),
        ("200 OK", OFFER.replace("900", "0")),
        ("200 OK", OFFER.replace("WDJB-MJHT", "<b>\\n")),
        ("200 OK", format!("{{\"x\": \"{}\"}}", "x".repeat(300 * 1024))),
        ("302 Found", OFFER.to_owned()),
        ("400 Bad Request", "{\"error\": \"unauthorized_client\"}".to_owned()),
        ("503 Service Unavailable", OFFER.to_owned()),
    ] {
        site.forge.answer_with(status, "Location: http://127.0.0.1:1/", &body);
        let answer = site.browser.post("/connections", &[("do", "start"), ("service", "forge")]).await;
        assert_eq!(answer.leads_to(), "/connections?error=upstream_unavailable", "{body:.80}");
    }
    let page = site.browser.get("/connections?error=upstream_unavailable").await.body;
    assert!(page.contains("does not answer as it should") && page.contains("Nothing is connected"), "{page}");
    // A complete address that is none is left out.
    let odd = OFFER.replace("https://forge.example/device?user_code", "javascript:alert(1)//");
    site.forge.answer("200 OK", &odd);
    let shown = site.browser.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    let page = site.browser.get(&shown).await.body;
    assert!(page.contains("href=\"https://forge.example/device\"") && !page.contains("javascript:"), "{page}");
}

#[tokio::test]
async fn a_new_attempt_takes_the_place_of_the_one_before() {
    let mut site = Site::start().await;
    let (first, second) = (site.attempt().await, site.attempt().await);
    let page = site.browser.get("/connections").await.body;
    assert!(!page.contains(&first) && page.contains(&second), "{page}");
    // The page of the first one goes on to the lists.
    let watched = site.browser.get(&format!("/api/session/wait?connection={first}")).await;
    assert_eq!(watched.text("status"), "changed");
    site.browser.get("/api/session/wait?connection=x").await.refused(400, "invalid_id");
}

#[tokio::test]
async fn only_those_who_are_signed_in_and_admitted_may_connect() {
    let site = Site::start().await;
    let stranger = Client::new(&site.server);
    assert_eq!(stranger.get("/connections").await.leads_to(), "/?next=/connections");
    let start = [("do", "start"), ("service", "forge")];
    assert_eq!(stranger.post("/connections", &start).await.leads_to(), "/?next=/connections");
    for (form, error) in [
        (&[("do", "start"), ("service", "other")][..], "not_found"),
        (&[("do", "start")], "not_found"),
        (&[("do", "key"), ("id", "x")], "invalid_id"),
        (&[("do", "other")], "invalid_request"),
    ] {
        let answer = site.browser.post("/connections", form).await;
        assert_eq!(answer.leads_to(), format!("/connections?error={error}"));
    }
    register(&site.server, &site.forge, "groups_allowed = [\"staff\"]");
    assert!(!site.browser.get("/connections").await.body.contains("data-service"));
    assert_eq!(site.browser.post("/connections", &start).await.leads_to(), "/connections?error=not_found");
    assert!(!site.browser.get("/account").await.body.contains("href=\"/connections\""));
}

#[tokio::test]
async fn a_pc_that_was_signed_in_by_a_scan_asks_for_the_password_first() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a", "r")).await;
    let phone = Phone::new(&site.server, "dong").await;
    let (pc, _) = signed_in_pc(&site.server, &phone).await;
    let page = pc.0.get("/connections").await.body;
    assert!(page.contains("name=\"password\"") && !page.contains("value=\"start\""), "{page}");
    for form in
        [[("do", "start"), ("service", "forge")], [("do", "key"), ("id", &*id)], [("do", "disconnect"), ("id", &*id)]]
    {
        assert_eq!(pc.0.post("/connections", &form).await.leads_to(), "/connections?error=step_up_required");
    }
    let form = [("password", PASSWORD), ("next", "/connections")];
    let browser = pc.0.clone().plain_forms();
    assert_eq!(browser.post("/api/step-up", &form).await.leads_to(), "/connections");
    assert_eq!(pc.0.post("/connections", &[("do", "disconnect"), ("id", &*id)]).await.leads_to(), "/connections");
}
