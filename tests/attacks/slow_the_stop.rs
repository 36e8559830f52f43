//! An attacker wants every restart to take long, and holds connections without a request in progress.

use super::flood::{ANSWERED, SILENCE, UNFINISHED_HEAD, UNSENT_BODY, closed, phone, send};
use super::program::Program;
use super::server::within;
use testkit::Socket;
use testkit::{Client, Pc};

#[tokio::test]
async fn connections_without_a_request_do_not_delay_the_shutdown() {
    let mut program = Program::start(&[]);
    let phone = phone(&program.origin(), "dong", "111").await;
    let mut held = Vec::new();
    for bytes in [UNFINISHED_HEAD, SILENCE, ANSWERED, UNSENT_BODY].repeat(5) {
        held.push(send(program.address, bytes).await.unwrap());
    }
    let pc = Pc(Client::connecting_anew(&program.origin()));
    let id = pc.ticket().await;
    // Never reads.
    let _silent = Socket::open(&pc.0, &id).await.unwrap();
    let waiting = tokio::spawn(async move { pc.wait(&id, "pending").await });
    program.until_metric("qr_login_waiting_pcs{transport=\"long_poll\"}", |count| count == 1).await;
    program.until_metric("qr_login_connections", |count| count >= 22).await;
    let log = program.stop();
    assert!(!log.contains("did not end in time"), "{log}");
    // The request in progress still gets its response.
    assert_eq!(within(waiting).await.unwrap().ok()["status"], "pending");
    for stream in held {
        closed(stream).await;
    }
    drop(phone);
}
