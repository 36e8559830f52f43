//! docs/deploy/several-nodes.md: the key, and a node with the settings shown, on a Redis and a PostgreSQL with TLS.

use super::certificate::Certificate;
use super::documents::{block, path, with};
use super::serving::Serving;
use sqlx::{Connection, PgConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use testkit::until;
use testkit::{Process, free_port};

const DOCUMENT: &str = "docs/deploy/several-nodes.md";

/// An engine that only accepts TLS, run by the script that all tests use.
struct Engine {
    port: u16,
    certificate: Certificate,
    process: Process,
    _folder: TempDir,
}

impl Engine {
    fn start(name: &str, options: impl Fn(u16, &str, &str) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::new(folder.path());
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        if name == "postgres" {
            // PostgreSQL does not run as root, and requires that it owns its key.
            let _ = Command::new("chown").arg("postgres").arg(&certificate.key).output();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let port = free_port();
        let mut command = Command::new(path("scripts/engine.sh"));
        command.arg(name).arg(folder.path()).arg(port.to_string());
        command.args(options(port, &text(&certificate.certificate), &text(&certificate.key)));
        let process = Process::spawn(name, command, &folder.path().join("log"), "INT");
        Self { port, certificate, process, _folder: folder }
    }

    fn redis() -> Self {
        Self::start("redis", |port, certificate, key| {
            let port = port.to_string();
            let options = ["--port", "0", "--tls-port", &port, "--tls-cert-file", certificate, "--tls-key-file", key];
            let more =
                ["--tls-ca-cert-file", certificate, "--tls-auth-clients", "no", "--requirepass", "REDIS-PASSWORD"];
            options.iter().chain(&more).map(|word| (*word).to_owned()).collect()
        })
    }

    fn postgres() -> Self {
        Self::start("postgres", |_, certificate, key| {
            let settings = ["ssl=on".to_owned(), format!("ssl_cert_file={certificate}"), format!("ssl_key_file={key}")];
            settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
        })
    }
}

/// Returns the sample's settings, with the hosts, ports and paths of this machine.
fn settings(redis: &Engine, postgres: &Engine, authorities: &Path, keys: &Path) -> Vec<(String, String)> {
    let sample = with(
        &block(DOCUMENT, "ini", "QR_LOGIN_REDIS_URL=rediss://"),
        &[
            ("redis.example.internal:6379", &format!("localhost:{}", redis.port)),
            ("postgres.example.internal", &format!("localhost:{}", postgres.port)),
            ("/etc/qr-login/signing-key.pem", keys.join("signing-key.pem").to_str().unwrap()),
            ("/etc/qr-login/oidc-key.pem", keys.join("oidc-key.pem").to_str().unwrap()),
            ("/etc/qr-login/authorities.pem", authorities.to_str().unwrap()),
        ],
    );
    let lines = sample.lines().map(|line| line.split_once('=').unwrap_or_else(|| panic!("{line}")));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn a_node_as_shown_uses_tls_and_verifies_its_engines() {
    let folder = tempfile::tempdir().unwrap();
    let command = with(&block(DOCUMENT, "sh", "qr-login key new"), &[("qr-login", env!("CARGO_BIN_EXE_qr-login"))]);
    let made = Command::new("sh").args(["-euc", &command]).current_dir(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for key in ["signing-key.pem", "oidc-key.pem"] {
        let mode = fs::metadata(folder.path().join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key} is its owner's alone");
    }

    let (mut redis, mut postgres) = (Engine::redis(), Engine::postgres());
    let both = [&redis.certificate, &postgres.certificate].map(|one| fs::read_to_string(&one.certificate).unwrap());
    let authorities = folder.path().join("authorities.pem");
    fs::write(&authorities, both.concat()).unwrap();
    let variables = settings(&redis, &postgres, &authorities, folder.path());
    let node = Serving::with(&[], &variables).await;
    until("both engines answer", async || {
        redis.process.expect_alive("Is the package redis-server installed?");
        postgres.process.expect_alive("Is the package postgresql installed?");
        (node.get("/readyz").await.0 == 200).then_some(())
    })
    .await;
    let (status, body) = node.post("/api/qrcode/generate", &[]).await;
    assert_eq!(status, 200, "a ticket on Redis: {body}");
    let database = format!("postgres://qr_login@127.0.0.1:{}/qr_login?sslmode=require", postgres.port);
    let count = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND pid <> pg_backend_pid() \
                 AND client_addr IS NOT NULL";
    let asked = Command::new("psql").args(["-XtA", &database, "-c", count]).output().unwrap();
    let connections = String::from_utf8_lossy(&asked.stdout).trim().parse::<u32>();
    assert!(connections.is_ok_and(|count| count > 0), "the node speaks TLS with PostgreSQL: {asked:?}");
    node.stop();

    // A server that poses as Redis, with a certificate not signed by our authority, must get neither the password nor a
    // ticket.
    let only_postgres = folder.path().join("only-postgres.pem");
    fs::write(&only_postgres, fs::read_to_string(&postgres.certificate.certificate).unwrap()).unwrap();
    let node = Serving::with(&[], &settings(&redis, &postgres, &only_postgres, folder.path())).await;
    let (status, body) = node.post("/api/qrcode/generate", &[]).await;
    assert_eq!(status, 503, "{body}");
    let (status, body) = node.get("/readyz").await;
    assert!(status == 503 && body.contains("\"database\":\"ok\""), "{body}");

    // The same for PostgreSQL, reached as by the node, but without its certificate's authority: only the sample's
    // `verify-full` prevents the connection.
    let url = variables.iter().find(|(name, _)| name == "QR_LOGIN_DATABASE_URL").map(|(_, value)| value).unwrap();
    let refused = PgConnection::connect(url).await.map(drop).unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");
    let authority = postgres.certificate.certificate.display();
    PgConnection::connect(&format!("{url}&sslrootcert={authority}")).await.unwrap().close().await.unwrap();
    PgConnection::connect(&url.replace("verify-full", "require")).await.unwrap().close().await.unwrap();
}
