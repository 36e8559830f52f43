//! An attacker wants the server to run out of file descriptors, for connections and for its database, and opens more
//! connections than the limit of open files allows.

use super::flood::{Flood, UNFINISHED_HEAD, log_in, phone};
use super::program::Program;

/// All connections come from one address here, so the cap per address must be off.
const FROM_ANYWHERE: [&str; 2] = ["--rate-limit", "off"];

#[tokio::test]
async fn the_limit_is_raised_and_a_login_completes_beyond_it() {
    let program = Program::start_with_files(100, 256, &FROM_ANYWHERE);
    assert_eq!(program.open_files(), (Some(256), Some(256)));
    assert!(program.log().contains("raised the limit"), "{}", program.log());
    let phone = phone(&program.origin(), "dong", "111").await;
    let _flood = Flood::of(program.address, 400, UNFINISHED_HEAD).await;
    log_in(program.address, &phone).await;
    assert!(program.metric("qr_login_connections").await <= 128, "the rest is for the database");
    assert!(program.metric("qr_login_connections_closed_total{reason=\"room\"}").await > 0);
    assert!(!program.log().contains("Too many open files"), "{}", program.log());
}

#[tokio::test]
async fn a_login_completes_even_when_descriptors_run_out() {
    let program = Program::start(&FROM_ANYWHERE);
    let phone = phone(&program.origin(), "dong", "111").await;
    // As if the database had used descriptors that were reserved for connections.
    program.allow_files(80);
    let _flood = Flood::of(program.address, 200, UNFINISHED_HEAD).await;
    log_in(program.address, &phone).await;
    assert!(program.log().contains("cannot accept connections"), "{}", program.log());
}
