//! The signing key that all nodes share: from a file or a variable, and key rotation.

use super::cluster::Cluster;
use super::node::Node;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::fs;
use testkit::Place;
use testkit::{Client, Phone, sign_in};

/// Returns the ids of the keys that a node publishes.
async fn published(at: &(impl Place + ?Sized)) -> Vec<String> {
    let keys = Client::new(at).get("/.well-known/jwks.json").await.ok();
    let mut ids: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// Returns the id of the key that signed a token.
fn signer(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn restart(node: &mut Node) {
    node.stop();
    node.start().await;
}

#[tokio::test]
async fn a_key_works_the_same_from_a_file_and_a_variable() {
    let cluster = Cluster::shared();
    let key = cluster.new_key();
    let by_file = cluster.file("shared.pem", &key);
    let mut a = cluster.node_with("SIGNING_KEY_FILE", &by_file).await;
    let cluster = cluster.without("SIGNING_KEY_FILE").with("SIGNING_KEY", &key);
    let b = cluster.node().await;
    assert_eq!(published(&a).await, published(&b).await);
    let account = cluster.account();
    for (one, other) in [(&a, &b), (&b, &a)] {
        let phone = Phone::new(one, &account).await;
        phone.at(other).user_info().await.ok();
    }
    let phone = Phone::new(&a, &account).await;
    restart(&mut a).await;
    phone.at(&a).user_info().await.ok();
}

#[tokio::test]
async fn a_node_with_another_key_refuses_the_token() {
    let cluster = Cluster::shared();
    let a = cluster.node().await;
    let stranger = cluster.node_with("SIGNING_KEY_FILE", &cluster.file("other.pem", &cluster.new_key())).await;
    let phone = Phone::new(&a, &cluster.account()).await;
    phone.at(&stranger).user_info().await.refused(401, "unauthenticated");
    assert_ne!(published(&a).await, published(&stranger).await);
}

#[tokio::test]
async fn a_key_is_rotated_node_by_node_without_signing_anyone_out() {
    let cluster = Cluster::shared();
    let (old, new) = (cluster.new_key(), cluster.new_key());
    let file = cluster.file("rotating.pem", &old);
    let cluster = cluster.with("SIGNING_KEY_FILE", &file);
    let [mut a, mut b] = cluster.nodes().await;
    let account = cluster.account();
    let before = Phone::new(&a, &account).await;
    let old_key = signer(&before.token);
    assert_eq!(published(&a).await, [old_key.as_str()]);

    // First every node learns the new key, and still signs with the old one.
    fs::write(&file, format!("{old}{new}")).unwrap();
    restart(&mut a).await;
    before.at(&a).user_info().await.ok();
    Phone::new(&a, &account).await.at(&b).user_info().await.ok();
    restart(&mut b).await;
    let both = published(&a).await;
    assert_eq!(both.len(), 2);
    assert!(both.contains(&old_key));
    assert_eq!(published(&b).await, both);
    assert_eq!(signer(&sign_in(&a, &account).await.text("token")), old_key);

    // Then it signs with the new one.
    fs::write(&file, format!("{new}{old}")).unwrap();
    restart(&mut a).await;
    let after = Phone::new(&a, &account).await;
    let new_key = signer(&after.token);
    assert_ne!(new_key, old_key);
    assert_eq!(signer(&sign_in(&b, &account).await.text("token")), old_key, "b has not been restarted yet");
    for node in [&a, &b] {
        after.at(node).user_info().await.ok();
        before.at(node).user_info().await.ok();
    }
    restart(&mut b).await;
    assert_eq!(published(&b).await, both);
    before.at(&b).user_info().await.ok();

    // Finally the old key is removed, and its tokens become invalid.
    fs::write(&file, &new).unwrap();
    restart(&mut a).await;
    restart(&mut b).await;
    for node in [&a, &b] {
        assert_eq!(published(node).await, [new_key.as_str()]);
        after.at(node).user_info().await.ok();
        before.at(node).user_info().await.refused(401, "unauthenticated");
    }
}

/// In the working directory, because the database is elsewhere.
#[tokio::test]
async fn a_node_without_apps_makes_no_key_for_them() {
    let cluster = Cluster::shared();
    let node = cluster.node().await;
    let keys = Client::new(&node).get("/oauth/jwks.json").await.ok();
    assert_eq!(keys["keys"], serde_json::json!([]));
    let hint = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"x"}"#);
    Client::new(&node).get(&format!("/oauth/logout?id_token_hint={hint}.e30.AA")).await;
    assert!(!cluster.has_file("qr-login.oidc-key.pem"));
    let apps = cluster.file("clients.toml", "");
    let node = cluster.node_with("CLIENTS_FILE", &apps).await;
    let keys = Client::new(&node).get("/oauth/jwks.json").await.ok();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(cluster.has_file("qr-login.oidc-key.pem"));
}
