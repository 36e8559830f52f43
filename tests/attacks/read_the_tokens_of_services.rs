//! An attacker has a copy of the database, or may write to it, or reads the log, and wants to use the services that people have
//! connected: their device codes, access tokens, refresh tokens, or the keys of their scripts.

use super::program::Program;
use super::server::{Server, until_async};
use service::clients::Clients;
use sqlx::{Connection, SqliteConnection};
use std::fs;
use testkit::{Client, Receiver, bearer, browser_phone};

const OFFER: &str = r#"{"device_code": "device-code-in-clear", "user_code": "WDJB-MJHT", "expires_in": 900, "interval": 1,
    "verification_uri": "https://forge.example/device"}"#;

fn tokens(name: &str) -> String {
    format!(
        r#"{{"access_token": "access-of-{name}", "token_type": "bearer", "refresh_token": "refresh-of-{name}",
        "expires_in": 3600}}"#
    )
}

fn entry(forge: &Receiver) -> String {
    format!(
        "[[connection]]\nid = \"forge\"\nname = \"Forge\"\nclient_id = \"qr\"\ndevice_authorization_endpoint = \"{}\"\n\
         token_endpoint = \"{}\"\n",
        forge.url("/device"),
        forge.url("/token")
    )
}

/// Connects by that browser, and returns the connection's id and the key for scripts.
async fn connect(browser: &Client, forge: &mut Receiver, name: &str) -> (String, String) {
    forge.answer("200 OK", OFFER);
    let shown = browser.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    forge.next().await;
    forge.answer("200 OK", &tokens(name));
    let id = shown.strip_prefix("/connections?id=").unwrap().to_owned();
    until_async(async || browser.get("/connections").await.body.contains("data-state=\"connected\"")).await;
    let page = browser.post("/connections", &[("do", "key"), ("id", &id)]).await.body;
    let at = page.find("qrk_").unwrap();
    (id, page[at..at + 47].to_owned())
}

#[tokio::test]
async fn a_copy_of_the_database_has_none_and_a_moved_row_opens_none() {
    let (folder, mut forge) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let url = format!("sqlite://{}", folder.path().join("stolen.db").display());
    let server = Server::with(&["--database-url", &url]).await;
    server.app.clients.replace(Clients::parse(&entry(&forge)).unwrap());
    let (dong, guang) = (browser_phone(&server, "dong").await, browser_phone(&server, "guang").await);
    forge.answer("200 OK", OFFER);
    guang.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    let bytes = |folder: &std::path::Path| {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let ours = files.filter(|path| path.to_string_lossy().contains("stolen.db"));
        ours.flat_map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let has = |needle: &str| bytes(folder.path()).windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(has("WDJB-MJHT") && !has("device-code-in-clear"));
    forge.next().await;
    let (mine, my_key) = connect(&guang, &mut forge, "guang").await;
    let (theirs, their_key) = connect(&dong, &mut forge, "dong").await;
    for secret in ["access-of-dong", "refresh-of-dong", "access-of-guang", &my_key, &their_key] {
        assert!(!has(secret), "{secret}");
    }
    // Their tokens in my row, and my key on theirs.
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let token =
        async |id: &str, key: &str| bearer(&server, key).post(&format!("/api/connections/{id}/token"), &[]).await;
    assert_eq!(token(&mine, &my_key).await.ok()["access_token"], "access-of-guang");
    let swap = "UPDATE connections SET sealed = (SELECT sealed FROM connections WHERE id = $1) WHERE id = $2";
    sqlx::query(swap).bind(&theirs).bind(&mine).execute(&mut database).await.unwrap();
    token(&mine, &my_key).await.unavailable();
    // Their whole row in my account.
    let sql = "UPDATE connections SET account_id = (SELECT account_id FROM connections WHERE id = $1),
               script_key = (SELECT script_key FROM connections WHERE id = $1) WHERE id = $2";
    sqlx::query(sql).bind(&mine).bind(&theirs).execute(&mut database).await.unwrap();
    token(&theirs, &my_key).await.unavailable();
    token(&theirs, &their_key).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn the_trace_log_of_a_connection_contains_none() {
    let (folder, mut forge) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let file = folder.path().join("clients.toml");
    fs::write(&file, entry(&forge)).unwrap();
    let program = Program::start(&["--log", "trace", "--clients-file", &file.display().to_string()]);
    let browser = Client::new(&program.origin());
    browser.post("/api/login", &[("username", "dong"), ("password", "111")]).await.ok();
    let (id, key) = connect(&browser, &mut forge, "dong").await;
    let path = format!("/api/connections/{id}/token");
    bearer(&program.origin(), &key).post(&path, &[]).await.ok();
    browser.post("/connections", &[("do", "disconnect"), ("id", &id)]).await.leads_to();
    bearer(&program.origin(), &key).post(&path, &[]).await.refused(401, "unauthenticated");
    let log = program.log();
    assert!(log.contains("event=\"connection_token\""), "{log}");
    for secret in ["device-code-in-clear", "access-of-dong", "refresh-of-dong", &key] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
