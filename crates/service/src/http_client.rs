//! The HTTP client for the few requests that this server makes itself: logout tokens, key sets, and services that it is
//! a client of.
//!
//! Each URL is one that the operator has configured, or that a configured service has named. Redirects are not followed,
//! because their targets are neither. https needs a certificate that the system trusts: that of a private authority is
//! trusted if the system's store has it, or the file named by `SSL_CERT_FILE`.

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, Request};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::form_urlencoded::Serializer;

/// Maximum size of a response's body, in bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// How long a request may take unless [`HttpClient::within`] says otherwise, from the connection to the last byte.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long an idle connection is kept. Shorter than most servers do, because a request on one that closes is lost.
const IDLE: Duration = Duration::from_secs(5);

type Inner = Client<HttpsConnector<HttpConnector>, String>;

/// Why there is no response. The text names neither the URL nor anything that was sent.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The URL or a header is malformed.
    #[error("the request is malformed: {0}")]
    Request(#[from] http::Error),
    /// The system's certificates cannot be read.
    #[error("no certificates to verify servers by: {0}")]
    Certificates(std::io::Error),
    /// It did not respond in time.
    #[error("no response within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection failed.
    #[error("{0}")]
    Connection(String),
    /// The response is larger than [`MAX_BODY`], or broke off.
    #[error("the response cannot be read: {reason}")]
    Body {
        /// The status, which was received.
        status: u16,
        /// What happened.
        reason: String,
    },
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The status, of any class.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpReply {
    /// Returns whether the status is one of success (2xx).
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// An HTTP client. Cheap to clone; clones share their connections. Certificates are read when it is first used.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<OnceCell<Inner>>,
    patience: Duration,
}

impl Default for HttpClient {
    fn default() -> Self {
        Self { inner: Arc::default(), patience: PATIENCE }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl HttpClient {
    /// Returns the same client with another timeout.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), patience }
    }

    /// Sends a `GET` request.
    ///
    /// # Errors
    /// [`HttpError`]. A response of any status is none.
    pub async fn get(&self, url: &str) -> Result<HttpReply, HttpError> {
        self.send(Request::get(url).body(String::new())?).await
    }

    /// Posts a form, with further headers.
    ///
    /// # Errors
    /// [`HttpError`]. A response of any status is none.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
    ) -> Result<HttpReply, HttpError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(body)?).await
    }

    async fn send(&self, mut request: Request<String>) -> Result<HttpReply, HttpError> {
        request.headers_mut().entry(USER_AGENT).or_insert(http::HeaderValue::from_static("qr-login"));
        let exchange = async {
            let client = self.inner.get_or_try_init(connect).await?;
            let response = client.request(request).await.map_err(|error| HttpError::Connection(causes(&error)))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
            let body = body.map_err(|error| HttpError::Body { status, reason: causes(&*error) })?.to_bytes().to_vec();
            Ok(HttpReply { status, body })
        };
        timeout(self.patience, exchange).await.map_err(|_| HttpError::Timeout(self.patience))?
    }
}

async fn connect() -> Result<Inner, HttpError> {
    // It reads some hundred files.
    let connector = tokio::task::spawn_blocking(|| HttpsConnectorBuilder::new().with_native_roots());
    let connector = connector.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let connector = connector.map_err(HttpError::Certificates)?.https_or_http().enable_http1().build();
    Ok(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector))
}

/// Joins an error and its causes, because the outermost one often only says that something failed.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    /// Answers one request with `response`, and returns what was received.
    async fn server(response: Vec<u8>) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/path", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = socket.read(&mut request).await.unwrap();
            // The client may hang up in the middle.
            let _ = socket.write_all(&response).await;
            String::from_utf8(request[..length].to_vec()).unwrap()
        });
        (url, task)
    }

    fn response(status: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    #[tokio::test]
    async fn a_form_is_posted_with_its_headers() {
        let (url, received) = server(response("400 Bad Request", "no")).await;
        let headers = [(http::header::AUTHORIZATION, "Basic YTpi")];
        let reply = HttpClient::default().post_form(&url, &[("a", "1 &"), ("b", "=")], &headers).await.unwrap();
        assert_eq!((reply.status, reply.is_success(), reply.body.as_slice()), (400, false, &b"no"[..]));
        let received = received.await.unwrap();
        assert!(received.starts_with("POST /path HTTP/1.1\r\n") && received.ends_with("\r\n\r\na=1+%26&b=%3D"));
        assert!(received.contains("authorization: Basic YTpi\r\n"), "{received}");
        assert!(received.contains("content-type: application/x-www-form-urlencoded\r\n"), "{received}");
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        let (url, _) = server(redirect.to_vec()).await;
        assert_eq!(HttpClient::default().get(&url).await.unwrap().status, 302);
    }

    #[tokio::test]
    async fn an_endless_body_is_cut_off() {
        let (url, _) = server(response("200 OK", &"x".repeat(MAX_BODY))).await;
        assert_eq!(HttpClient::default().get(&url).await.unwrap().body.len(), MAX_BODY);
        let (url, _) = server(response("200 OK", &"x".repeat(MAX_BODY + 1))).await;
        assert!(matches!(HttpClient::default().get(&url).await, Err(HttpError::Body { status: 200, .. })));
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let client = HttpClient::default().within(Duration::from_millis(1));
        assert!(matches!(client.get(&url).await, Err(HttpError::Timeout(_))));
        drop(silent);
        assert!(matches!(HttpClient::default().get(&url).await, Err(HttpError::Connection(_))));
        assert!(matches!(HttpClient::default().get("not a URL").await, Err(HttpError::Request(_))));
    }
}
