//! One PostgreSQL for all nodes and for the command line.

use super::client::{Client, Phone, sign_in};
use super::cluster::{Cluster, PASSWORD};
use super::engine::{shared_postgres, shared_redis, sql};
use super::node::Node;
use uuid::Uuid;

/// An empty database of the test's own on the PostgreSQL that all share; dropped with the test.
struct EmptyDatabase {
    name: String,
    url: String,
}

impl EmptyDatabase {
    fn create() -> Self {
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
async fn nodes_that_start_together_on_an_empty_database_prepare_it_once() {
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
async fn the_command_line_manages_the_accounts_of_all_nodes() {
    let cluster = Cluster::shared();
    let [a, b] = &cluster.nodes().await;
    let account = cluster.account();
    let phone = Phone::new(a, &account).await;
    assert!(cluster.run(&["user", "list"], "").contains(&account));
    cluster.run(&["user", "disable", &account], "");
    for node in [a, b] {
        phone.user_info(node).await.refused(401, "token_revoked");
        sign_in(node, &account).await.refused(401, "invalid_credentials");
    }
    cluster.run(&["user", "enable", &account], "");
    sign_in(b, &account).await.ok();
    cluster.run(&["user", "password", &account], "battery staple");
    sign_in(a, &account).await.refused(401, "invalid_credentials");
    let form = [("username", account.as_str()), ("password", "battery staple")];
    Client::new().post(b, "/api/login", &form).await.ok();
}

#[tokio::test]
async fn an_account_is_added_once_however_many_add_it() {
    let cluster = Cluster::shared();
    let account = cluster.account();
    let again = cluster.try_run(&["user", "add", &account], PASSWORD).expect_err("the name is taken");
    assert!(again.contains(&account), "{again}");
}
