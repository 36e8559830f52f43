//! Two nodes behind nginx, with the configuration that the documentation gives.

use super::client::{Client, Pc, Phone, bearer};
use super::cluster::Cluster;
use super::engine::Engine;
use super::node::Node;
use super::patience::until;
use super::process::free_port;
use super::socket::Socket;
use futures::future::join_all;

/// nginx, two nodes and what they have in common.
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
        let nginx = Engine::nginx(port, &[a, b]).await;
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
        let pc = Pc(Client::new().always("origin", front));
        let id = pc.ticket(front).await;
        let mut socket = Socket::open(front, &pc.0, &id).await;
        socket.hears("pending").await;
        let (poll, token) =
            tokio::join!(pc.wait(front, &id, "pending"), async { phone.scan(front, &id).await.text("confirm_token") });
        assert_eq!(poll.text("status"), "scanned");
        socket.hears("scanned").await;
        let (poll, _) = tokio::join!(pc.wait(front, &id, "scanned"), async {
            phone.decide(front, "confirm", &id, &token).await.ok()
        });
        assert_eq!(poll.text("status"), "confirmed");
        socket.hears("confirmed").await;
        let token = pc.redeem(front, &id).await.text("token");
        socket.hears("redeemed").await;
        bearer(&token).get(front, "/api/userinfo").await.ok();
        assert_eq!(pc.redeem(front, &id).await.text("token"), token);
    }
    let page = Client::new().get(front, "/").await;
    assert!(page.status == 200 && page.body.contains("<svg"), "{}", page.body);
    assert_eq!(Client::new().get(front, "/metrics").await.status, 403, "not for the world");
    let stranger = Client::new().always("origin", "http://elsewhere.example");
    let form = [("username", "somebody"), ("password", "something")];
    stranger.post(front, "/api/login", &form).await.refused(403, "cross_origin");
}

#[tokio::test]
async fn the_phone_is_shown_the_address_of_the_pc_and_not_of_nginx() {
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
        let id = pc.ticket(front).await;
        let scanned = phone.scan(front, &id).await.ok();
        assert_eq!(scanned["requester"]["ip"], "127.0.0.9", "{scanned}");
    }
}

#[tokio::test]
async fn when_a_node_dies_the_other_serves_everybody() {
    let mut site = Site::new().await;
    let front = site.nginx.url();
    let front = front.as_str();
    let phone = Phone::new(front, &site.cluster.account()).await;
    // Enough of them that both nodes have some.
    let mut waiting = join_all((0..8).map(async |_| {
        let pc = Pc::new();
        let id = pc.ticket(front).await;
        let mut socket = Socket::open(front, &pc.0, &id).await;
        socket.hears("pending").await;
        (pc, id, socket)
    }))
    .await;
    let [a, b] = &mut site.nodes;
    a.kill();
    for (pc, id, socket) in &mut waiting {
        // Those at the dead node have lost their line; they come back by the same address.
        let approving = async { phone.approve(front, id).await };
        let hearing = async {
            until("the PC hears of the approval", async || match socket.status().await {
                Some(status) => (status == "confirmed").then_some(()),
                None => {
                    *socket = Socket::open(front, &pc.0, id).await;
                    None
                }
            })
            .await;
        };
        tokio::join!(approving, hearing);
        pc.redeem(front, id).await.ok();
    }
    a.start().await;
    b.kill();
    let pc = Pc::new();
    let id = until("nginx finds the node that came back", async || {
        let answer = pc.generate(front).await;
        (answer.status == 200).then(|| answer.text("id"))
    })
    .await;
    phone.approve(front, &id).await;
    pc.redeem(front, &id).await.ok();
}
