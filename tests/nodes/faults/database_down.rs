//! PostgreSQL stops, is restarted, or cuts connections.

use crate::nodes::cluster::Cluster;
use crate::nodes::sessions::watch_for_end;
use crate::nodes::waiting::{Waiting, Way};
use serde_json::json;
use testkit::{Engine, shared_redis, sql};
use testkit::{Pc, Phone, bearer, sign_in};

#[tokio::test]
async fn a_restart_of_postgresql_loses_no_login_and_no_session() {
    let mut postgres = Engine::postgres().await;
    let cluster = Cluster::on(&shared_redis(), &postgres.url()).with("TICKET_TTL", "300");
    let [a, b] = cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(&a, &account).await;
    let (pc, other) = (Pc::anywhere(), Pc::anywhere());
    let (id, open) = (pc.at(&a).ticket().await, other.at(&b).ticket().await);
    let mut waiting = Waiting::begin(Way::WebSocket, &a, &other, &open).await;
    phone.at(&b).approve(&id).await;

    for crash in [false, true] {
        if crash {
            postgres.kill()
        } else {
            postgres.stop()
        }
        for node in [&a, &b] {
            assert_eq!(node.engine_is("database", "unavailable").await, 503);
            let said = node.readiness().await.json();
            assert_eq!(said, json!({ "status": "unavailable", "tickets": "ok", "database": "unavailable" }));
            assert_eq!(node.health().await.status, 200);
            pc.at(node).redeem(&id).await.unavailable();
            sign_in(node, &account).await.unavailable();
            phone.at(node).user_info().await.unavailable();
            phone.at(node).scan(&open).await.unavailable();
            assert_eq!(pc.at(node).check(&id).await.text("status"), "confirmed");
        }
        postgres.start().await;
        for node in [&a, &b] {
            assert_eq!(node.engine_is("database", "ok").await, 200);
        }
        phone.at(&b).user_info().await.ok();
    }

    let token = pc.at(&b).redeem(&id).await.text("token");
    assert_eq!(pc.at(&a).redeem(&id).await.text("token"), token);
    bearer(&a, &token).get("/api/userinfo").await.ok();
    let token = phone.at(&b).scan(&open).await.text("confirm_token");
    waiting.hears("scanned").await;
    phone.at(&b).decide("confirm", &open, &token).await.ok();
    waiting.hears("confirmed").await;
    other.at(&a).redeem(&open).await.ok();
}

#[tokio::test]
async fn a_node_that_was_cut_off_notifies_waiters_of_sessions_that_ended_meanwhile() {
    let postgres = Engine::postgres().await;
    let cluster = Cluster::on(&shared_redis(), &postgres.url());
    let [a, b] = cluster.nodes().await;
    let account = cluster.account();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query ILIKE 'listen%'";
    for _ in 0..2 {
        let (phone, victim) = (Phone::new(&b, &account).await, Phone::new(&a, &account).await);
        let session = victim.at(&a).user_info().await.ok()["session"]["id"].as_str().unwrap().to_owned();
        let waiting = watch_for_end(&victim.client, &a).await;
        a.pause();
        assert_ne!(sql(&postgres.url(), cut), "0", "no node listens");
        phone.client.at(&b).post("/api/sessions/revoke", &[("session_id", &session)]).await.ok();
        a.resume();
        assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
        victim.at(&a).user_info().await.refused(401, "token_revoked");
    }
}
