//! What the framework would reject in its own format: wrong methods, bodies and paths. Each must be one of our errors.

use super::server::Server;
use reqwest::Method;
use testkit::{Client, Pc, Phone};

/// Limit of a request body, in bytes.
const LARGEST: usize = 16 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";
const READS: [&str; 5] =
    ["/api/qrcode/check", "/api/qrcode/wait", "/api/userinfo", "/api/sessions", "/api/session/wait"];
const WRITES: [&str; 9] = [
    "/api/qrcode/generate",
    "/api/qrcode/redeem",
    "/api/qrcode/abandon",
    "/api/qrcode/scan",
    "/api/qrcode/confirm",
    "/api/qrcode/cancel",
    "/api/login",
    "/api/logout",
    "/api/sessions/revoke",
];

/// Checks the status line and the JSON error of a raw response.
#[track_caller]
fn error_in(answer: &str, status: u16, code: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(body.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

#[tokio::test]
async fn a_wrong_method_is_rejected_and_the_right_one_named() {
    let server = Server::start().await;
    let client = Phone::new(&server, "dong").await.client;
    for path in WRITES {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let answer = client.send(method, path, None, Vec::new()).await;
            answer.refused(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), "POST", "{path}");
        }
    }
    for path in READS {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = client.send(method, path, Some(FORM), Vec::new()).await;
            answer.refused(405, "method_not_allowed");
            assert!(answer.header("allow").contains("GET"), "{path}");
        }
    }
    client.post("/api/qrcode/ws", &[]).await.refused(405, "method_not_allowed");
    client.get("/api/userinfo").await.ok();
}

