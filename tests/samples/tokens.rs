//! The READMEs' JavaScript that verifies a token, run by node with jose.

use super::documents::{READMES, block, with};
use super::server::Server;
use super::skip::{has, skipped};
use serde_json::Value;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use testkit::{Pc, Phone};

#[tokio::test]
async fn the_sample_only_accepts_a_pcs_token() {
    const TEST: &str = "the_sample_only_accepts_a_pcs_token";
    let packages = env::var("QR_LOGIN_TEST_NODE_MODULES").unwrap_or_default();
    if !Path::new(&packages).join("jose").is_dir() {
        return skipped(TEST, "jose is not installed: scripts/setup.sh engines does that, scripts/env.sh says where");
    }
    if !has("node", TEST) {
        return;
    }
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let who = phone.user_info().await.ok();
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let token = pc.redeem(&id).await.ok()["token"].as_str().unwrap().to_owned();
    for readme in READMES {
        let folder = tempfile::tempdir().unwrap();
        symlink(&packages, folder.path().join("node_modules")).unwrap();
        let sample = with(&block(readme, "js", "jwtVerify"), &[("https://login.example.com", &server.origin())]);
        fs::write(folder.path().join("sample.mjs"), sample).unwrap();
        let caller = "import { signedIn } from './sample.mjs'\n\
                      console.log(JSON.stringify(await signedIn(process.argv[2])))\n";
        fs::write(folder.path().join("caller.mjs"), caller).unwrap();
        let place = folder.path().to_owned();
        // With the server, which it queries for the keys.
        let node = async |token: &str| {
            let mut node = Command::new("node");
            node.arg("caller.mjs").arg(token).current_dir(&place);
            tokio::task::spawn_blocking(move || node.output().unwrap()).await.unwrap()
        };
        let good = node(&token).await;
        assert!(good.status.success(), "{readme}: {}", String::from_utf8_lossy(&good.stderr));
        let claims: Value = serde_json::from_slice(&good.stdout).unwrap();
        assert_eq!(claims["account"], who["id"], "{readme}");

        let forged = format!("{}AAAA", &token[..token.len() - 4]);
        for refused in [phone.token.as_str(), forged.as_str(), "", "no.token.at.all"] {
            let output = node(refused).await;
            assert!(!output.status.success(), "{readme} takes {refused}");
        }
    }
}
