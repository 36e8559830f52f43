//! An HTTP server that records what it is sent, and answers as a test says.

use crate::patience::within;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its request line and headers.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Received {
    /// Returns a field of a posted form.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        let found = pairs.find(|(field, _)| field == name);
        found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1.into_owned()
    }
}

/// What it answers: to requests of certain paths, and to all others.
#[derive(Debug, Default)]
struct Answers {
    by_path: HashMap<String, String>,
    others: String,
}

impl Answers {
    fn to(&self, request: &Received) -> String {
        let path = request.head.split(' ').nth(1).unwrap_or_default();
        self.by_path.get(path).unwrap_or(&self.others).clone()
    }
}

/// The server. It answers nothing while its answer is empty, and keeps such requests open.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    answer: Arc<Mutex<Answers>>,
    received: UnboundedReceiver<Received>,
    accepting: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Receiver {
    /// Starts one that accepts everything.
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    /// The same at a certain address.
    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (tell, received) = unbounded_channel();
        let answer = Arc::<Mutex<Answers>>::default();
        let address = listener.local_addr().unwrap();
        let accepting = tokio::spawn({
            let answer = Arc::clone(&answer);
            async move {
                loop {
                    let Ok((socket, _)) = listener.accept().await else { continue };
                    tokio::spawn(serve(socket, Arc::clone(&answer), tell.clone()));
                }
            }
        });
        let receiver = Self { address, answer, received, accepting };
        receiver.answer("200 OK", "");
        receiver
    }

    /// Returns the address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers with this status from now on.
    pub fn answer(&self, status: &str, body: &str) {
        self.answer_with(status, "", body);
    }

    /// The same with a header line.
    pub fn answer_with(&self, status: &str, header: &str, body: &str) {
        self.answer.lock().unwrap().others = response(status, header, body);
    }

    /// Answers requests of this path with this status from now on, whatever the others are answered.
    pub fn answer_at(&self, path: &str, status: &str, body: &str) {
        self.answer.lock().unwrap().by_path.insert(path.to_owned(), response(status, "", body));
    }

    /// Answers nothing from now on.
    pub fn hang(&self) {
        self.answer.lock().unwrap().others.clear();
    }

    /// Returns the next request.
    pub async fn next(&mut self) -> Received {
        within("a request arrives", self.received.recv()).await.unwrap()
    }

    /// Returns the next request if it has arrived already.
    pub fn try_next(&mut self) -> Option<Received> {
        self.received.try_recv().ok()
    }
}

fn response(status: &str, header: &str, body: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{header}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

async fn serve(mut socket: TcpStream, answer: Arc<Mutex<Answers>>, tell: UnboundedSender<Received>) {
    let Some(request) = read(&mut socket).await else { return };
    let answer = answer.lock().unwrap().to(&request);
    let _ = tell.send(request);
    if answer.is_empty() {
        // Until the client gives up.
        let _ = socket.read(&mut [0]).await;
    }
    let _ = socket.write_all(answer.as_bytes()).await;
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(Received { head: head.to_owned(), body: body.to_owned() });
        }
    }
}
