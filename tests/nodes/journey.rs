//! A login whose steps may reach different nodes.

use super::cluster::Cluster;
use super::in_process::Server;
use super::node::Node;
use super::waiting::{BOTH_WAYS, Waiting, Way};
use futures::future::join_all;
use std::time::Duration;
use testkit::Socket;
use testkit::{Pc, Phone, bearer};
use testkit::{shared_postgres, shared_redis};

/// Which node handles which step.
struct Route<'a> {
    issues: &'a Node,
    watches: &'a Node,
    scans: &'a Node,
    confirms: &'a Node,
    redeems: &'a Node,
}

impl<'a> Route<'a> {
    fn new([issues, watches, scans, confirms, redeems]: [&'a Node; 5]) -> Self {
        Self { issues, watches, scans, confirms, redeems }
    }

    async fn login(&self, phone: &Phone, way: Way) {
        let pc = Pc::anywhere();
        let id = pc.at(self.issues).ticket().await;
        let mut waiting = Waiting::begin(way, self.watches, &pc, &id).await;
        let token = phone.at(self.scans).scan(&id).await.text("confirm_token");
        waiting.hears("scanned").await;
        phone.at(self.confirms).decide("confirm", &id, &token).await.ok();
        waiting.hears("confirmed").await;
        let token = pc.at(self.redeems).redeem(&id).await.text("token");
        waiting.hears("redeemed").await;
        for node in [self.issues, self.watches, self.scans, self.confirms, self.redeems] {
            bearer(node, &token).get("/api/userinfo").await.ok();
            assert_eq!(pc.at(node).redeem(&id).await.text("token"), token);
        }
    }
}

#[tokio::test]
async fn the_steps_of_a_login_may_reach_two_nodes_in_any_order() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for way in BOTH_WAYS {
        for route in [[a, a, b, b, a], [b, b, a, a, b], [a, b, a, b, a], [b, a, b, a, b]] {
            Route::new(route).login(&phone, way).await;
        }
    }
}

#[tokio::test]
async fn the_steps_of_a_login_may_reach_three_nodes_in_any_order() {
    let cluster = Cluster::shared();
    let [a, b, c] = &cluster.nodes().await;
    let phone = Phone::new(b, &cluster.account()).await;
    for way in BOTH_WAYS {
        for route in [[a, a, b, b, c], [c, c, b, b, a], [a, b, c, a, b], [b, c, a, c, a]] {
            Route::new(route).login(&phone, way).await;
        }
    }
}

#[tokio::test]
async fn a_pc_is_notified_of_a_cancel_on_another_node() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for way in BOTH_WAYS {
        let pc = Pc::anywhere();
        let id = pc.at(a).ticket().await;
        let mut waiting = Waiting::begin(way, a, &pc, &id).await;
        let token = phone.at(b).scan(&id).await.text("confirm_token");
        waiting.hears("scanned").await;
        phone.at(b).decide("cancel", &id, &token).await.ok();
        waiting.hears("cancelled").await;
        pc.at(b).redeem(&id).await.refused(410, "ticket_cancelled");
    }
}

#[tokio::test]
async fn a_ticket_belongs_to_its_browser_and_its_phone_on_every_node() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let (owner, other) = (Phone::new(a, &account).await, Phone::new(b, &account).await);
    let pc = Pc::anywhere();
    let id = pc.at(a).ticket().await;
    let token = owner.at(a).scan(&id).await.text("confirm_token");
    other.at(b).scan(&id).await.refused(409, "already_scanned");
    other.at(b).decide("confirm", &id, &token).await.refused(403, "wrong_device");
    owner.at(b).scan(&id).await.ok();
    owner.at(a).decide("confirm", &id, &token).await.refused(403, "invalid_confirm_token");
    Pc::new(b).check(&id).await.refused(403, "wrong_browser");
    assert_eq!(Socket::open(&Pc::anywhere().0.at(b), &id).await.err(), Some(403));
}

#[tokio::test]
async fn a_ticket_expires_on_every_node() {
    // In this process, so that the test can move their clocks.
    let (redis, postgres) = (shared_redis(), shared_postgres());
    let key = format!("--signing-key={}", Cluster::embedded().new_key());
    let flags = ["--redis-url", &redis, "--database-url", &postgres, &key];
    let nodes = [Server::still(&flags).await, Server::still(&flags).await];
    let [a, b] = [nodes[0].0.origin(), nodes[1].0.origin()];
    let advance = |by| nodes.iter().for_each(|(_, hand)| hand.advance(by));
    let pc = Pc::anywhere();
    let id = pc.at(&a).ticket().await;
    advance(Duration::from_secs(119));
    let mut socket = Socket::open(&pc.0.at(&b), &id).await.unwrap();
    for node in [&a, &b] {
        assert_eq!(pc.at(&node).check(&id).await.ok()["expires_in"], 1);
    }
    socket.hears("pending").await;
    advance(Duration::from_millis(1_001));
    socket.hears("expired").await;
    for node in [&a, &b] {
        pc.at(&node).redeem(&id).await.refused(410, "ticket_expired");
    }
}

#[tokio::test]
async fn forty_redeems_over_two_nodes_yield_one_session() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let phone = Phone::new(a, &cluster.account()).await;
    for round in 1..=3 {
        let pc = Pc::anywhere();
        let id = pc.at(a).ticket().await;
        phone.at(b).approve(&id).await;
        let attempts = (0..40).map(async |attempt| pc.at(if attempt % 2 == 0 { a } else { b }).redeem(&id).await);
        let mut tokens: Vec<_> = join_all(attempts).await.iter().map(|answer| answer.text("token")).collect();
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "all get the token of one session");
        bearer(b, &tokens[0]).get("/api/userinfo").await.ok();
        let sessions = phone.client.at(a).get("/api/sessions").await.ok();
        let kept = sessions.as_array().unwrap().iter().filter(|session| session["kind"] == "pc").count();
        assert_eq!(kept, round, "{sessions}");
    }
}
