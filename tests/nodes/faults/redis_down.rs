//! Redis stops, is restarted, cuts connections, or is not there yet.

use crate::nodes::client::{Pc, Phone, sign_in};
use crate::nodes::cluster::Cluster;
use crate::nodes::engine::{Engine, shared_postgres};
use crate::nodes::node::Node;
use crate::nodes::patience::{until, within};
use crate::nodes::socket::Socket;
use crate::nodes::waiting::{BOTH_WAYS, Waiting, Way};
use serde_json::json;

/// Checks what a node says and does while its Redis is away.
async fn check_outage(node: &Node, pc: &Pc, id: &str, account: &str) {
    assert_eq!(node.engine_is("tickets", "unavailable").await, 503);
    let said = node.readiness().await.json();
    assert_eq!(said, json!({ "status": "unavailable", "tickets": "unavailable", "database": "ok" }));
    assert_eq!(node.health().await.status, 200);
    pc.generate(node).await.unavailable();
    pc.check(node, id).await.unavailable();
    pc.redeem(node, id).await.unavailable();
    assert_eq!(Socket::try_open(node, &pc.0, id).await.err(), Some(503));
    let page = pc.0.get(node, "/").await;
    assert!(page.status == 503 && page.body.contains("<html"), "{page:?}");
    // People and sessions are PostgreSQL's.
    let phone = Phone::new(node, account).await;
    phone.user_info(node).await.ok();
    phone.scan(node, id).await.unavailable();
}

#[tokio::test]
async fn who_waits_through_a_restart_of_redis_hears_what_is_confirmed_after_it() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(&a, &account).await;
    let mut waiting = Vec::new();
    for (way, node) in BOTH_WAYS.into_iter().zip([&a, &b]) {
        let pc = Pc::new();
        let id = pc.ticket(&b).await;
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
        let token = phone.scan(&a, id).await.text("confirm_token");
        waiting.hears("scanned").await;
        phone.decide(&b, "confirm", id, &token).await.ok();
        waiting.hears("confirmed").await;
        pc.redeem(&a, id).await.ok();
        waiting.hears("redeemed").await;
    }
}

#[tokio::test]
async fn a_confirmed_ticket_survives_a_crash_of_redis_and_is_redeemed_once() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let (pc, used) = (Pc::new(), Pc::new());
    let (id, used_id) = (pc.ticket(&a).await, used.ticket(&a).await);
    phone.approve(&a, &id).await;
    phone.approve(&b, &used_id).await;
    let used_token = used.redeem(&a, &used_id).await.text("token");
    redis.kill();
    for node in [&a, &b] {
        pc.redeem(node, &id).await.unavailable();
    }
    redis.start().await;
    for node in [&a, &b] {
        node.engine_is("tickets", "ok").await;
    }
    let token = pc.redeem(&b, &id).await.text("token");
    assert_eq!(pc.redeem(&a, &id).await.text("token"), token);
    // A restart may take longer than a repeat is answered; it never begins a second session.
    let again = used.redeem(&b, &used_id).await;
    if again.status == 200 { assert_eq!(again.text("token"), used_token) } else { again.refused(409, "already_used") }
}

/// Cuts the connections on which nodes hear of changes, while `deaf` cannot notice, and lets it go on after `change`.
async fn while_deaf(redis: &Engine, deaf: &Node, change: impl Future<Output = ()>) {
    deaf.pause();
    let cut = redis.redis_says("CLIENT KILL TYPE pubsub").await;
    assert!(cut.starts_with(':') && !cut.starts_with(":0"), "no node listens: {cut}");
    change.await;
    deaf.resume();
}

#[tokio::test]
async fn what_happened_while_a_node_was_cut_off_reaches_those_who_wait_there() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    for way in [Way::WebSocket, Way::LongPoll, Way::WebSocket] {
        let pc = Pc::new();
        let id = pc.ticket(&a).await;
        let mut waiting = Waiting::begin(way, &a, &pc, &id).await;
        while_deaf(&redis, &a, phone.approve(&b, &id)).await;
        within("it hears", waiting.hears("confirmed")).await;
        // The new connection carries what comes next.
        let token = pc.redeem(&b, &id).await.text("token");
        assert!(!token.is_empty());
        waiting.hears("redeemed").await;
    }
}

#[tokio::test]
async fn what_could_not_be_read_after_a_gap_is_read_once_it_can_be() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::new();
    let id = pc.ticket(&a).await;
    let mut waiting = Waiting::begin(Way::WebSocket, &a, &pc, &id).await;
    while_deaf(&redis, &a, async {
        phone.approve(&b, &id).await;
        // Redis lets nodes listen but not read, as it does while it loads what it kept.
        redis.redis_says("ACL LOG RESET").await;
        redis.redis_says("ACL SETUSER default -hget").await;
    })
    .await;
    until("the node was refused", async || (redis.redis_says("ACL LOG 1").await.starts_with("*1")).then_some(())).await;
    redis.redis_says("ACL SETUSER default +hget").await;
    waiting.hears("confirmed").await;
}

#[tokio::test]
async fn a_redis_that_is_full_is_a_redis_that_is_away() {
    let redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("TICKET_TTL", "300");
    let node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::new();
    let (id, open) = (pc.ticket(&node).await, pc.ticket(&node).await);
    phone.approve(&node, &id).await;
    redis.redis_says("CONFIG SET maxmemory 1").await;
    pc.generate(&node).await.unavailable();
    phone.scan(&node, &open).await.unavailable();
    pc.redeem(&node, &id).await.unavailable();
    assert_eq!(pc.check(&node, &id).await.text("status"), "confirmed");
    redis.redis_says("CONFIG SET maxmemory 0").await;
    phone.approve(&node, &open).await;
    for id in [&id, &open] {
        let token = pc.redeem(&node, id).await.text("token");
        assert_eq!(pc.redeem(&node, id).await.text("token"), token);
    }
}

#[tokio::test]
async fn a_node_starts_without_redis_and_serves_once_it_is_there() {
    let mut redis = Engine::stopped_redis();
    let cluster = Cluster::on(&redis.url(), &shared_postgres());
    let node = cluster.node().await;
    let account = cluster.account();
    let pc = Pc::new();
    check_outage(&node, &pc, "00000000-0000-4000-8000-000000000000", &account).await;
    redis.start().await;
    assert_eq!(node.engine_is("tickets", "ok").await, 200);
    let phone = Phone::new(&node, &account).await;
    let id = pc.ticket(&node).await;
    let mut socket = Socket::open(&node, &pc.0, &id).await;
    socket.hears("pending").await;
    phone.approve(&node, &id).await;
    while socket.status().await.expect("it still speaks") != "confirmed" {}
    pc.redeem(&node, &id).await.ok();
}

#[tokio::test]
async fn without_redis_each_node_still_limits_what_it_sees() {
    let mut redis = Engine::redis().await;
    let cluster = Cluster::on(&redis.url(), &shared_postgres()).with("RATE_LIMIT", "on");
    let node = cluster.node().await;
    let account = cluster.account();
    sign_in(&node, &account).await.ok();
    redis.stop();
    sign_in(&node, &account).await.ok();
    let client = crate::nodes::client::Client::new();
    let guess = async || client.post(&node, "/api/login", &[("username", &account), ("password", "guess")]).await;
    let mut answers = Vec::new();
    while answers.len() < 40 && answers.last() != Some(&429) {
        answers.push(guess().await.status);
    }
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
    assert!(answers[..answers.len() - 1].iter().all(|status| *status == 401), "{answers:?}");
}
