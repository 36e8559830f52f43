//! The READMEs' systemd unit: its directives, systemd's own checks, and whether the program runs under its
//! restrictions.

use super::documents::{READMES, block, with, without_comments};
use super::program::Place;
use super::serving::Serving;
use super::skip::{has, skipped};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use testkit::free_port;
use testkit::until;

fn unit(readme: &str) -> String {
    block(readme, "ini", "ExecStart=")
}

/// Returns the values of a directive.
fn directive<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

#[test]
fn the_unit_confines_the_server() {
    let [english, chinese] = READMES.map(|readme| without_comments(&unit(readme)));
    assert_eq!(english, chinese);
    for (name, value) in [
        ("User", "qr-login"),
        ("UMask", "0077"),
        ("Wants", "network-online.target"),
        ("LimitNOFILE", "65536"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("PrivateTmp", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallFilter", "@system-service"),
    ] {
        assert_eq!(directive(&english, name), [value], "{name}");
    }
    assert_eq!(directive(&english, "MemoryMax").len(), 1);
    let environment = directive(&english, "Environment");
    assert!(environment.iter().any(|line| line.starts_with("QR_LOGIN_TRUSTED_PROXIES=")), "{environment:?}");
}

#[test]
fn systemd_accepts_the_unit_and_rates_it_as_safe() {
    if !has("systemd-analyze", "systemd_accepts_the_unit_and_rates_it_as_safe") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("qr-login.service");
    fs::write(&file, with(&unit(READMES[0]), &[("/usr/local/bin/qr-login", env!("CARGO_BIN_EXE_qr-login"))])).unwrap();
    let analyze = |arguments: &[&str]| {
        let output = Command::new("systemd-analyze").args(arguments).arg(&file).output().unwrap();
        (
            output.status.success(),
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
        )
    };
    let (understood, said) = analyze(&["verify"]);
    assert!(understood && !said.contains("qr-login.service"), "{said}");
    // The scale is from 0 to 10; a unit without any restriction has 9.6.
    let (good, said) = analyze(&["security", "--offline=true", "--threshold=25"]);
    assert!(good, "{said}");
}

/// The unit's filter would kill the program at the first call outside of `@system-service`.
#[tokio::test]
async fn the_program_makes_no_call_that_the_unit_forbids() {
    const TEST: &str = "the_program_makes_no_call_that_the_unit_forbids";
    if !has("systemd-analyze", TEST) || !has("strace", TEST) {
        return;
    }
    let place = Place::new();
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).current_dir(place.path()).status();
    if !traced.is_ok_and(|status| status.success()) {
        return skipped(TEST, "strace may not trace here");
    }
    let port = free_port();
    let program = place.program(&["serve", "--demo"]);
    let mut command = Command::new("strace");
    // `-D` makes strace a grandchild of the program, so that signals reach the program.
    command
        .args(["-D", "-f", "-q", "-s", "0", "-o", "calls", "--"])
        .arg(program.get_program())
        .args(program.get_args());
    command.current_dir(place.path()).env("QR_LOGIN_ADDR", format!("127.0.0.1:{port}"));
    let serving = Serving::run(place, command, port).await;
    assert_eq!(serving.get("/").await.0, 200);
    assert_eq!(serving.post("/api/login", &[("username", "dong"), ("password", "111")]).await.0, 200);
    assert_eq!(serving.get("/readyz").await.0, 200);
    let place = serving.stop();
    let text = until("all calls are written down", async || {
        let text = fs::read_to_string(place.path().join("calls")).unwrap();
        text.lines().last().is_some_and(|line| line.ends_with("+++ exited with 0 +++")).then_some(text)
    })
    .await;
    let allowed = allowed_calls();
    let made: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1)?.split_once('('))
        .map(|(call, _)| call)
        .filter(|call| call.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
        .collect();
    assert!(made.contains("accept4") && made.len() > 30, "{made:?}");
    let forbidden: Vec<_> = made.iter().filter(|call| !allowed.contains(**call)).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
    for line in text.lines().filter(|line| line.contains(" socket(")) {
        assert!(["AF_INET,", "AF_INET6,", "AF_UNIX,"].iter().any(|family| line.contains(family)), "{line}");
    }
    // `MemoryDenyWriteExecute=`
    assert!(!text.lines().any(|line| line.contains("PROT_WRITE|PROT_EXEC")), "memory both writable and executable");
}

/// Returns all calls of `@system-service`, including those of its nested groups.
fn allowed_calls() -> BTreeSet<String> {
    let mut groups = vec!["@system-service".to_owned()];
    let mut calls = BTreeSet::new();
    while let Some(group) = groups.pop() {
        let output = Command::new("systemd-analyze").args(["syscall-filter", &group]).output().unwrap();
        for name in String::from_utf8(output.stdout).unwrap().lines().skip(1).map(str::trim) {
            match name.chars().next() {
                Some('@') => groups.push(name.to_owned()),
                Some('#') | None => {}
                Some(_) => drop(calls.insert(name.to_owned())),
            }
        }
    }
    assert!(calls.contains("accept4"), "{calls:?}");
    calls
}
