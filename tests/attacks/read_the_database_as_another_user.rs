//! Another user of the same machine reads the database file: argon2 hashes, addresses, usernames. Its mode used to
//! follow the umask, which is 022 for most people who start a program by hand.

use service::security::signing_key::new_pem;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The real program, with the most permissive umask; stopped at the end of the test.
struct Program(Child);

impl Program {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        testkit::program::forget_settings(&mut command);
        command.args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_qr-login")]).args(arguments);
        command.current_dir(folder).env("QR_LOGIN_ADDR", "127.0.0.1:0").stdin(Stdio::null());
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Runs it to completion and returns its log.
    fn log(folder: &Path, arguments: &[&str]) -> String {
        let mut program = Self::start(folder, arguments);
        program.rest_of_log()
    }

    fn rest_of_log(&mut self) -> String {
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the files of the folder, and the permissions of group and others.
fn files(folder: &Path) -> Vec<(String, u32)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o777)
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_server_is_private_to_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Program::start(folder.path(), &["serve", "--demo", "--database-url", "sqlite://site%20a.db"]);
    let mut words = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(words.any(|line| line.contains("password 222")), "it runs");
    // The last file is made in the background.
    let mut log = BufReader::new(server.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("made a key for OpenID Connect")), "it makes its keys");
    let expected = ["site a.db", "site a.db-shm", "site a.db-wal", "site%20a.oidc-key.pem", "site%20a.signing-key.pem"];
    assert_eq!(files(folder.path()), expected.map(|name| (name.to_owned(), 0o600)));
}

#[test]
fn an_operators_command_creates_private_files() {
    let folder = tempfile::tempdir().unwrap();
    Program::log(folder.path(), &["user", "list"]);
    let files = files(folder.path());
    assert!(files.iter().any(|(name, _)| name == "qr-login.db"), "{files:?}");
    assert!(files.iter().all(|(_, mode)| *mode == 0o600), "{files:?}");
}

#[test]
fn a_warning_names_the_file_that_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = Program::log(folder.path(), &["user", "list"]);
    assert!(!log.contains("qr-login.db"), "{log}");
    let (database, key) = (folder.path().join("qr-login.db"), folder.path().join("qr-login.signing-key.pem"));
    for mode in [0o640, 0o604, 0o644] {
        fs::set_permissions(&database, Permissions::from_mode(mode)).unwrap();
        let log = Program::log(folder.path(), &["user", "list"]);
        let warned = |line: &str| line.contains("WARN") && line.contains("qr-login.db") && line.contains("chmod 600");
        assert!(log.lines().any(warned), "{mode:o}: {log}");
    }
    fs::write(&key, new_pem().unwrap()).unwrap();
    for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
        let mut server = Program::start(folder.path(), &["serve"]);
        let mut words = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(words.any(|line| line.contains("phone")), "it runs");
        server.0.kill().unwrap();
        let log = server.rest_of_log();
        let is_warning = |line: &str| {
            line.contains("WARN") && line.contains("qr-login.signing-key.pem") && line.contains("chmod 600")
        };
        assert_eq!(log.lines().any(is_warning), warned, "{mode:o}: {log}");
    }
}
