//! A node is killed in the middle of a login.

use crate::nodes::client::{Pc, Phone};
use crate::nodes::cluster::Cluster;
use crate::nodes::socket::Socket;

#[tokio::test]
async fn another_node_redeems_what_the_dead_one_confirmed() {
    let cluster = Cluster::shared();
    let [mut a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::new();
    let id = pc.ticket(&a).await;
    phone.approve(&a, &id).await;
    a.kill();
    let token = pc.redeem(&b, &id).await.text("token");
    assert_eq!(pc.redeem(&b, &id).await.text("token"), token);
    a.start().await;
    assert_eq!(pc.redeem(&a, &id).await.text("token"), token);
}

#[tokio::test]
async fn the_same_node_redeems_once_it_is_back() {
    let cluster = Cluster::shared();
    let mut node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::new();
    let id = pc.ticket(&node).await;
    phone.approve(&node, &id).await;
    node.kill();
    node.start().await;
    assert_eq!(pc.check(&node, &id).await.text("status"), "confirmed");
    let token = pc.redeem(&node, &id).await.text("token");
    assert_eq!(pc.redeem(&node, &id).await.text("token"), token);
    phone.user_info(&node).await.ok();
}

#[tokio::test]
async fn a_pc_that_lost_its_node_waits_at_another() {
    let cluster = Cluster::shared();
    let [mut a, b] = cluster.nodes().await;
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = Pc::new();
    let id = pc.ticket(&a).await;
    let mut socket = Socket::open(&a, &pc.0, &id).await;
    socket.hears("pending").await;
    let token = phone.scan(&a, &id).await.text("confirm_token");
    socket.hears("scanned").await;
    a.kill();
    assert_eq!(socket.status().await, None);
    let mut socket = Socket::open(&b, &pc.0, &id).await;
    socket.hears("scanned").await;
    phone.decide(&b, "confirm", &id, &token).await.ok();
    socket.hears("confirmed").await;
    pc.redeem(&b, &id).await.ok();
}

#[tokio::test]
async fn a_node_by_itself_forgets_its_tickets_but_nobody_who_is_signed_in() {
    let cluster = Cluster::embedded();
    let mut node = cluster.node().await;
    let phone = Phone::new(&node, &cluster.account()).await;
    let pc = Pc::new();
    let id = pc.ticket(&node).await;
    phone.approve(&node, &id).await;
    node.kill();
    node.start().await;
    pc.redeem(&node, &id).await.refused(404, "ticket_not_found");
    let id = pc.ticket(&node).await;
    phone.approve(&node, &id).await;
    pc.redeem(&node, &id).await.ok();
}
