//! An attacker without an account wants to use up the server's memory. They send the few bytes that a body may have one
//! by one, so that each keeps a whole read buffer alive. Or they send large bodies to a path that reads them before
//! checking anything.

use super::flood::send;
use super::program::Program;
use super::server::within;
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Memory that all of it may use.
const MOST: u64 = 64 * 1024 * 1024;

fn grown(program: &Program, idle: u64) -> u64 {
    program.memory("VmHWM").saturating_sub(idle)
}

#[tokio::test]
async fn a_body_sent_byte_by_byte_takes_no_extra_memory() {
    const CONNECTIONS: usize = 8;
    const CHUNKS: usize = 16_000;
    let program = Program::start(&["--rate-limit", "off"]);
    program.forget_peak();
    let idle = program.memory("VmRSS");
    let head = b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n";
    let attackers = (0..CONNECTIONS).map(|_| async {
        let mut stream = send(program.address, head).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for _ in 0..CHUNKS {
            stream.write_all(b"1\r\na\r\n").await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    });
    within(join_all(attackers)).await;
    let grown = grown(&program, idle);
    assert!(grown <= MOST, "{CONNECTIONS} bodies of {CHUNKS} bytes cost {} MiB", grown >> 20);
}

#[tokio::test]
async fn no_path_reads_a_large_body() {
    const BODY: usize = 2_000_000;
    let program = Program::start(&["--rate-limit", "off"]);
    for path in ["/language", "/api/login", "/api/qrcode/generate"] {
        for framing in [format!("Content-Length: {BODY}"), "Transfer-Encoding: chunked".to_owned()] {
            for origin in ["", "Origin: https://evil.example\r\n"] {
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{origin}\
                     Content-Type: application/x-www-form-urlencoded\r\n{framing}\r\n\r\n"
                );
                let mut stream = send(program.address, head.as_bytes()).await.unwrap();
                let (mut reading, mut writing) = stream.split();
                let sending = async {
                    // The server may close before everything is sent.
                    for _ in 0..BODY / 10_000 {
                        let chunk = [b"2710\r\n".as_slice(), &[b'a'; 10_000], b"\r\n"].concat();
                        if writing.write_all(&chunk).await.is_err() {
                            return;
                        }
                    }
                };
                let mut answer = [0; 12];
                let (_, read) = within(async { tokio::join!(sending, reading.read_exact(&mut answer)) }).await;
                read.unwrap();
                let status = str::from_utf8(&answer[9..]).unwrap();
                let expected = if origin.is_empty() { "413" } else { "403" };
                assert_eq!(status, expected, "{path} {framing} {origin}");
            }
        }
    }
}
