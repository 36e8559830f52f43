//! The shell blocks of the READMEs, run by bash as they are.

use super::documents::{READMES, block, blocks, path, with};
use super::program::Place;
use super::serving::Serving;
use super::skip::has;
use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a script in a folder, with `qr-login` in its path and this standard input. It stops at the first failure.
fn bash(script: &str, folder: &Path, variables: &[(&str, &str)], input: &str) -> Output {
    let mut programs = vec![Path::new(env!("CARGO_BIN_EXE_qr-login")).parent().unwrap().to_owned()];
    programs.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("set -euo pipefail\n{script}")]).current_dir(folder);
    bash.env("PATH", env::join_paths(programs).unwrap()).envs(variables.iter().copied());
    let mut child = bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Returns its output, if it succeeded.
#[track_caller]
fn printed(output: &Output, script: &str) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn the_whole_login_by_curl_and_jq() {
    if !has("jq", "the_whole_login_by_curl_and_jq") {
        return;
    }
    // The demo, as served by `make run`.
    let database = [("QR_LOGIN_DATABASE_URL".to_owned(), "sqlite::memory:".to_owned())];
    let serving = Serving::with(&["--demo"], &database).await;
    for readme in READMES {
        let script = with(&block(readme, "sh", "/api/qrcode/generate"), &[("http://127.0.0.1:3000", &serving.url())]);
        let folder = serving.place.path().to_owned();
        let run = tokio::task::spawn_blocking(move || {
            let output = bash(&script, &folder, &[], "");
            printed(&output, &script)
        });
        let out = run.await.unwrap();
        for expected in
            ["\"ip\"", r#"{"status":"confirmed"}"#, r#""status":"confirmed""#, r#""username":"dong""#, r#""kind":"pc""#]
        {
            assert!(out.contains(expected), "{readme}: {expected} is not in {out}");
        }
    }
}

#[test]
fn accounts_are_managed_by_the_commands_shown() {
    for readme in READMES {
        let place = Place::new();
        let database = [("QR_LOGIN_DATABASE_URL", "sqlite://accounts.db")];
        // There is no terminal here to prompt for a password.
        let typed = |command: &str| format!("printf '%s\\n' 'correct horse battery' | {command}");
        let (add, password) = ("qr-login user add", "qr-login user password");
        let script = with(&block(readme, "sh", add), &[(add, &typed(add)), (password, &typed(password))]);
        let output = bash(&script, place.path(), &database, "");
        let out = printed(&output, &script);
        assert!(out.contains("NAME"), "the list: {out}");
        assert!(out.contains("name@example.com, verified") && out.contains("admins, staff"), "{out}");
        assert!(!out.contains("correct horse"), "{out}");
    }
}

#[test]
fn the_backup_has_the_accounts_and_is_private_to_its_owner() {
    if !has("sqlite3", "the_backup_has_the_accounts_and_is_private_to_its_owner") {
        return;
    }
    for readme in READMES {
        let place = Place::new();
        let live = place.path().join("live");
        let copy = place.path().join("copy");
        fs::create_dir(&live).unwrap();
        fs::create_dir(&copy).unwrap();
        let database = format!("sqlite://{}/qr-login.db", live.display());
        let variables = [("QR_LOGIN_DATABASE_URL", database.as_str())];
        place.run_with(&["user", "add", "dong"], &variables, "correct horse battery\n").ok();
        for (file, arguments) in
            [("qr-login.signing-key.pem", &["key", "new"][..]), ("qr-login.oidc-key.pem", &["key", "new", "--rsa"][..])]
        {
            fs::write(live.join(file), place.run(arguments).ok().out).unwrap();
            fs::set_permissions(live.join(file), fs::Permissions::from_mode(0o600)).unwrap();
        }

        let folders = [("/var/lib/qr-login", live.to_str().unwrap()), ("/backup", copy.to_str().unwrap())];
        let script = with(&block(readme, "sh", ".backup"), &folders);
        printed(&bash(&script, place.path(), &[], ""), &script);
        for file in ["qr-login.db", "qr-login.signing-key.pem", "qr-login.oidc-key.pem"] {
            let mode = fs::metadata(copy.join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{readme}: {file}");
        }
        let database = format!("sqlite://{}/qr-login.db", copy.display());
        let list = place.run_with(&["user", "list"], &[("QR_LOGIN_DATABASE_URL", &database)], "").ok().out;
        assert!(list.contains("dong"), "{list}");
    }
}

#[test]
fn every_documented_make_target_exists() {
    for readme in READMES {
        let lines: Vec<_> = blocks(readme)
            .into_iter()
            .flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let commands: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("make ")).collect();
        assert!(commands.len() >= 4, "{readme}: {commands:?}");
        for command in commands {
            let words = command.split('#').next().unwrap().split_whitespace();
            let dry = Command::new("make").arg("--dry-run").args(words).current_dir(path(".")).output().unwrap();
            assert!(dry.status.success(), "make {command}: {}", String::from_utf8_lossy(&dry.stderr));
        }
    }
}
