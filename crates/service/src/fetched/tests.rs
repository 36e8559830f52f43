#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The first one who asks may be anybody, and hang up.
#[tokio::test]
async fn who_hangs_up_does_not_end_what_others_wait_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let urls = [format!("http://{}/keys", listener.local_addr().unwrap())];
    let ((reach, reached), (release, released)) = (oneshot::channel(), oneshot::channel::<()>());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            socket.read_buf(&mut request).await.unwrap();
        }
        reach.send(()).unwrap();
        released.await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys").await.unwrap();
    });
    let read = |_: &str, bytes: &[u8]| Some(bytes.to_vec());
    let pause = Duration::from_secs(60);
    let fetched = Arc::new(Fetched::new(&HttpClient::default(), Clock::default(), pause, read));
    let asking = tokio::spawn({
        let (fetched, urls) = (Arc::clone(&fetched), urls.clone());
        async move { fetched.get("issuer", &urls, |_| true).await }
    });
    reached.await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    release.send(()).unwrap();
    assert_eq!(fetched.get("issuer", &urls, |_| true).await.unwrap().as_slice(), b"keys");
}
