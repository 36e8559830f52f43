//! A node is killed in the middle of a login.

use crate::nodes::cluster::Cluster;
use testkit::Socket;
use testkit::{Pc, Phone};

#[tokio::test]
async fn another_node_redeems_a_ticket_that_the_dead_one_confirmed() {
    let cluster = Cluster::shared();
    let [mut a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::anywhere();
    let id = pc.at(&a).ticket().await;
    phone.at(&a).approve(&id).await;
    a.kill();
    let token = pc.at(&b).redeem(&id).await.text("token");
    assert_eq!(pc.at(&b).redeem(&id).await.text("token"), token);
    a.start().await;
    assert_eq!(pc.at(&a).redeem(&id).await.text("token"), token);
}

#[tokio::test]
async fn the_same_node_redeems_once_it_is_back() {
    let cluster = Cluster::shared();
    let mut node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::anywhere();
    let id = pc.at(&node).ticket().await;
    phone.at(&node).approve(&id).await;
    node.kill();
    node.start().await;
    assert_eq!(pc.at(&node).check(&id).await.text("status"), "confirmed");
    let token = pc.at(&node).redeem(&id).await.text("token");
    assert_eq!(pc.at(&node).redeem(&id).await.text("token"), token);
    phone.at(&node).user_info().await.ok();
}

#[tokio::test]
async fn a_pc_that_lost_its_node_waits_on_another_one() {
    let cluster = Cluster::shared();
    let [mut a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::anywhere();
    let id = pc.at(&a).ticket().await;
    let mut socket = Socket::open(&pc.0.at(&a), &id).await.unwrap();
    socket.hears("pending").await;
    let token = phone.at(&a).scan(&id).await.text("confirm_token");
    socket.hears("scanned").await;
    a.kill();
    assert_eq!(socket.status_or_end().await, None);
    let mut socket = Socket::open(&pc.0.at(&b), &id).await.unwrap();
    socket.hears("scanned").await;
    phone.at(&b).decide("confirm", &id, &token).await.ok();
    socket.hears("confirmed").await;
    pc.at(&b).redeem(&id).await.ok();
}

#[tokio::test]
async fn a_single_node_loses_its_tickets_but_no_session() {
    let cluster = Cluster::embedded();
    let mut node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::anywhere();
    let id = pc.at(&node).ticket().await;
    phone.at(&node).approve(&id).await;
    node.kill();
    node.start().await;
    pc.at(&node).redeem(&id).await.refused(404, "ticket_not_found");
    let id = pc.at(&node).ticket().await;
    phone.at(&node).approve(&id).await;
    pc.at(&node).redeem(&id).await.ok();
}
