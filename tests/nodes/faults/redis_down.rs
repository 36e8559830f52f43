//! Redis stops, is restarted, cuts connections, or has not started yet.

use crate::nodes::cluster::Cluster;
use crate::nodes::node::Node;
use crate::nodes::waiting::{BOTH_WAYS, Waiting, Way};
use serde_json::json;
use testkit::Socket;
use testkit::{Engine, shared_postgres};
use testkit::{Pc, Phone, sign_in};
use testkit::{until, within};

/// Checks how a node behaves while its Redis is down.
async fn check_outage(node: &Node, pc: &Pc, id: &str, account: &str) {
    assert_eq!(node.engine_is("tickets", "unavailable").await, 503);
    let said = node.readiness().await.json();
    assert_eq!(said, json!({ "status": "unavailable", "tickets": "unavailable", "database": "ok" }));
    assert_eq!(node.health().await.status, 200);
    pc.at(node).generate().await.unavailable();
    pc.at(node).check(id).await.unavailable();
    pc.at(node).redeem(id).await.unavailable();
    assert_eq!(Socket::open(&pc.0.at(node), id).await.err(), Some(503));
    let page = pc.0.at(node).get("/").await;
    assert!(page.status == 503 && page.body.contains("<html"), "{page:?}");
    // Accounts and sessions are in PostgreSQL.
    let phone = Phone::new(node, account).await;
    phone.at(node).user_info().await.ok();
    phone.at(node).scan(id).await.unavailable();
}

#[tokio::test]
async fn a_waiter_survives_a_restart_of_redis_and_receives_the_next_change() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(&a, &account).await;
    let mut waiting = Vec::new();
    for (way, node) in BOTH_WAYS.into_iter().zip([&a, &b]) {
        let pc = Pc::anywhere();
        let id = pc.at(&b).ticket().await;
        waiting.push((Waiting::begin(way, node, &pc, &id).await, pc, id));
    }
    redis.stop();
    for node in [&a, &b] {
        check_outage(node, &waiting[0].1, &waiting[0].2, &account).await;
    }
    redis.start().await;
    for node in [&a, &b] {
        assert_eq!(node.engine_is("tickets", "ok").await, 200);
    }
    for (waiting, pc, id) in &mut waiting {
        let token = phone.at(&a).scan(id).await.text("confirm_token");
        waiting.hears("scanned").await;
        phone.at(&b).decide("confirm", id, &token).await.ok();
        waiting.hears("confirmed").await;
        pc.at(&a).redeem(id).await.ok();
        waiting.hears("redeemed").await;
    }
}

#[tokio::test]
async fn a_confirmed_ticket_survives_a_crash_of_redis_and_is_redeemed_once() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let (pc, used) = (Pc::anywhere(), Pc::anywhere());
    let (id, used_id) = (pc.at(&a).ticket().await, used.at(&a).ticket().await);
    phone.at(&a).approve(&id).await;
    phone.at(&b).approve(&used_id).await;
    let used_token = used.at(&a).redeem(&used_id).await.text("token");
    redis.kill();
    for node in [&a, &b] {
        pc.at(node).redeem(&id).await.unavailable();
    }
    redis.start().await;
    for node in [&a, &b] {
        node.engine_is("tickets", "ok").await;
    }
    let token = pc.at(&b).redeem(&id).await.text("token");
    assert_eq!(pc.at(&a).redeem(&id).await.text("token"), token);
    // A restart may take longer than a redeem may be repeated; a repeat must never begin a second session.
    let again = used.at(&b).redeem(&used_id).await;
    if again.status == 200 {
        assert_eq!(again.text("token"), used_token)
    } else {
        drop(again.refused(409, "already_used"))
    }
}

/// Cuts the nodes' subscriptions while `deaf` is paused and cannot notice, and resumes it after `change`.
async fn while_deaf(redis: &Engine, deaf: &Node, change: impl Future<Output = ()>) {
    deaf.pause();
    let cut = redis.redis_says("CLIENT KILL TYPE pubsub").await;
    assert!(cut.starts_with(':') && !cut.starts_with(":0"), "no node listens: {cut}");
    change.await;
    deaf.resume();
}

