//! Fault 7. Somebody wants a server that can open no more files: neither for connections nor for its database. He opens more
//! connections than it may have.

use super::flood::{Flood, UNFINISHED_HEAD, log_in, phone};
use super::program::Program;

/// The attackers and the person have one address here, but no limit on it.
const FROM_ANYWHERE: [&str; 2] = ["--rate-limit", "off"];

#[tokio::test]
async fn the_limit_is_raised_and_more_connections_than_it_allows_keep_nobody_out() {
    let program = Program::start_with_files(100, 256, &FROM_ANYWHERE);
    assert_eq!(program.open_files(), (Some(256), Some(256)));
    assert!(program.log().contains("raised the limit"), "{}", program.log());
    let phone = phone(&program.origin(), "dong", "111").await;
    let _flood = Flood::of(program.address, 400, UNFINISHED_HEAD).await;
    log_in(program.address, &phone).await;
    assert!(program.metric("qr_login_connections").await <= 128, "some are left for the database");
    assert!(program.metric("qr_login_connections_closed_total{reason=\"room\"}").await > 0);
    assert!(!program.log().contains("Too many open files"), "{}", program.log());
}

#[tokio::test]
async fn a_server_whose_descriptors_are_gone_all_the_same_goes_on() {
    let program = Program::start(&FROM_ANYWHERE);
    let phone = phone(&program.origin(), "dong", "111").await;
    // Somebody else in this process, such as the database, has taken what was meant for connections.
    program.allow_files(80);
    let _flood = Flood::of(program.address, 200, UNFINISHED_HEAD).await;
    log_in(program.address, &phone).await;
    assert!(program.log().contains("cannot accept connections"), "{}", program.log());
}
