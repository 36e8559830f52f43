//! Several nodes with one database, and a restart.

use super::*;
use crate::http_api::server::PASSWORD;
use futures::future::join_all;
use tempfile::TempDir;

/// Starts a node with the database in that folder, and thus the key beside it.
async fn node(folder: &TempDir, forge: &Receiver) -> Server {
    let url = format!("sqlite://{}", folder.path().join("shared.db").display());
    let server = Server::with(&["--database-url", &url]).await;
    register(&server, forge, "");
    server
}

async fn signed_in(server: &Server) -> Client {
    let client = Client::new(server);
    client.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await.ok();
    client
}

/// Starts an attempt that is polled each second.
async fn attempt(browser: &Client, forge: &mut Receiver) -> String {
    forge.answer("200 OK", &OFFER.replace("\"interval\": 5", "\"interval\": 1"));
    let shown = browser.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    forge.next().await;
    shown.strip_prefix("/connections?id=").unwrap().to_owned()
}

#[tokio::test]
async fn one_of_several_nodes_polls_and_one_refreshes() {
    let (folder, mut forge) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let first = node(&folder, &forge).await;
    first.account("dong").await;
    let others = [node(&folder, &forge).await, node(&folder, &forge).await];
    let browser = signed_in(&first).await;
    let id = attempt(&browser, &mut forge).await;
    let mut short = tokens("a-1", "r-1");
    short["expires_in"] = json!(0);
    forge.answer("200 OK", &short.to_string());
    let store = &first.app.connected_services.store;
    let id_of = id.parse().unwrap();
    until_async(async || store.connection(id_of).await.unwrap().unwrap().state.as_str() == "connected").await;
    assert_eq!(forge.next().await.field("device_code"), "the-device-code");
    assert!(forge.try_next().is_none(), "a code is redeemed once");

    let page = browser.post("/connections", &[("do", "key"), ("id", &id)]).await.body;
    let at = page.find("qrk_").unwrap();
    let (key, path) = (&page[at..at + 47], format!("/api/connections/{id}/token"));
    forge.answer("200 OK", &tokens("a-2", "r-2").to_string());
    let scripts: Vec<_> = [&first, &others[0], &others[1]].into_iter().cycle().take(12).collect();
    let answers = join_all(scripts.into_iter().map(|node| async { bearer(node, key).post(&path, &[]).await })).await;
    assert!(answers.iter().all(|answer| answer.ok()["access_token"] == "a-2"));
    assert_eq!(forge.next().await.field("refresh_token"), "r-1");
    assert!(forge.try_next().is_none(), "a refresh token is used once");
}

#[tokio::test]
async fn an_attempt_goes_on_after_a_restart() {
    let (folder, mut forge) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let first = node(&folder, &forge).await;
    first.account("dong").await;
    let id = attempt(&signed_in(&first).await, &mut forge).await;
    first.stop.cancel();
    first.running.await.unwrap().unwrap();
    forge.answer("200 OK", &tokens("a", "r").to_string());
    let second = node(&folder, &forge).await;
    let store = &second.app.connected_services.store;
    let id = id.parse().unwrap();
    until_async(async || store.connection(id).await.unwrap().unwrap().state.as_str() == "connected").await;
}
