//! Building blocks of the flood tests: attacking connections, and a normal login to run in the meantime.

use super::server::{PASSWORD, Server, within};
use std::io;
use std::net::SocketAddr;
use testkit::Socket;
use testkit::{Client, Pc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// An incomplete request head.
pub const UNFINISHED_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Rest: ";
/// Nothing at all.
pub const SILENCE: &[u8] = b"";
/// A complete request, after which the connection stays open.
pub const ANSWERED: &[u8] = b"GET /manifest.webmanifest HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
/// A head whose body is never sent.
pub const UNSENT_BODY: &[u8] = b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nusername=";

/// Connects and sends raw bytes.
pub async fn send(server: SocketAddr, bytes: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(bytes).await?;
    Ok(stream)
}

/// Waits until the server closes the connection, and returns everything received before.
pub async fn closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // A reset connection counts as closed.
    let _ = within(stream.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

/// Attackers that hold one connection each and reconnect as soon as it is closed, until dropped.
#[derive(Debug)]
pub struct Flood {
    _attackers: JoinSet<()>,
}

impl Flood {
    /// Returns once every attacker has connected.
    pub async fn of(server: SocketAddr, attackers: usize, bytes: &'static [u8]) -> Self {
        let (connected, mut all) = mpsc::channel(attackers);
        let mut tasks = JoinSet::new();
        for _ in 0..attackers {
            let connected = connected.clone();
            tasks.spawn(async move {
                loop {
                    let stream = send(server, bytes).await;
                    let _ = connected.try_send(());
                    if let Ok(mut stream) = stream {
                        let _ = copy(&mut stream, &mut sink()).await;
                    }
                }
            });
        }
        for _ in 0..attackers {
            within(all.recv()).await.unwrap();
        }
        Self { _attackers: tasks }
    }
}

/// Signs in a phone's browser before the flood begins.
pub async fn phone(origin: &str, name: &str, password: &str) -> Client {
    let phone = Client::connecting_anew(origin);
    phone.post("/api/login", &[("username", name), ("password", password)]).await.ok();
    phone
}

/// The same, with a newly created account.
pub async fn phone_of(server: &Server, name: &str) -> Client {
    server.account(name).await;
    phone(&server.origin(), name, PASSWORD).await
}

/// Performs a complete login. Each step waits for the event that the previous one causes.
pub async fn log_in(server: SocketAddr, phone: &Client) {
    let pc = Pc(Client::connecting_anew(&format!("http://{server}")));
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.expect("a PC may wait");
    assert_eq!(socket.status().await, "pending");
    let scanned = phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    assert_eq!(socket.status().await, "scanned");
    let token = scanned["confirm_token"].as_str().unwrap();
    phone.post("/api/qrcode/confirm", &[("id", &id), ("confirm_token", token)]).await.ok();
    assert_eq!(socket.status().await, "confirmed");
    pc.redeem(&id).await.ok();
    assert_eq!(socket.status().await, "redeemed");
    pc.0.get("/api/userinfo").await.ok();
}