#[tokio::test]
async fn an_unknown_path_is_not_found_by_any_method() {
    let server = Server::start().await;
    let client = Client::new(&server);
    for path in ["/api", "/api/x", "/api/qrcode", "/api/qrcode/generate/", "/api/QRCODE/generate", "/api//login"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            client.send(method, path, None, Vec::new()).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_form_is_rejected() {
    let server = Server::start().await;
    let client = Client::new(&server);
    for path in WRITES {
        for media_type in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
            let answer = client.send(Method::POST, path, Some(media_type), b"{}".to_vec()).await;
            answer.refused(415, "unsupported_media_type");
        }
    }
    for media_type in ["application/x-www-form-urlencoded; charset=utf-8", "Application/X-WWW-Form-Urlencoded"] {
        client.send(Method::POST, "/api/qrcode/generate", Some(media_type), Vec::new()).await.ok();
    }
    client.send(Method::POST, "/api/qrcode/generate", None, Vec::new()).await.ok();
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let server = Server::start().await;
    let (pc, phone) = (Pc::new(&server), Phone::new(&server, "dong").await);
    for (answer, field) in [
        (pc.0.get("/api/qrcode/check").await, "id"),
        (pc.0.get("/api/qrcode/wait?status=pending").await, "id"),
        (pc.0.get("/api/qrcode/ws").await, "id"),
        (pc.0.post("/api/qrcode/redeem", &[]).await, "id"),
        (pc.0.post("/api/qrcode/abandon", &[("ID", "x")]).await, "id"),
        (phone.client.post("/api/qrcode/scan", &[]).await, "id"),
        (phone.client.post("/api/qrcode/confirm", &[("id", "x")]).await, "confirm_token"),
        (phone.client.post("/api/qrcode/cancel", &[("confirm_token", "x")]).await, "id"),
        (pc.0.post("/api/login", &[("username", "dong")]).await, "password"),
        (pc.0.post("/api/login", &[("password", "x")]).await, "username"),
        (phone.client.post("/api/sessions/revoke", &[]).await, "session_id"),
    ] {
        let message = answer.refused(400, "invalid_request");
        assert!(message.contains(&format!("`{field}`")), "{field}: {message}");
    }
}

#[tokio::test]
async fn a_malformed_field_of_a_sign_in_is_named() {
    let server = Server::start().await;
    let client = Client::new(&server);
    let form = |field: (&'static str, &'static str)| [("password", "x"), ("username", "dong"), field];
    for bad in ["two words", "扫码", "a/b", &"x".repeat(65)] {
        let message = client.post("/api/login", &[("username", "dong"), ("password", "x"), ("device_id", bad)]).await;
        assert!(message.refused(400, "invalid_request").contains("device_id"));
    }
    let blank = client.post("/api/login", &[("username", "  "), ("password", "x")]).await;
    assert!(blank.refused(400, "invalid_request").contains("username"));
    client.post("/api/login", &form(("device_name", "\u{7}\u{202e}\n"))).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn invalid_utf8_is_malformed_and_never_an_internal_error() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    // The errors that endpoints with an id and the sign-in return for it.
    const MALFORMED: &str = "invalid_request";
    let bodies: [(&[u8], &str, &str); 8] = [
        (
            b"id=%ff%fe&session_id=%ff&confirm_token=%c3%28&username=%80&password=%80",
            "invalid_id",
            "invalid_credentials",
        ),
        (b"id=\xff\xfe&session_id=\xff&confirm_token=\xff&username=\xff&password=\xff", MALFORMED, MALFORMED),
        (b"id=%&session_id=%&confirm_token=%zz&username=%1&password=%", "invalid_id", "invalid_credentials"),
        (b"id=%00&session_id=%00&confirm_token=%00&username=%00&password=%00", "invalid_id", "invalid_credentials"),
        (b"id[]=x&session_id[]=x&confirm_token[a]=y&username[0]=z", MALFORMED, MALFORMED),
        (b"id=x&id=y&session_id=x&session_id=y&username=a&username=b&password=c", MALFORMED, MALFORMED),
        (b"&&&===&;;;", MALFORMED, MALFORMED),
        (b"\0", MALFORMED, MALFORMED),
    ];
    for path in WRITES.iter().filter(|path| !path.ends_with("generate") && !path.ends_with("logout")) {
        for (body, of_id, of_sign_in) in bodies {
            let code = if *path == "/api/login" { of_sign_in } else { of_id };
            let status = if code == "invalid_credentials" { 401 } else { 400 };
            phone.client.send(Method::POST, path, Some(FORM), body.to_vec()).await.refused(status, code);
        }
    }
    for (query, code) in [
        ("id=%ff", "invalid_id"),
        ("id=%", "invalid_id"),
        ("id=%00", "invalid_id"),
        ("id=a&id=b", MALFORMED),
        ("%%%", MALFORMED),
        ("id[]=1", MALFORMED),
    ] {
        for path in ["/api/qrcode/check", "/api/qrcode/wait", "/api/qrcode/ws"] {
            phone.client.get(&format!("{path}?{query}&status=pending")).await.refused(400, code);
        }
    }
    phone.user_info().await.ok();
}

#[tokio::test]
async fn raw_bytes_in_headers_and_paths_do_no_harm() {
    let server = Server::start().await;
    for request in [
        &b"GET /api/userinfo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n"[..],
        b"GET /api/userinfo HTTP/1.1\r\nHost: localhost\r\nCookie: qr_pc=\xff; =; ;;\r\nConnection: close\r\n\r\n",
        b"GET /api/userinfo HTTP/1.1\r\nHost: localhost\r\nX-Device-Id: \xff\r\nConnection: close\r\n\r\n",
    ] {
        error_in(&server.raw(request).await, 401, "unauthenticated");
    }
    for path in ["/api/%ff", "/api/%2e%2e/healthz", "/api/qrcode%2Fcheck", "/api/%00"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        error_in(&server.raw(request.as_bytes()).await, 404, "not_found");
    }
    let bad_type =
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: \xff\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    error_in(&server.raw(bad_type).await, 415, "unsupported_media_type");
}

#[tokio::test]
async fn a_body_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let server = Server::start().await;
    let client = Client::new(&server);
    let body = |length: usize| [b"x=".to_vec(), vec![b'a'; length - 2]].concat();
    for path in WRITES {
        client.send(Method::POST, path, Some(FORM), body(LARGEST + 1)).await.refused(413, "body_too_large");
    }
    client.send(Method::POST, "/api/logout", Some(FORM), body(LARGEST)).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_too_large_content_length_is_rejected_before_the_body_is_sent() {
    let server = Server::start().await;
    let head = "POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded";
    for length in ["16385", "1000000000000"] {
        let request = format!("{head}\r\nContent-Length: {length}\r\n\r\n");
        error_in(&server.raw(request.as_bytes()).await, 413, "body_too_large");
    }
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_its_whole_body_first() {
    let server = Server::start().await;
    let body = "x".repeat(512 * 1024);
    for (path, said) in [("/api/login", "413"), ("/language", "413"), ("/oauth/token", "400"), ("/api/nothing", "413")]
    {
        // Without `Connection: close`: the refusal alone ends the connection.
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n");
        let answer = server.raw(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {said} ")), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_rejected_as_soon_as_it_is_too_large() {
    let server = Server::start().await;
    let head = "POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded";
    // The last chunk is never sent: the response must not wait for it.
    let request = format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n{}\r\n", "a".repeat(0x4001));
    error_in(&server.raw(request.as_bytes()).await, 413, "body_too_large");
}

#[tokio::test]
async fn the_socket_endpoint_asks_for_an_upgrade() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    pc.0.ask("/api/qrcode/ws", &[("id", &id)]).await.refused(426, "upgrade_required");
    let other_protocol = pc.0.clone().always("connection", "upgrade").always("upgrade", "h2c");
    other_protocol.ask("/api/qrcode/ws", &[("id", &id)]).await.refused(426, "upgrade_required");
}

#[tokio::test]
async fn a_path_with_an_extra_slash_is_unknown() {
    let server = Server::start().await;
    Client::new(&server).get("/api/").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_head_request_gets_the_response_of_a_get_without_its_body() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    for path in ["/", "/healthz", "/.well-known/jwks.json", "/api/userinfo", "/api/sessions"] {
        let answer = phone.client.send(Method::HEAD, path, None, Vec::new()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{path}");
    }
}
