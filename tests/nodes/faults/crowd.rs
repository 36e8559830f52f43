//! A thousand PCs lose their node and reconnect at once.

use crate::nodes::cluster::Cluster;
use crate::nodes::node::Node;
use futures::stream::{self, StreamExt};
use std::fs;
use std::sync::Arc;
use testkit::Place;
use testkit::Socket;
use testkit::within;
use testkit::{Pc, Phone};
use tokio::sync::Semaphore;

const CROWD: usize = 1000;
/// Concurrency of the crowd before and after the restart, so that none waits long.
const SIDE_BY_SIDE: usize = 16;

/// What the page does when it loses its connection, with its own delays.
mod page {
    use qr_login::islands::pauses::{self, SPREAD};
    use std::time::Duration;

    pub const SOCKET_PATIENCE: Duration = Duration::from_millis(pauses::SOCKET_PATIENCE as u64);

    pub async fn spread() {
        pause(chance(SPREAD)).await;
    }

    /// Waits after that many failed attempts.
    pub async fn back_off(attempts: u32) {
        let step = pauses::step(attempts);
        pause(step / 2 + chance(step / 2)).await;
    }

    async fn pause(milliseconds: u32) {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }

    fn chance(limit: u32) -> u32 {
        getrandom::u32().unwrap() % limit
    }
}

/// A PC in the crowd.
struct Visitor {
    pc: Pc,
    id: String,
    socket: Option<Socket>,
}

impl Visitor {
    async fn arrive(pc: Pc, node: &Node) -> Self {
        let id = pc.at(node).ticket().await;
        let mut socket = Socket::open(&pc.0.at(node), &id).await.unwrap();
        socket.hears("pending").await;
        Self { pc, id, socket: Some(socket) }
    }

    /// Follows the ticket as the page does until it is confirmed. Releases `back` once it has reconnected, and returns
    /// every status code that the server should not have returned.
    async fn stay(mut self, origin: String, back: Arc<Semaphore>) -> Vec<u16> {
        let node = origin.as_str();
        let (mut attempts, mut faults) = (0, Vec::new());
        let mut lost_before = false;
        loop {
            if self.socket.is_none() {
                match tokio::time::timeout(page::SOCKET_PATIENCE, Socket::open(&self.pc.0.at(node), &self.id)).await {
                    Ok(Ok(socket)) => self.socket = Some(socket),
                    Ok(Err(status)) if status != 0 => faults.push(status),
                    _ => {}
                }
            }
            if let Some(socket) = &mut self.socket {
                while let Some(view) = socket.view_or_end().await {
                    if std::mem::take(&mut lost_before) {
                        back.add_permits(1);
                    }
                    attempts = 0;
                    if view["status"] == "confirmed" {
                        return faults;
                    }
                }
                self.socket = None;
                lost_before = true;
                page::spread().await;
            }
            match self.pc.0.at(node).try_get(&format!("/api/qrcode/check?id={}", self.id)).await {
                Some(answer) if answer.status == 200 => {}
                answer => {
                    faults.extend(answer.map(|answer| answer.status.as_u16()));
                    page::back_off(attempts).await;
                    attempts += 1;
                }
            }
        }
    }
}

/// Checks for enough open files: the crowd's sockets here and on the node, and some more.
fn check_limit_of_open_files() {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft = line.split_whitespace().nth(3).unwrap();
    let enough = soft == "unlimited" || soft.parse::<usize>().unwrap() >= 3 * CROWD;
    assert!(enough, "a process may open {soft} files only: run `make test`, which raises that, or `ulimit -n 4096`");
}

#[tokio::test]
async fn a_thousand_pcs_reconnect_to_a_restarted_node_and_receive_their_approval() {
    check_limit_of_open_files();
    let cluster = Cluster::shared().with("TICKET_TTL", "300");
    let [mut node, other] = cluster.nodes().await;
    let phone = Phone::new(&other, &cluster.account()).await;
    // One connection pool, because these PCs share this machine's ports; but each is a separate browser.
    let pc = Pc::anywhere();
    pc.at(&node).ticket().await;
    let crowd: Vec<_> = stream::iter(0..CROWD)
        .map(|_| Visitor::arrive(pc.beside(), &node))
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    node.has_waiting("websocket", CROWD).await;
    let ids: Vec<_> = crowd.iter().map(|visitor| visitor.id.clone()).collect();

    let back = Arc::new(Semaphore::new(0));
    let staying = crowd.into_iter().map(|visitor| tokio::spawn(visitor.stay(node.origin(), Arc::clone(&back))));
    let staying: Vec<_> = staying.collect();
    node.kill();
    node.start().await;
    let all_back = back.acquire_many(u32::try_from(CROWD).unwrap());
    let _permits = within("everybody is back", all_back).await.unwrap();
    stream::iter(&ids).for_each_concurrent(SIDE_BY_SIDE, async |id| phone.at(&other).approve(id).await).await;
    let outcomes = within("everybody hears", futures::future::join_all(staying)).await;
    let faults: Vec<_> = outcomes.into_iter().flat_map(Result::unwrap).collect();
    assert!(faults.is_empty(), "{faults:?}");
}
