//! Rate limits are shared by all nodes.

use super::cluster::Cluster;
use std::time::Instant;
use testkit::{Answer, Client};

/// Burst of wrong passwords for one username, and seconds until one more is allowed.
const BURST: u64 = 10;
const EVERY: u64 = 10;

#[tokio::test]
async fn a_second_node_allows_no_more_guesses() {
    let cluster = Cluster::shared().with("RATE_LIMIT", "on");
    let nodes = cluster.nodes::<2>().await;
    let account = cluster.account();
    let guess = async |at: usize| -> Answer {
        Client::anywhere().at(&nodes[at]).post("/api/login", &[("username", &account), ("password", "guess")]).await
    };
    let start = Instant::now();
    let mut wrong = 0;
    for attempt in 0..24 {
        let answer = guess(attempt % 2).await;
        if answer.status == 401 {
            wrong += 1;
        } else {
            answer.refused(429, "rate_limited");
        }
    }
    let most = BURST + start.elapsed().as_secs() / EVERY + 1;
    assert!((BURST..=most).contains(&wrong), "{wrong} guesses, of at most {most}");
}
