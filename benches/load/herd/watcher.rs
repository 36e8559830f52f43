//! How one PC watches its code.

use super::{Site, Transport};
use crate::line::{Line, connect};
use crate::site::{self, Dialect, Status, Ticket};
use anyhow::{Context, Result, bail};
use futures::StreamExt;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Connections that leave from one address: well below the number of its ports.
const PER_ADDRESS: usize = 20_000;
/// How often a PC polls, as in the tutorials.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Bytes of a socket's buffer; the driver has as many sockets as the server.
const SOCKET_BUFFER: usize = 1024;

pub(super) enum Watcher {
    Socket(Box<WebSocketStream<TcpStream>>),
    LongPoll(Line),
    Poll(Line, Interval),
}

impl Watcher {
    pub(super) async fn open(site: &Site, ticket: &Ticket, number: usize) -> Result<Self> {
        let stream = connect(site.address, source(number)).await?;
        Ok(match site.transport {
            Transport::WebSocket => Self::Socket(Box::new(upgrade(stream, ticket).await?)),
            Transport::LongPoll => Self::LongPoll(Line::over(stream)?),
            Transport::Poll => {
                // Spread over the interval, as people are.
                let phase = POLL_INTERVAL.mul_f64(number as f64 / site.count as f64);
                let mut interval = interval_at(Instant::now() + phase, POLL_INTERVAL);
                interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
                Self::Poll(Line::over(stream)?, interval)
            }
        })
    }

    /// What the server says next. It may be what was `seen` already.
    pub(super) async fn next(&mut self, dialect: Dialect, ticket: &Ticket, seen: Status) -> Result<Status> {
        match self {
            Self::Socket(socket) => loop {
                match socket.next().await.context("the socket ended")?? {
                    Message::Text(text) => return site::status(text.as_bytes()),
                    Message::Close(reason) => bail!("the server closed the socket: {reason:?}"),
                    // The library answers pings.
                    _ => {}
                }
            },
            Self::LongPoll(line) => site::status(line.ask(&dialect.wait(ticket, seen)).await?.ok()?.body),
            Self::Poll(line, interval) => {
                interval.tick().await;
                site::status(line.ask(&dialect.check(ticket)).await?.ok()?.body)
            }
        }
    }
}

async fn upgrade(stream: TcpStream, ticket: &Ticket) -> Result<WebSocketStream<TcpStream>> {
    let url = format!("ws://{}/api/qrcode/ws?id={}", stream.peer_addr()?, ticket.id);
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("cookie", ticket.cookie_value().parse().context("the cookie fits no header")?);
    let config = WebSocketConfig::default().read_buffer_size(SOCKET_BUFFER).write_buffer_size(0);
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await.context("opening a WebSocket")?;
    Ok(socket)
}

/// The loopback address from which a PC connects, where the usual one would run out of ports.
fn source(number: usize) -> Option<Ipv4Addr> {
    let address = u8::try_from(number / PER_ADDRESS).ok().filter(|address| *address > 0)?;
    Some(Ipv4Addr::new(127, 0, 0, address.saturating_add(1)))
}
