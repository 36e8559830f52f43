//! A PC that watches its ticket through a WebSocket.

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
    /// Opens the socket where the client is, with its cookies. The HTTP status when it is refused, or zero where no server
    /// answers.
    pub async fn open(client: &Client, id: &str) -> Result<Self, u16> {
        let url = format!("{}/api/qrcode/ws?id={id}", client.base().replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if let Some(cookies) = client.cookies() {
            request.headers_mut().insert("cookie", cookies);
        }
        // A thousand of these live in one test.
        let small = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0).max_write_buffer_size(4096);
        match within("a socket", connect_async_with_config(request, Some(small), true)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// The next view of the ticket, or nothing when the connection has ended, however long either takes.
    pub async fn view_or_end(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                _ => return None,
            }
        }
    }

    /// The status in the next view, or nothing when the connection has ended.
    pub async fn status_or_end(&mut self) -> Option<String> {
        within("a view", self.view_or_end()).await.map(|view| view["status"].as_str().unwrap().to_owned())
    }

    /// Checks that the next view has this status.
    #[track_caller]
    pub fn hears(&mut self, status: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move { assert_eq!(self.status_or_end().await.as_deref(), Some(status), "{caller}") }
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
        within("a message", self.0.send(Message::text(text))).await.unwrap();
    }

    /// Answers pings until that many came.
    pub async fn pinged(&mut self, times: usize) {
        for _ in 0..times {
            while !matches!(
                within("a message", self.0.next()).await.expect("the server still speaks").unwrap(),
                Message::Ping(_)
            ) {}
        }
    }

    /// Waits until the server has read what was sent to it, such as the answer to a ping.
    pub async fn is_heard(&mut self) {
        within("a message", self.0.send(Message::Ping(Vec::new().into()))).await.unwrap();
        while !matches!(
            within("a message", self.0.next()).await.expect("the server still speaks").unwrap(),
            Message::Pong(_)
        ) {}
    }

    /// Waits until the connection has ended, and checks that nothing is said on it any more.
    pub async fn ends_in_silence(&mut self) {
        while let Some(Ok(message)) = within("a message", self.0.next()).await {
            assert!(!matches!(message, Message::Text(_)), "{message}");
        }
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = within("a message", self.0.next()).await.expect("the server still speaks").unwrap();
            if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
                return message;
            }
        }
    }
}
