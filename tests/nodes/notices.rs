//! Apps hear of the end of a session, whichever node or process ended it, and whichever node is left.

use super::cluster::Cluster;
use super::database::EmptyDatabase;
use super::node::Node;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use testkit::{Client, Pc, Phone, Receiver, encode, shared_redis, sql, until};

const SECRET: &str = "c2VjcmV0LW9mLWFsbC1hcHBzLWluLXRoZXNlLXRlc3Rz";
const CALLBACK: &str = "https://app.example/callback";

/// Registers an app that is told by the receiver.
fn with_app(cluster: Cluster, receiver: &Receiver) -> Cluster {
    let hash: String = Sha256::digest(SECRET).iter().map(|byte| format!("{byte:02x}")).collect();
    let uri = receiver.url("/logout");
    let apps = format!(
        "[[client]]\nid = \"web\"\nname = \"Grafana\"\nsecret_sha256 = [\"{hash}\"]\nredirect_uris = [\"{CALLBACK}\"]\n\
         backchannel_logout_uri = \"{uri}\"\nrequire_pkce = false\nconsent = \"never\"\n"
    );
    let file = cluster.file("clients.toml", &apps);
    let key = cluster.file("oidc.pem", &cluster.run(&["key", "new", "--rsa"], ""));
    cluster.with("CLIENTS_FILE", &file).with("OIDC_KEY_FILE", &key)
}

/// Signs a PC in, and an app with it.
async fn app_on_a_pc(node: &Node, phone: &Phone) -> Pc {
    let pc = Pc::new(node);
    let id = pc.ticket().await;
    phone.at(node).approve(&id).await;
    pc.redeem(&id).await.ok();
    let query = [("client_id", "web"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")];
    let location = pc.0.get(&format!("/oauth/authorize?{}", encode(&query))).await.leads_to();
    let (_, query) = location.split_once('?').unwrap();
    let code = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").unwrap().1.into_owned();
    let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    Client::new(node).always("authorization", &basic).post("/oauth/token", &form).await.ok();
    pc
}

/// Waits until every notice was delivered.
async fn all_are_told(database: &EmptyDatabase) {
    until("every app is told", async || {
        (sql(&database.url, "SELECT count(*) FROM logout_notices") == "0").then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_node_tells_what_a_dead_one_began_to_tell() {
    let (database, mut receiver) = (EmptyDatabase::create(), Receiver::start().await);
    let cluster = with_app(Cluster::on(&shared_redis(), &database.url), &receiver);
    let [mut a, mut b] = cluster.nodes().await;
    b.stop();
    let phone = Phone::new(&a, &cluster.account()).await;
    let pc = app_on_a_pc(&a, &phone).await;
    receiver.hang();
    pc.0.post("/api/logout", &[]).await.ok();
    receiver.next().await;
    a.kill();
    receiver.answer("200 OK", "");
    b.start().await;
    assert!(receiver.next().await.field("logout_token").contains('.'));
    all_are_told(&database).await;
    assert!(receiver.try_next().is_none());
}

#[tokio::test]
async fn an_app_is_told_once_although_all_nodes_could_and_the_command_line_did_it() {
    let (database, mut receiver) = (EmptyDatabase::create(), Receiver::start().await);
    let cluster = with_app(Cluster::on(&shared_redis(), &database.url), &receiver);
    let nodes: [Node; 3] = cluster.nodes().await;
    for command in ["disable", "password", "sign-out", "delete"] {
        let account = cluster.account();
        let phone = Phone::new(&nodes[0], &account).await;
        for node in &nodes {
            app_on_a_pc(node, &phone).await;
        }
        let more = if command == "delete" { vec!["--yes"] } else { Vec::new() };
        cluster.run(&[vec!["user", command, &account], more].concat(), "another password");
        let mut told: Vec<String> = Vec::new();
        for _ in &nodes {
            told.push(receiver.next().await.field("logout_token"));
        }
        all_are_told(&database).await;
        assert!(receiver.try_next().is_none(), "{command}");
    }
}

#[tokio::test]
async fn a_single_node_tells_what_the_command_line_ended_and_what_it_had_no_time_for() {
    let mut receiver = Receiver::start().await;
    let cluster = with_app(Cluster::embedded(), &receiver);
    let mut node = cluster.node().await;
    let account = cluster.account();
    let phone = Phone::new(&node, &account).await;
    app_on_a_pc(&node, &phone).await;
    cluster.run(&["user", "sign-out", &account], "");
    receiver.next().await;
    let phone = Phone::new(&node, &account).await;
    app_on_a_pc(&node, &phone).await;
    node.stop();
    cluster.run(&["user", "disable", &account], "");
    node.start().await;
    receiver.next().await;
}
