//! One PostgreSQL shared by all nodes and the command line.

use super::cluster::Cluster;
use super::node::Node;
use super::sessions::watch_for_end;
use serde_json::json;
use std::io::ErrorKind;
use testkit::PASSWORD;
use testkit::until;
use testkit::{Client, Phone, sign_in};
use testkit::{Engine, shared_postgres, shared_redis, sql, sql_in_background};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Counts who holds or awaits an advisory lock, which serialises migrations.
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Returns the lock that sqlx takes before it migrates: a CRC 32 of the database's name.
fn migration_lock(database: &str) -> String {
    let crc = database.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    (0x3d32_ad9e_i64 * i64::from(!crc)).to_string()
}

/// An empty database of the test on the shared PostgreSQL; dropped at the end of the test.
pub struct EmptyDatabase {
    name: String,
    pub url: String,
}

impl EmptyDatabase {
    pub fn create() -> Self {
        let name = format!("empty_{}", Uuid::new_v4().simple());
        sql(&shared_postgres(), &format!("CREATE DATABASE {name}"));
        let (server, _) = shared_postgres().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        Self { url: format!("{server}/{name}"), name }
    }
}

impl Drop for EmptyDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            sql(&shared_postgres(), &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

#[tokio::test]
async fn nodes_that_start_together_migrate_an_empty_database_once() {
    let database = EmptyDatabase::create();
    let cluster = Cluster::on(&shared_redis(), &database.url);
    let nodes: [Node; 4] = cluster.nodes().await;
    let account = cluster.account();
    for node in &nodes {
        assert_eq!(node.engine_is("database", "ok").await, 200);
        sign_in(node, &account).await.ok();
    }
    let applied = sql(
        &database.url,
        "SELECT count(*) = count(DISTINCT version) AND count(*) > 0 AND bool_and(success) FROM _sqlx_migrations",
    );
    assert_eq!(applied, "t");
}

#[tokio::test]
async fn a_node_waits_for_a_database_that_starts_later() {
    let mut postgres = Engine::stopped_postgres();
    let cluster = Cluster::on(&shared_redis(), &postgres.url());
    let mut node = cluster.stopped_node();
    node.launch();
    until("the node misses its database", async || {
        std::fs::read_to_string(node.process().log()).unwrap().contains("waiting for the database").then_some(())
    })
    .await;
    // Connections are refused, so that a reverse proxy notices immediately that this node is not ready.
    let refused = TcpStream::connect(("127.0.0.1", node.port)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    postgres.start().await;
    node.is_up().await;
    sign_in(&node, &cluster.account()).await.ok();
}

#[tokio::test]
async fn a_node_waits_while_another_one_migrates_the_database() {
    let database = EmptyDatabase::create();
    let cluster = Cluster::on(&shared_redis(), &database.url);
    let mut nodes: [Node; 2] = [cluster.stopped_node(), cluster.stopped_node()];
    // Longer than any query of a request may take.
    let slow = "SELECT pg_advisory_lock({LOCK}), pg_sleep(7)";
    let preparing = sql_in_background(&database.url, &slow.replace("{LOCK}", &migration_lock(&database.name)));
    until("the database is locked", async || (sql(&database.url, LOCKS) != "0").then_some(())).await;
    nodes.iter_mut().for_each(Node::launch);
    for node in &mut nodes {
        node.is_up().await;
    }
    drop(preparing);
}

#[tokio::test]
async fn the_command_line_manages_the_accounts_of_all_nodes() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    assert!(cluster.run(&["user", "list"], "").contains(&account));
    cluster.run(&["user", "disable", &account], "");
    for node in [a, b] {
        phone.at(node).user_info().await.refused(401, "token_revoked");
        sign_in(node, &account).await.refused(401, "invalid_credentials");
    }
    cluster.run(&["user", "enable", &account], "");
    for node in [a, b] {
        phone.at(node).user_info().await.refused(401, "token_revoked");
    }
    sign_in(b, &account).await.ok();
    cluster.run(&["user", "password", &account], "battery staple");
    sign_in(a, &account).await.refused(401, "invalid_credentials");
    let form = [("username", account.as_str()), ("password", "battery staple")];
    Client::new(b).post("/api/login", &form).await.ok();
}

#[tokio::test]
async fn the_command_line_changes_and_deletes_an_account_of_all_nodes() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    let email = format!("{account}@example.com");
    cluster.run(&["user", "set", &account, "--email", &email, "--group", "staff"], "");
    for node in [a, b] {
        let seen = phone.at(node).user_info().await.ok();
        assert_eq!((&seen["email"], &seen["groups"]), (&json!(email), &json!(["staff"])));
    }
    let waiting = watch_for_end(&phone.client, b).await;
    let said = cluster.run(&["user", "delete", &account, "--yes"], "");
    assert!(said.contains("ended 1 session"), "{said}");
    assert_eq!(waiting.await.unwrap(), (401, "token_revoked".to_owned()));
    for node in [a, b] {
        phone.at(node).user_info().await.refused(401, "token_revoked");
        sign_in(node, &account).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn an_account_is_added_once() {
    let cluster = Cluster::shared();
    let account = cluster.account();
    let again = cluster.try_run(&["user", "add", &account], PASSWORD).expect_err("the name is taken");
    assert!(again.contains("already"), "{again}");
    assert_eq!(cluster.run(&["user", "list"], "").lines().filter(|line| line.starts_with(&account)).count(), 1);
}

#[tokio::test]
async fn a_text_that_postgresql_cannot_store_is_not_a_store_failure() {
    let cluster = Cluster::shared();
    let node = cluster.node().await;
    let account = cluster.account();
    let (client, phone) = (Client::anywhere(), Phone::new(&node, &account).await);
    for username in ["a\0b".to_owned(), "\0".to_owned(), format!("{account}\0")] {
        let form = [("username", username.as_str()), ("password", PASSWORD)];
        client.at(&node).post("/api/login", &form).await.refused(401, "invalid_credentials");
    }
    let as_account = |field, text| [("username", account.as_str()), ("password", PASSWORD), (field, text)];
    let form = [("username", account.as_str()), ("password", "\0")];
    client.at(&node).post("/api/login", &form).await.refused(401, "invalid_credentials");
    client.at(&node).post("/api/login", &as_account("device_id", "a\0b")).await.refused(400, "invalid_request");
    for field in ["device_name", "device_kind"] {
        client.at(&node).post("/api/login", &as_account(field, "a\0b")).await.ok();
    }
    let form = [("session_id", "\0")];
    phone.client.at(&node).post("/api/sessions/revoke", &form).await.refused(400, "invalid_id");
}
