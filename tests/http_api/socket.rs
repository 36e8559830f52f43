//! A PC that watches its ticket through a WebSocket.

use super::client::Client;
use super::server::{Server, within};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens the socket with the client's cookies; the HTTP status when it is refused.
    pub async fn open(server: &Server, client: &Client, id: &str) -> Result<Self, u16> {
        Self::open_at(server.address, client, id).await
    }

    /// The same, at a server of which the address is known.
    pub async fn open_at(address: SocketAddr, client: &Client, id: &str) -> Result<Self, u16> {
        let url = format!("ws://{address}/api/qrcode/ws?id={id}");
        let mut request = url.into_client_request().unwrap();
        if let Some(cookies) = client.cookies() {
            request.headers_mut().insert("cookie", cookies.to_str().unwrap().parse().unwrap());
        }
        match within(connect_async(request)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next view of the ticket. Pings are answered by the library.
    pub async fn view(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The status in the next view.
    pub async fn status(&mut self) -> String {
        self.view().await["status"].as_str().unwrap().to_owned()
    }

    /// The code with which the server closes, if that is what it does next.
    pub async fn closed(&mut self) -> CloseCode {
        match self.next().await {
            Message::Close(Some(frame)) => frame.code,
            other => panic!("{other:?}"),
        }
    }

    /// Sends a message that the server did not ask for.
    pub async fn send(&mut self, text: &str) {
        within(self.0.send(Message::text(text))).await.unwrap();
    }

    /// Answers pings until that many came.
    pub async fn pinged(&mut self, times: usize) {
        for _ in 0..times {
            while !matches!(within(self.0.next()).await.expect("the server still speaks").unwrap(), Message::Ping(_)) {}
        }
    }

    /// Waits until the server has read what was sent to it, such as the answer to a ping.
    pub async fn is_heard(&mut self) {
        within(self.0.send(Message::Ping(Vec::new().into()))).await.unwrap();
        while !matches!(within(self.0.next()).await.expect("the server still speaks").unwrap(), Message::Pong(_)) {}
    }

    /// Waits until the connection has ended, and checks that nothing is said on it any more.
    pub async fn ends_in_silence(&mut self) {
        while let Some(Ok(message)) = within(self.0.next()).await {
            assert!(!matches!(message, Message::Text(_)), "{message}");
        }
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = within(self.0.next()).await.expect("the server still speaks").unwrap();
            if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
                return message;
            }
        }
    }
}
