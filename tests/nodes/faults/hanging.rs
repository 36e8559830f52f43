//! An engine that keeps its connections but does not respond, as with a disk that hangs.

use crate::nodes::cluster::Cluster;
use crate::nodes::node::Node;
use crate::nodes::waiting::{BOTH_WAYS, Waiting};
use futures::future::join_all;
use std::collections::HashSet;
use testkit::until;
use testkit::{Answer, Client, Pc, Phone, sign_in};
use testkit::{Engine, shared_postgres, shared_redis, sql, sql_in_background};

/// Checks that every response says that the engine is down.
fn check_all_unavailable(answers: &[Answer]) {
    answers.iter().for_each(Answer::unavailable);
}

/// Returns the tokens in the responses. A PC that got none must have been told that the engine is down.
fn tokens_of(answers: &[Answer]) -> HashSet<String> {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    lost.into_iter().for_each(Answer::unavailable);
    won.into_iter().map(|answer| answer.text("token")).collect()
}

async fn whole_login(phone: &Phone, [a, b]: [&Node; 2]) {
    let pc = Pc::anywhere();
    let id = pc.at(a).ticket().await;
    phone.at(b).approve(&id).await;
    pc.at(a).redeem(&id).await.ok();
}

#[tokio::test]
async fn requests_time_out_while_redis_hangs_and_no_login_is_redeemed_twice() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    let pc = Pc::anywhere();
    let confirmed = pc.at(a).ticket().await;
    phone.at(b).approve(&confirmed).await;
    let mut waiting = Vec::new();
    for (way, node) in BOTH_WAYS.into_iter().zip([a, b]) {
        let id = pc.at(b).ticket().await;
        waiting.push((Waiting::begin(way, node, &pc, &id).await, id));
    }

    redis.pause();
    let both = || (0..10).map(|attempt| if attempt % 2 == 0 { a } else { b });
    check_all_unavailable(&join_all(both().map(async |node| pc.at(node).redeem(&confirmed).await)).await);
    check_all_unavailable(&join_all(both().map(async |node| pc.at(node).generate().await)).await);
    for node in [a, b] {
        assert_eq!(node.health().await.status, 200);
        assert_eq!(node.engine_is("tickets", "unavailable").await, 503);
    }
    phone.at(a).user_info().await.ok();

    redis.resume();
    for node in [a, b] {
        assert_eq!(node.engine_is("tickets", "ok").await, 200);
    }
    let redeemed = join_all(both().map(async |node| pc.at(node).redeem(&confirmed).await)).await;
    assert!(redeemed.iter().all(|answer| answer.status == 200), "no login was lost: {redeemed:?}");
    assert_eq!(tokens_of(&redeemed).len(), 1, "{redeemed:?}");
    assert_eq!(pc.at(b).check(&confirmed).await.text("status"), "redeemed");
    for (waiting, id) in &mut waiting {
        let token = phone.at(a).scan(id).await.text("confirm_token");
        waiting.hears("scanned").await;
        phone.at(b).decide("confirm", id, &token).await.ok();
        waiting.hears("confirmed").await;
    }
    whole_login(&phone, [a, b]).await;
}

