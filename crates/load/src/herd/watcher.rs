//! How one PC watches its code.

use super::{Site, Transport};
use crate::headers::BROWSER;
use crate::line::{Line, Lines, connect};
use crate::site::{self, Dialect, Status, Ticket};
use anyhow::{Context, Result, bail};
use futures::StreamExt;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Number of connections per source address: well below its number of ports.
const PER_ADDRESS: usize = 20_000;
/// Poll interval, as in the tutorials.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Size of a socket's buffer, in bytes; the driver has as many sockets as the server.
const SOCKET_BUFFER: usize = 1024;

pub(super) enum Watcher {
    Socket(Box<WebSocketStream<TcpStream>>),
    LongPoll(Line),
    Poll(Lines, Interval),
}

impl Watcher {
    pub(super) async fn open(site: &Site, ticket: &Ticket, number: usize) -> Result<Self> {
        let (address, source) = (site.address, source(number));
        Ok(match site.transport {
            Transport::WebSocket => {
                Self::Socket(Box::new(upgrade(connect(address, source).await?, site.dialect, ticket).await?))
            }
            Transport::LongPoll => Self::LongPoll(Line::over(connect(address, source).await?)),
            Transport::Poll => {
                // Spread over the interval, as real users are.
                let phase = POLL_INTERVAL.mul_f64(number as f64 / site.count as f64);
                let mut interval = interval_at(Instant::now() + phase, POLL_INTERVAL);
                interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
                Self::Poll(Lines::open(address, source).await?, interval)
            }
        })
    }

    /// Returns the next status. It may be the one that was `seen` already.
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
            Self::Poll(lines, interval) => {
                interval.tick().await;
                lines.ask(&dialect.check(ticket), |answer| site::status(answer.ok()?.body)).await
            }
        }
    }
}

async fn upgrade(stream: TcpStream, dialect: Dialect, ticket: &Ticket) -> Result<WebSocketStream<TcpStream>> {
    let url = format!("ws://{}/api/qrcode/ws?id={}", dialect.host, ticket.id);
    let mut request = url.into_client_request()?;
    for (name, value) in BROWSER.lines().filter_map(|line| line.split_once(": ")) {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let origin = format!("http://{}", dialect.host);
    request.headers_mut().insert("origin", origin.parse().context("the origin fits no header")?);
    request.headers_mut().insert("cookie", ticket.cookie_value().parse().context("the cookie fits no header")?);
    let config = WebSocketConfig::default().read_buffer_size(SOCKET_BUFFER).write_buffer_size(0);
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await.context("opening a WebSocket")?;
    Ok(socket)
}

/// Returns the loopback address from which a PC connects if the usual one would run out of ports.
fn source(number: usize) -> Option<Ipv4Addr> {
    let address = u8::try_from(number / PER_ADDRESS).ok().filter(|address| *address > 0)?;
    Some(Ipv4Addr::new(127, 0, 0, address.saturating_add(1)))
}
