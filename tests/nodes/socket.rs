//! A PC that watches its ticket through a WebSocket.

use super::client::Client;
use super::node::Place;
use super::patience::within;
use futures::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn open(at: &(impl Place + ?Sized), client: &Client, id: &str) -> Self {
        within("a socket", Self::try_open(at, client, id)).await.unwrap()
    }

    /// The HTTP status where the socket is refused, or zero where no server answers.
    pub async fn try_open(at: &(impl Place + ?Sized), client: &Client, id: &str) -> Result<Self, u16> {
        let url = format!("{}/api/qrcode/ws?id={id}", at.origin().replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if let Some(cookies) = client.cookies(at) {
            request.headers_mut().insert("cookie", cookies);
        }
        // A thousand of these live in one test.
        let small = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0).max_write_buffer_size(4096);
        match connect_async_with_config(request, Some(small), true).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// The next view of the ticket, or nothing when the connection has ended.
    pub async fn view(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                _ => return None,
            }
        }
    }

    /// The status in the next view.
    pub async fn status(&mut self) -> Option<String> {
        within("a view", self.view()).await.map(|view| view["status"].as_str().unwrap().to_owned())
    }

    /// Checks that the next view has this status.
    #[track_caller]
    pub fn hears(&mut self, status: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move { assert_eq!(self.status().await.as_deref(), Some(status), "{caller}") }
    }
}