#[tokio::test]
async fn a_node_that_was_cut_off_notifies_waiters_of_missed_changes() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    for way in [Way::WebSocket, Way::LongPoll, Way::WebSocket] {
        let pc = Pc::anywhere();
        let id = pc.at(&a).ticket().await;
        let mut waiting = Waiting::begin(way, &a, &pc, &id).await;
        while_deaf(&redis, &a, phone.at(&b).approve(&id)).await;
        within("it hears", waiting.hears("confirmed")).await;
        // The new connection carries the next change.
        let token = pc.at(&b).redeem(&id).await.text("token");
        assert!(!token.is_empty());
        waiting.hears("redeemed").await;
    }
}

#[tokio::test]
async fn reads_after_a_gap_are_retried_until_they_succeed() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::anywhere();
    let id = pc.at(&a).ticket().await;
    let mut waiting = Waiting::begin(Way::WebSocket, &a, &pc, &id).await;
    while_deaf(&redis, &a, async {
        phone.at(&b).approve(&id).await;
        // Redis accepts subscriptions but not reads, as it does while it loads its data.
        redis.redis_says("ACL LOG RESET").await;
        redis.redis_says("ACL SETUSER default -hget").await;
    })
    .await;
    until("the node was refused", async || (redis.redis_says("ACL LOG 1").await.starts_with("*1")).then_some(())).await;
    redis.redis_says("ACL SETUSER default +hget").await;
    waiting.hears("confirmed").await;
}

#[tokio::test]
async fn a_full_redis_counts_as_down() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::anywhere();
    let (id, open) = (pc.at(&node).ticket().await, pc.at(&node).ticket().await);
    phone.at(&node).approve(&id).await;
    redis.redis_says("CONFIG SET maxmemory 1").await;
    pc.at(&node).generate().await.unavailable();
    phone.at(&node).scan(&open).await.unavailable();
    pc.at(&node).redeem(&id).await.unavailable();
    assert_eq!(pc.at(&node).check(&id).await.text("status"), "confirmed");
    redis.redis_says("CONFIG SET maxmemory 0").await;
    phone.at(&node).approve(&open).await;
    for id in [&id, &open] {
        let token = pc.at(&node).redeem(id).await.text("token");
        assert_eq!(pc.at(&node).redeem(id).await.text("token"), token);
    }
}

#[tokio::test]
async fn a_node_starts_without_redis_and_recovers_once_it_is_up() {
    let mut redis = Engine::stopped_redis();
    let cluster = Cluster::on(&redis.url(), &shared_postgres());
    let node = cluster.node().await;
    let account = cluster.account();
    let pc = Pc::anywhere();
    check_outage(&node, &pc, "00000000-0000-4000-8000-000000000000", &account).await;
    redis.start().await;
    assert_eq!(node.engine_is("tickets", "ok").await, 200);
    let phone = Phone::new(&node, &account).await;
    let id = pc.at(&node).ticket().await;
    let mut socket = Socket::open(&pc.0.at(&node), &id).await.unwrap();
    socket.hears("pending").await;
    phone.at(&node).approve(&id).await;
    while socket.status_or_end().await.expect("the connection is open") != "confirmed" {}
    pc.at(&node).redeem(&id).await.ok();
}

#[tokio::test]
async fn without_redis_each_node_enforces_limits_itself() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("RATE_LIMIT", "on");
    let node = cluster.node().await;
    let account = cluster.account();
    sign_in(&node, &account).await.ok();
    redis.stop();
    sign_in(&node, &account).await.ok();
    let client = testkit::Client::anywhere();
    let guess = async || client.at(&node).post("/api/login", &[("username", &account), ("password", "guess")]).await;
    let mut answers = Vec::new();
    while answers.len() < 40 && answers.last() != Some(&429) {
        answers.push(guess().await.status.as_u16());
    }
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
    assert!(answers[..answers.len() - 1].iter().all(|status| *status == 401), "{answers:?}");
}
