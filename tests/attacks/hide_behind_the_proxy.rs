//! An attacker behind a reverse proxy wants to be taken for the proxy itself, in the log and on the phone's page. Most
//! proxies append the client's address to the header that the client sent, so the attacker sends one that the server
//! cannot parse.

use super::server::Server;
use testkit::Phone;

#[tokio::test]
async fn a_malformed_client_header_does_not_hide_what_the_proxy_appended() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.1"]).await;
    let phone = Phone::new(&server, "owner").await;
    for written in [b"\xc3\xa9".as_slice(), b"\xff", b"unknown", b"10.0.0.1", b",,", b"\"\x80, \xfe"] {
        let mut request = b"POST /api/qrcode/generate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
            Content-Length: 0\r\nX-Forwarded-For: "
            .to_vec();
        request.extend_from_slice(written);
        request.extend_from_slice(b", 203.0.113.9\r\n\r\n");
        let answer = server.raw(&request).await;
        let id = answer.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect(&answer);
        let scanned = phone.scan(id).await.ok();
        assert_eq!(scanned["requester"]["ip"], "203.0.113.9", "{written:?}");
    }
}