#[tokio::test]
async fn a_slow_redis_loses_no_login() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for node in [a, b] {
        let pc = Pc::anywhere();
        let id = pc.at(a).ticket().await;
        phone.at(b).approve(&id).await;
        // Redis responds to reads and holds back writes.
        assert_eq!(redis.redis_says("CLIENT PAUSE 600000 WRITE").await, "+OK\r\n");
        let attempts = join_all((0..10).map(async |_| pc.at(node).redeem(&id).await));
        let (mut answers, ()) = tokio::join!(attempts, async {
            until("a redeem is held back", async || {
                redis.redis_says("INFO clients").await.contains("blocked_clients:1\r\n").then_some(())
            })
            .await;
            assert_eq!(redis.redis_says("CLIENT UNPAUSE").await, "+OK\r\n");
        });
        // A client that timed out on a busy machine retries.
        answers.push(pc.at(b).redeem(&id).await);
        assert_eq!(answers.last().unwrap().status, 200, "{answers:?}");
        assert_eq!(tokens_of(&answers).len(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn requests_time_out_while_postgresql_hangs_and_no_login_is_lost() {
    let postgres = Engine::postgres().await;
    let cluster = Cluster::on(&shared_redis(), &postgres.url()).with("TICKET_TTL", "300");
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    let pc = Pc::anywhere();
    let id = pc.at(a).ticket().await;
    phone.at(b).approve(&id).await;

    postgres.pause();
    let both = || (0..10).map(|attempt| if attempt % 2 == 0 { a } else { b });
    check_all_unavailable(&join_all(both().map(async |node| pc.at(node).redeem(&id).await)).await);
    sign_in(a, &account).await.unavailable();
    phone.at(b).user_info().await.unavailable();
    for node in [a, b] {
        assert_eq!(node.health().await.status, 200);
        assert_eq!(node.engine_is("database", "unavailable").await, 503);
        assert_eq!(pc.at(node).check(&id).await.text("status"), "confirmed");
    }

    postgres.resume();
    for node in [a, b] {
        assert_eq!(node.engine_is("database", "ok").await, 200);
    }
    let redeemed = join_all(both().map(async |node| pc.at(node).redeem(&id).await)).await;
    assert!(redeemed.iter().all(|answer| answer.status == 200), "no login was lost: {redeemed:?}");
    assert_eq!(tokens_of(&redeemed).len(), 1, "{redeemed:?}");
    phone.at(a).user_info().await.ok();
    whole_login(&phone, [a, b]).await;
}

/// Anybody may ask for pictures.
#[tokio::test]
async fn pictures_that_hang_take_no_login_with_them() {
    let postgres = Engine::postgres().await;
    let cluster = Cluster::on(&shared_redis(), &postgres.url());
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    let lock = sql_in_background(&postgres.url(), "BEGIN; LOCK TABLE pictures; SELECT pg_sleep(600)");
    let held = "SELECT count(*) FROM pg_locks WHERE relation = 'pictures'::regclass AND granted = $1";
    let locks = |granted: &str| sql(&postgres.url(), &held.replace("$1", granted));
    until("the table is locked", async || (locks("true") != "0").then_some(())).await;
    let stranger = Client::anywhere().at(a);
    let asked: Vec<_> = (0..60)
        .map(|number| {
            let stranger = stranger.clone();
            tokio::spawn(async move { stranger.get(&format!("/picture/{number:064}.jpg")).await })
        })
        .collect();
    until("pictures are being read", async || (locks("false") == "2").then_some(())).await;
    whole_login(&phone, [a, b]).await;
    phone.at(a).user_info().await.ok();
    for answer in join_all(asked).await {
        answer.unwrap().unavailable();
    }
    drop(lock);
}

#[tokio::test]
async fn a_query_without_a_response_times_out() {
    let postgres = Engine::postgres().await;
    let cluster = Cluster::on(&shared_redis(), &postgres.url());
    let node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let lock = sql_in_background(&postgres.url(), "BEGIN; LOCK TABLE sessions; SELECT pg_sleep(600)");
    let held = "SELECT count(*) FROM pg_locks WHERE relation = 'sessions'::regclass AND granted = $1";
    let locks = |granted: &str| sql(&postgres.url(), &held.replace("$1", granted));
    until("the table is locked", async || (locks("true") != "0").then_some(())).await;
    let ((), answer) = tokio::join!(
        async {
            // As if PostgreSQL's machine lost power in the middle of a query.
            until("a query is under way", async || (locks("false") != "0").then_some(())).await;
            postgres.pause();
        },
        async { phone.at(&node).user_info().await }
    );
    answer.unavailable();
    postgres.resume();
    sql(
        &postgres.url(),
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND pid <> pg_backend_pid()",
    );
    drop(lock);
    assert_eq!(node.engine_is("database", "ok").await, 200);
    phone.at(&node).user_info().await.ok();
}
