//! A PC that waits on a node, over either transport that does not poll.

use super::node::Node;
use std::time::Duration;
use testkit::Place;
use testkit::Socket;
use testkit::within;
use testkit::{Answer, Pc};
use tokio::task::JoinHandle;

/// Delay before a rejected long poll is retried.
const AFTER_A_REFUSAL: Duration = Duration::from_millis(250);

/// The transport over which a PC waits.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    WebSocket,
    LongPoll,
}

pub const BOTH_WAYS: [Way; 2] = [Way::WebSocket, Way::LongPoll];

/// A waiting PC.
#[derive(Debug)]
pub enum Waiting {
    Socket(Box<Socket>),
    Poll(Box<Poll>),
}

/// A long poll in progress.
#[derive(Debug)]
pub struct Poll {
    pc: Pc,
    origin: String,
    id: String,
    seen: String,
    request: JoinHandle<Answer>,
}

impl Waiting {
    /// Starts to wait while the status is `pending`, and returns once the node has registered it.
    pub async fn begin(way: Way, at: &Node, pc: &Pc, id: &str) -> Self {
        match way {
            Way::WebSocket => {
                let mut socket = Socket::open(&pc.0.at(at), id).await.unwrap();
                socket.hears("pending").await;
                Self::Socket(Box::new(socket))
            }
            Way::LongPoll => {
                let origin = at.origin();
                let request = poll(pc, &origin, id, "pending");
                at.has_waiting("long_poll", 1).await;
                Self::Poll(Box::new(Poll {
                    pc: pc.clone(),
                    origin,
                    id: id.to_owned(),
                    seen: "pending".to_owned(),
                    request,
                }))
            }
        }
    }

    /// Checks that this is the next status. As on a page, a long poll interrupted by an outage is retried.
    pub async fn hears(&mut self, status: &str) {
        match self {
            Self::Socket(socket) => socket.hears(status).await,
            Self::Poll(waiting) => within(status, waiting.hears(status)).await,
        }
    }
}

impl Poll {
    async fn hears(&mut self, status: &str) {
        loop {
            let answer = (&mut self.request).await.unwrap();
            let heard = if answer.status == 503 {
                answer.unavailable();
                tokio::time::sleep(AFTER_A_REFUSAL).await;
                self.seen.clone()
            } else {
                answer.text("status")
            };
            // The same status again means that the long poll timed out.
            let is_news = heard != self.seen;
            assert!(!is_news || heard == status, "{heard} instead of {status}");
            self.seen = heard;
            self.request = poll(&self.pc, &self.origin, &self.id, &self.seen);
            if is_news {
                return;
            }
        }
    }
}

fn poll(pc: &Pc, origin: &str, id: &str, seen: &str) -> JoinHandle<Answer> {
    let (pc, origin, id, seen) = (pc.clone(), origin.to_owned(), id.to_owned(), seen.to_owned());
    tokio::spawn(async move { pc.at(&origin).wait(&id, &seen).await })
}
