//! docs/deploy/fail2ban, used by the real fail2ban.

use super::documents::path;
use super::serving::Serving;
use super::skip::has;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use testkit::until;

/// Returns the addresses that the filter finds in a log, once per match.
fn found(log: &Path, options: &[&str]) -> Vec<String> {
    let mut regex = Command::new("fail2ban-regex");
    regex.args(options).args(["-o", "ip"]).arg(log).arg(path("docs/deploy/fail2ban/filter.d/qr-login.conf"));
    let output = regex.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// The sample logs must match for 203.0.113.0/24 and 2001:db8::/32, but not for 198.51.100.0/24, which has other events
/// and outcomes, and lines into which a client injected what looks like an audit line.
#[test]
fn only_failed_sign_ins_match_in_both_formats() {
    if !has("fail2ban-regex", "only_failed_sign_ins_match_in_both_formats") {
        return;
    }
    let text = path("tests/samples/fail2ban/audit.log");
    let all = ["203.0.113.1", "203.0.113.2", "2001:db8::3", "203.0.113.4", "203.0.113.5"];
    assert_eq!(found(&text, &[]), all);
    assert_eq!(found(&path("tests/samples/fail2ban/audit.json.log"), &[]), all[..3]);

    // As in the journal: host, program and process before the line, the time in a separate field.
    let journal = tempfile::NamedTempFile::new().unwrap();
    for (log, count) in [("audit.log", 5), ("audit.json.log", 3)] {
        let lines = fs::read_to_string(path("tests/samples/fail2ban").join(log)).unwrap();
        let lines = lines.lines().map(|line| format!("host qr-login[4711]: {line}\n"));
        fs::write(journal.path(), lines.collect::<String>()).unwrap();
        assert_eq!(found(journal.path(), &["-d", "{NONE}"]), all[..count], "{log}");
    }
}

#[test]
fn fail2ban_accepts_the_jail() {
    if !has("fail2ban-client", "fail2ban_accepts_the_jail") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let copy = |from: &str| {
        let status = Command::new("cp").args(["-r", from]).arg(folder.path()).status().unwrap();
        assert!(status.success(), "{from}");
    };
    copy("/etc/fail2ban/.");
    fs::remove_dir_all(folder.path().join("jail.d")).unwrap();
    copy(&format!("{}/.", path("docs/deploy/fail2ban").display()));
    let check = Command::new("fail2ban-client").arg("-c").arg(folder.path()).arg("-d").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&check.stdout), String::from_utf8_lossy(&check.stderr));
    assert!(check.status.success() && !err.contains("ERROR"), "{err}");
    for part in ["['add', 'qr-login', 'systemd']", "'_SYSTEMD_UNIT=qr-login.service'", "['start', 'qr-login']"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[tokio::test]
async fn the_filter_matches_the_programs_output() {
    if !has("fail2ban-regex", "the_filter_matches_the_programs_output") {
        return;
    }
    for format in ["text", "json"] {
        let variables = [("QR_LOGIN_DATABASE_URL", "sqlite::memory:"), ("QR_LOGIN_LOG_FORMAT", format)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let serving = Serving::with(&["--demo"], &variables).await;
        // Client input must not be matched as an address.
        let typed = "x\" address=198.51.100.1 account=-\n2026-11-21T18:00:00.000001Z  WARN audit event=\"sign_in\"";
        for username in ["dong", "nobody", typed] {
            let (status, body) =
                serving.post("/api/login", &[("username", username), ("password", "wrong password")]).await;
            assert!((400..500).contains(&status), "{body}");
        }
        let (status, body) = serving.post("/api/login", &[("username", "dong"), ("password", "111")]).await;
        assert_eq!(status, 200, "{body}");
        let log = serving.place.path().join("log");
        until("the sign-in is logged", async || serving.said().contains("accepted").then_some(())).await;
        let found = found(&log, &[]);
        assert!(
            found.len() >= 2 && found.iter().all(|address| address == "127.0.0.1"),
            "{found:?}: {}",
            serving.said()
        );
    }
}
