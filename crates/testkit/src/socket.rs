//! A PC that watches its ticket over a WebSocket.

use crate::client::Client;
use crate::patience::within;
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with the client's address and cookies. Returns the HTTP status if it is refused, or zero if no server
    /// responds.
    pub async fn open(client: &Client, id: &str) -> Result<Self, u16> {
        let url = format!("{}/api/qrcode/ws?id={id}", client.base().replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if let Some(cookies) = client.cookies() {
            request.headers_mut().insert("cookie", cookies);
        }
        // One test opens a thousand of these.
        let small = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0).max_write_buffer_size(4096);
        match within("a socket", connect_async_with_config(request, Some(small), true)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Returns the next view of the ticket, or `None` when the connection has ended. No timeout.
    pub async fn view_or_end(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                _ => return None,
            }
        }
    }

    /// Returns the status in the next view, or `None` when the connection has ended.
    pub async fn status_or_end(&mut self) -> Option<String> {
        within("a view", self.view_or_end()).await.map(|view| view["status"].as_str().unwrap().to_owned())
    }

    /// Checks that the next view has this status.
    #[track_caller]
    pub fn hears(&mut self, status: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move { assert_eq!(self.status_or_end().await.as_deref(), Some(status), "{caller}") }
    }

    /// Returns the next view of the ticket. The library answers pings.
    pub async fn view(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Returns the status in the next view.
    pub async fn status(&mut self) -> String {
        self.view().await["status"].as_str().unwrap().to_owned()
    }

    /// Returns the server's close code, which must come next.
    pub async fn closed(&mut self) -> CloseCode {
        match self.next().await {
            Message::Close(Some(frame)) => frame.code,
            other => panic!("{other:?}"),
        }
    }

    /// Sends an unsolicited message.
    pub async fn send(&mut self, text: &str) {
        within("a message", self.0.send(Message::text(text))).await.unwrap();
    }

    /// Answers that many pings.
    pub async fn pinged(&mut self, times: usize) {
        for _ in 0..times {
            while !matches!(
                within("a message", self.0.next()).await.expect("the connection is open").unwrap(),
                Message::Ping(_)
            ) {}
        }
    }

    /// Waits until the server has read everything sent to it, such as a pong.
    pub async fn is_heard(&mut self) {
        within("a message", self.0.send(Message::Ping(Vec::new().into()))).await.unwrap();
        while !matches!(
            within("a message", self.0.next()).await.expect("the connection is open").unwrap(),
            Message::Pong(_)
        ) {}
    }

    /// Waits until the connection has ended, and checks that no message is received before.
    pub async fn ends_in_silence(&mut self) {
        while let Some(Ok(message)) = within("a message", self.0.next()).await {
            assert!(!matches!(message, Message::Text(_)), "{message}");
        }
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = within("a message", self.0.next()).await.expect("the connection is open").unwrap();
            if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
                return message;
            }
        }
    }
}
