//! A client that speaks HTTP/1.1 over TLS and sends exactly the given header lines.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use testkit::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The host of every sample.
pub const HOST: &str = "login.example.com";

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Returns the values of a header, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        headers(&self.head, name)
    }

    /// Returns a header's value, or "".
    pub fn header(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// Returns the cookies that a browser would send after this response.
    pub fn cookies(&self) -> Vec<String> {
        self.all("set-cookie").iter().map(|line| line.split(';').next().unwrap_or_default().to_owned()).collect()
    }
}

/// Returns the values of a header in the head of a request or a response, in order.
pub fn headers<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

/// Connects to a port of this machine under the name [`HOST`].
#[derive(Clone)]
pub struct Https {
    connector: TlsConnector,
    pub port: u16,
}

impl Https {
    /// Creates a client that trusts only this certificate.
    pub fn new(port: u16, certificate: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { connector: TlsConnector::from(Arc::new(config)), port }
    }

    /// Connects from this address of the loopback network.
    pub async fn connect_from(&self, address: Ipv4Addr) -> TlsStream<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((address, 0).into()).unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        within("a TLS connection", async {
            let stream = socket.connect((Ipv4Addr::LOCALHOST, self.port).into()).await.unwrap();
            self.connector.connect(name, stream).await.unwrap()
        })
        .await
    }

    /// Returns whether a connection succeeds, for a server that is starting.
    pub async fn is_ready(&self) -> bool {
        let name = ServerName::try_from(HOST).unwrap();
        match TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await {
            Ok(stream) => self.connector.connect(name, stream).await.is_ok(),
            Err(_) => false,
        }
    }

    pub async fn connect(&self) -> Connection {
        Connection(self.connect_from(Ipv4Addr::LOCALHOST).await)
    }

    /// Sends one request on a new connection.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.connect().await.send("GET", path, headers, "").await
    }

    /// Sends a form, as one of the site's own pages does.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let origin = format!("https://{HOST}");
        let own = [("Origin", origin.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        self.connect().await.send("POST", path, &[&own, headers].concat(), form).await
    }
}

/// A connection that is reused.
pub struct Connection(pub TlsStream<TcpStream>);

impl Connection {
    /// Sends a request with these header lines, which may repeat a name.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += &format!("Host: {HOST}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        within(path, async {
            self.0.write_all(request.as_bytes()).await.unwrap();
            self.0.flush().await.unwrap();
            self.read().await
        })
        .await
    }

    async fn read(&mut self) -> Answer {
        let mut received = Vec::new();
        let end = loop {
            if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end;
            }
            assert!(self.0.read_buf(&mut received).await.unwrap() > 0, "closed in the middle of the head");
        };
        let mut body = received.split_off(end + 4);
        let head = String::from_utf8(received).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        match headers(&head, "content-length").first() {
            // Another protocol, until the end. A proxy may reset the connection then.
            _ if status == 101 => while matches!(self.0.read_buf(&mut body).await, Ok(1..)) {},
            Some(length) => {
                let length: usize = length.parse().unwrap();
                while body.len() < length {
                    assert!(self.0.read_buf(&mut body).await.unwrap() > 0, "closed in the middle of the body");
                }
            }
            None => body = self.read_chunks(body).await,
        }
        Answer { status, head, body: String::from_utf8(body).unwrap() }
    }

    /// Reads a chunked body (RFC 9112, section 7.1), which begins with the bytes received already.
    async fn read_chunks(&mut self, mut received: Vec<u8>) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            while let Some(line) = received.windows(2).position(|bytes| bytes == b"\r\n") {
                let size = usize::from_str_radix(std::str::from_utf8(&received[..line]).unwrap().trim(), 16).unwrap();
                if received.len() < line + 2 + size + 2 {
                    break;
                }
                body.extend_from_slice(&received[line + 2..line + 2 + size]);
                received.drain(..line + 2 + size + 2);
                if size == 0 {
                    return body;
                }
            }
            assert!(self.0.read_buf(&mut received).await.unwrap() > 0, "closed in the middle of a chunk");
        }
    }
}
