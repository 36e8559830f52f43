//! The owner of a sibling domain wants to keep a user signed out. They set a cookie for the common parent domain that
//! is not ASCII, which the browser sends in one line with ours.

use super::server::Server;
use testkit::browser_phone;

#[tokio::test]
async fn a_malformed_cookie_hides_none_of_ours() {
    let server = Server::start().await;
    let owner = browser_phone(&server, "owner").await;
    for strange in [b"theme=\xff".as_slice(), b"\xe6\x96\x87=1", b"\x80", b"a=\"\xfe"] {
        for comes_first in [true, false] {
            let ours = owner.cookie_line().into_bytes();
            let line = match comes_first {
                true => [strange, b"; ", &ours].concat(),
                false => [&ours, b"; ".as_slice(), strange].concat(),
            };
            let head = b"GET /api/userinfo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ".as_slice();
            let answer = server.raw(&[head, &line, b"\r\n\r\n"].concat()).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{strange:?}: {answer}");
        }
    }
}
