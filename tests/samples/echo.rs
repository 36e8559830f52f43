//! An application that responds with the head of each request.

use super::https::headers;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Requests for this path switch to another protocol, in which the head of the request is sent.
pub const SOCKET: &str = "/socket";
/// Requests for this path never get a response.
pub const NEVER: &str = "/never";

/// Stopped at the end of the test.
#[derive(Debug)]
pub struct Echo {
    pub address: SocketAddr,
    held: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Echo {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let held = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&held);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&counter)));
            }
        });
        Self { address, held, serving }
    }

    /// Returns how many requests wait for the response that never comes.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut socket: TcpStream, held: Arc<AtomicUsize>) {
    let mut received = Vec::new();
    let end = loop {
        if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    // A connection that closes before the body has been read is reset, and nginx may then lose the response.
    let length: u64 = headers(&head, "content-length").first().map_or(0, |length| length.parse().unwrap());
    let missing = length.saturating_sub((received.len() - end) as u64);
    let _ = tokio::io::copy(&mut (&mut socket).take(missing), &mut tokio::io::sink()).await;
    if head.split(' ').nth(1) == Some(NEVER) {
        held.fetch_add(1, Ordering::SeqCst);
        // Until the client disconnects.
        let _ = socket.read(&mut [0]).await;
        return;
    }
    if head.split(' ').nth(1) == Some(SOCKET) {
        let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        let _ = socket.write_all(format!("{switch}{head}").as_bytes()).await;
        return;
    }
    let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{head}", head.len());
    let _ = socket.write_all(answer.as_bytes()).await;
}
