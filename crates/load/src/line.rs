//! A minimal HTTP/1.1 keep-alive connection: ten thousand of them share the driver's core.
//!
//! Custom, because a general client takes about as long for a request as the server does, and would dominate the
//! measurement.

mod kept;

pub use kept::Lines;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Longer than the 25 seconds after which a long poll returns.
const PATIENCE: Duration = Duration::from_secs(60);
/// Size of the first read, in bytes. Most responses fit, and a PC that only waits needs no more.
const FIRST_READ: usize = 1024;

#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Length of the response's head in the buffer.
    head: usize,
    first_byte: Instant,
}

/// A response. It borrows the line's buffer until the next request.
#[derive(Debug)]
pub struct Answer<'a> {
    pub status: u16,
    head: &'a [u8],
    pub body: &'a [u8],
    /// When its first byte was received.
    pub first_byte: Instant,
}

impl Line {
    pub async fn open(server: SocketAddr) -> Result<Self> {
        Ok(Self::over(connect(server, None).await?))
    }

    /// Wraps an open connection.
    pub fn over(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new(), head: 0, first_byte: Instant::now() }
    }

    /// Sends a request and returns its response, whatever its status.
    pub async fn ask(&mut self, request: &str) -> Result<Answer<'_>> {
        self.exchange(request).await?;
        self.answer()
    }

    async fn exchange(&mut self, request: &str) -> Result<()> {
        let asked = request.lines().next().unwrap_or_default();
        timeout(PATIENCE, self.send_and_read(request))
            .await
            .with_context(|| format!("no answer to `{asked}` in {} s", PATIENCE.as_secs()))?
            .with_context(|| format!("asking `{asked}`"))
    }

    async fn send_and_read(&mut self, request: &str) -> Result<()> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        self.read(FIRST_READ).await?;
        self.first_byte = Instant::now();
        let (head, end) = loop {
            if let Some(ends) = ends(&self.buffer)? {
                break ends;
            }
            self.read(FIRST_READ).await?;
        };
        while self.buffer.len() < end {
            self.read(end - self.buffer.len()).await?;
        }
        ensure!(self.buffer.len() == end, "more came than the answer");
        self.head = head;
        Ok(())
    }

    /// Parses the response in the buffer.
    fn answer(&self) -> Result<Answer<'_>> {
        let status = self.buffer.get(9..12).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
        let status = status.context("an answer has no status")?;
        let (head, body) = self.buffer.split_at(self.head);
        Ok(Answer { status, head, body, first_byte: self.first_byte })
    }

    async fn read(&mut self, at_least: usize) -> Result<()> {
        self.buffer.reserve(at_least);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }
}

/// Connects, from a separate source address if one address has too few ports.
pub async fn connect(server: SocketAddr, source: Option<Ipv4Addr>) -> Result<TcpStream> {
    let open = async {
        let socket = TcpSocket::new_v4()?;
        if let Some(source) = source {
            socket.bind((source, 0).into())?;
        }
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        io::Result::Ok(stream)
    };
    timeout(PATIENCE, open)
        .await
        .with_context(|| format!("{server} took no connection in {} s", PATIENCE.as_secs()))?
        .with_context(|| format!("connecting to {server}"))
}

/// Returns where the head and the body end, once the head is complete.
fn ends(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes).context("the answer is not HTTP")? {
        httparse::Status::Partial => Ok(None),
        httparse::Status::Complete(head) => {
            let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let Some(length) = length else { bail!("the answer does not say how long it is") };
            let length: usize = str::from_utf8(length.value)?.parse().context("Content-Length is no number")?;
            Ok(Some((head, head + length)))
        }
    }
}

impl Answer<'_> {
    /// Fails unless it is a success.
    pub fn ok(self) -> Result<Self> {
        ensure!(self.status == 200, "status {}: {}", self.status, String::from_utf8_lossy(self.body));
        Ok(self)
    }

    /// Parses the JSON of a successful response.
    pub fn json<T: DeserializeOwned>(self) -> Result<T> {
        let body = self.ok()?.body;
        serde_json::from_slice(body).with_context(|| format!("unexpected JSON: {}", String::from_utf8_lossy(body)))
    }

    /// Returns `name=value` of a cookie that it sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let mut cookies = self.headers("set-cookie");
        let cookie = cookies.find(|cookie| cookie.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))?;
        Some(cookie.split(';').next().unwrap_or(cookie).to_owned())
    }

    /// Returns the values of all headers with that name.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let head = str::from_utf8(self.head).unwrap_or_default();
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
