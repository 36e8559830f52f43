//! When tokens are refreshed, and what happens if that fails.

use super::*;
use crate::http_api::server::within;
use domain::account::AccountChange;
use futures::future::join_all;
use testkit::Contract;

const HOUR: Duration = Duration::from_secs(3600);

fn drain(forge: &mut Receiver) -> Vec<Received> {
    std::iter::from_fn(|| forge.try_next()).collect()
}

#[tokio::test]
async fn of_many_requests_at_once_one_refreshes() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a-1", "r-1")).await;
    let key = site.key(&id).await;
    for _ in 0..3 {
        assert_eq!(site.token(&id, &key).await.ok()["access_token"], "a-1");
    }
    assert!(drain(&mut site.forge).is_empty(), "a fresh token needs no refresh");
    for round in 2..5 {
        site.hand.advance(HOUR);
        site.forge.answer("200 OK", &tokens(&format!("a-{round}"), &format!("r-{round}")).to_string());
        let all = join_all((0..10).map(|_| site.token(&id, &key)));
        // Those that wait look again by the clock.
        let ticking = async {
            loop {
                tokio::task::yield_now().await;
                site.hand.advance(Duration::from_millis(1));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let all = within(async {
            tokio::select! { all = all => all, () = ticking => Vec::new() }
        })
        .await;
        assert!(all.iter().all(|answer| answer.ok()["access_token"] == format!("a-{round}")));
        let sent = drain(&mut site.forge);
        let used: Vec<_> = sent.iter().map(|request| request.field("refresh_token")).collect();
        assert_eq!(used, [format!("r-{}", round - 1)], "each refresh token is used once");
    }
}

#[tokio::test]
async fn a_service_that_is_down_costs_nothing_but_time() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a-1", "r-1")).await;
    let key = site.key(&id).await;
    site.hand.advance(HOUR);
    for (status, body) in [
        ("503 Service Unavailable", ""),
        ("200 OK", "<html>"),
        ("302 Found", "{}"),
        ("401 Unauthorized", "{\"error\": \"invalid_client\"}"),
        ("500 Internal Server Error", "{\"error\": \"invalid_grant\"}"),
        ("200 OK", "{\"access_token\": \"\", \"token_type\": \"Bearer\"}"),
    ] {
        site.forge.answer(status, body);
        let answer = site.token(&id, &key).await;
        let message = answer.refused(503, "upstream_unavailable");
        assert!(!message.contains("127.0.0.1"), "{message}");
        assert_eq!(site.forge.next().await.field("refresh_token"), "r-1");
    }
    site.forge.answer("200 OK", &tokens("a-2", "r-2").to_string());
    assert_eq!(site.token(&id, &key).await.ok()["access_token"], "a-2");
}

#[tokio::test]
async fn a_connection_that_the_service_ended_has_to_be_made_again() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a-1", "r-1")).await;
    let key = site.key(&id).await;
    site.hand.advance(HOUR);
    site.forge.answer("400 Bad Request", "{\"error\": \"invalid_grant\"}");
    for _ in 0..3 {
        site.token(&id, &key).await.refused(409, "reconnect_required");
    }
    assert_eq!(drain(&mut site.forge).len(), 1, "a refresh token that is worth nothing is not sent again");
    site.becomes(&id, "lost").await;
}

#[tokio::test]
async fn a_service_without_refresh_tokens_gives_what_it_gave_until_it_expires() {
    let mut site = Site::start().await;
    let once = json!({"access_token": "a", "token_type": "bearer", "expires_in": 3600});
    let id = site.connected(&once).await;
    let key = site.key(&id).await;
    site.token(&id, &key).await.ok();
    site.hand.advance(HOUR);
    site.token(&id, &key).await.refused(409, "reconnect_required");
    let for_ever = site.connected(&json!({"access_token": "b", "token_type": "bearer"})).await;
    let key = site.key(&for_ever).await;
    site.hand.advance(HOUR * 10_000);
    assert_eq!(site.token(&for_ever, &key).await.ok(), json!({"access_token": "b", "token_type": "Bearer"}));
}

#[tokio::test]
async fn an_account_without_an_allowed_group_gets_no_token() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a1", "r1")).await;
    let key = site.key(&id).await;
    register(&site.server, &site.forge, "groups_allowed = [\"staff\"]");
    assert_eq!(site.token(&id, &key).await.status, 401);
    let staff = AccountChange { groups: Some(vec!["staff".to_owned()]), ..AccountChange::default() };
    site.server.app.accounts.change("dong", &staff).await.unwrap();
    assert_eq!(site.token(&id, &key).await.ok()["access_token"], "a1");
}

#[tokio::test]
async fn a_script_that_hangs_up_loses_no_token() {
    let mut site = Site::start().await;
    let id = site.connected(&tokens("a-1", "r-1")).await;
    let key = site.key(&id).await;
    site.hand.advance(HOUR);
    site.forge.answer("200 OK", &tokens("a-2", "r-2").to_string());
    let path = format!("/api/connections/{id}/token");
    let script = bearer(&site.server, &key);
    let request = tokio::spawn(async move { script.post(&path, &[]).await });
    site.forge.next().await;
    request.abort();
    let store = &site.server.app.connected_services.store;
    let id_of = id.parse().unwrap();
    until_async(async || store.connection(id_of).await.unwrap().unwrap().due_at.is_none()).await;
    assert_eq!(site.token(&id, &key).await.ok()["access_token"], "a-2");
    assert!(drain(&mut site.forge).is_empty());
}

#[tokio::test]
async fn a_script_has_a_limit() {
    let mut site = Site::with(&["--rate-limit", "on"]).await;
    let id = site.connected(&tokens("a", "r")).await;
    let key = site.key(&id).await;
    for _ in 0..60 {
        site.token(&id, &key).await.ok();
    }
    let answer = site.token(&id, &key).await;
    answer.refused(429, "rate_limited");
    assert_ne!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let mut site = Site::start().await;
    let contract = Contract::new(testkit::Client::new(&site.server).get("/openapi.json").await.ok());
    let id = site.connected(&tokens("a-1", "r-1")).await;
    let key = site.key(&id).await;
    let good = site.token(&id, &key).await;
    let wrong = site.token(&id, "x").await;
    let malformed = site.token("x", &key).await;
    assert_eq!([&good, &wrong, &malformed].map(|answer| answer.status.as_u16()), [200, 401, 400]);
    for answer in [good, wrong, malformed] {
        contract.holds(&reqwest::Method::POST, "/api/connections/{id}/token", &answer);
    }
}
