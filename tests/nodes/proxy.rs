//! Two nodes behind nginx, with the documented configuration.

use super::cluster::Cluster;
use super::node::Node;
use futures::future::join_all;
use testkit::Engine;
use testkit::Socket;
use testkit::free_port;
use testkit::until;
use testkit::{Client, Pc, Phone, bearer};

/// nginx, two nodes and what they share.
struct Site {
    nginx: Engine,
    nodes: [Node; 2],
    cluster: Cluster,
}

impl Site {
    async fn new() -> Self {
        let port = free_port();
        let cluster = Cluster::shared().with("PUBLIC_URL", &format!("http://127.0.0.1:{port}"));
        let nodes = cluster.nodes().await;
        let [a, b] = &nodes;
        let nginx = Engine::nginx(port, &[a.port, b.port]).await;
        Self { nginx, nodes, cluster }
    }
}

#[tokio::test]
async fn a_whole_login_passes_through_nginx_by_socket_and_by_long_poll() {
    let site = Site::new().await;
    let front = site.nginx.url();
    let front = front.as_str();
    let phone = Phone::new(front, &site.cluster.account()).await;
    for _ in 0..4 {
        let pc = Pc(Client::anywhere().always("origin", front));
        let id = pc.at(front).ticket().await;
        let mut socket = Socket::open(&pc.0.at(front), &id).await.unwrap();
        socket.hears("pending").await;
        let (poll, token) = tokio::join!(async { pc.at(front).wait(&id, "pending").await }, async {
            phone.at(front).scan(&id).await.text("confirm_token")
        });
        assert_eq!(poll.text("status"), "scanned");
        socket.hears("scanned").await;
        let (poll, _) = tokio::join!(async { pc.at(front).wait(&id, "scanned").await }, async {
            phone.at(front).decide("confirm", &id, &token).await.ok()
        });
        assert_eq!(poll.text("status"), "confirmed");
        socket.hears("confirmed").await;
        let token = pc.at(front).redeem(&id).await.text("token");
        socket.hears("redeemed").await;
        bearer(front, &token).get("/api/userinfo").await.ok();
        assert_eq!(pc.at(front).redeem(&id).await.text("token"), token);
    }
    let page = Client::new(front).get("/").await;
    assert!(page.status == 200 && page.body.contains("<svg"), "{}", page.body);
    assert_eq!(Client::new(front).get("/metrics").await.status, 403, "not for the world");
    let stranger = Client::anywhere().always("origin", "http://elsewhere.example");
    let form = [("username", "somebody"), ("password", "something")];
    stranger.at(front).post("/api/login", &form).await.refused(403, "cross_origin");
}

#[tokio::test]
async fn the_phone_shows_the_address_of_the_pc_and_not_of_nginx() {
    let site = Site::new().await;
    let front = site.nginx.url();
    let front = front.as_str();
    let phone = Phone::new(front, &site.cluster.account()).await;
    let honest = Client::from("127.0.0.9");
    let forging = Client::from("127.0.0.9")
        .always("x-forwarded-for", "203.0.113.7")
        .always("x-real-ip", "203.0.113.7")
        .always("forwarded", "for=203.0.113.7");
    for pc in [Pc(honest), Pc(forging)] {
        let id = pc.at(front).ticket().await;
        let scanned = phone.at(front).scan(&id).await.ok();
        assert_eq!(scanned["requester"]["ip"], "127.0.0.9", "{scanned}");
    }
}

#[tokio::test]
async fn when_a_node_dies_the_other_serves_everyone() {
    let mut site = Site::new().await;
    let front = site.nginx.url();
    let front = front.as_str();
    let phone = Phone::new(front, &site.cluster.account()).await;
    // Enough PCs that both nodes have some.
    let mut waiting = join_all((0..8).map(async |_| {
        let pc = Pc::anywhere();
        let id = pc.at(front).ticket().await;
        let mut socket = Socket::open(&pc.0.at(front), &id).await.unwrap();
        socket.hears("pending").await;
        (pc, id, socket)
    }))
    .await;
    let [a, b] = &mut site.nodes;
    a.kill();
    for (pc, id, socket) in &mut waiting {
        // Those on the dead node have lost their connection; they reconnect to the same address.
        let approving = async { phone.at(front).approve(id).await };
        let hearing = async {
            until("the PC hears of the approval", async || match socket.status_or_end().await {
                Some(status) => (status == "confirmed").then_some(()),
                None => {
                    *socket = Socket::open(&pc.0.at(front), id).await.unwrap();
                    None
                }
            })
            .await;
        };
        tokio::join!(approving, hearing);
        pc.at(front).redeem(id).await.ok();
    }
    a.start().await;
    b.kill();
    let pc = Pc::anywhere();
    let id = until("nginx finds the node that came back", async || {
        let answer = pc.at(front).generate().await;
        (answer.status == 200).then(|| answer.text("id"))
    })
    .await;
    phone.at(front).approve(&id).await;
    pc.at(front).redeem(&id).await.ok();
}
