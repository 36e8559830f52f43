//! The configurations of docs/deploy in the real proxies. Only hosts, ports and paths are replaced, and nginx, which needs
//! a server per site, gets the same server three times.

use super::checks;
use super::engine::{Engine, Setup};
use super::gate::{FORUM, Gate, VAULT, WIKI, Way, server};
use super::skip;
use super::visitor::{PAGE, Visitor};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Returns a configuration with replacements, each of which must occur.
fn configuration(name: &str, replacements: &[(&str, &str)]) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/deploy").join(name);
    let text = fs::read_to_string(path).unwrap();
    replacements.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{name} no longer says {from}");
        text.replace(from, to)
    })
}

/// Writes a configuration and returns its path.
fn write(setup: &Setup<'_>, name: &str, text: &str) -> String {
    let path = setup.folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn nginx(setup: &Setup<'_>) -> Command {
    let listen = format!("listen 127.0.0.1:{} ssl;", setup.port);
    let site = configuration(
        "nginx/wiki.example.com.conf",
        &[
            ("listen 443 ssl;", &listen),
            ("/etc/ssl/wiki.example.com.pem", &setup.certificate),
            ("/etc/ssl/wiki.example.com.key", &setup.key),
            ("127.0.0.1:3000", &setup.login),
            ("127.0.0.1:8080", &setup.app),
        ],
    );
    let (map, server) = site.split_once("\nserver {").unwrap();
    let servers: String =
        [WIKI, FORUM, VAULT].iter().map(|host| format!("\nserver {{{}", server.replace(WIKI, host))).collect();
    let home = setup.folder.display();
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {home}/t;"));
    let main = format!(
        "daemon off; master_process off; pid {home}/nginx.pid; error_log stderr warn;\n\
         events {{ worker_connections 200; }}\n\
         http {{ access_log off; {}\n{map}{servers}\n}}\n",
        temporary.concat()
    );
    let file = write(setup, "nginx.conf", &main);
    let mut command = Command::new("nginx");
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command.args(["-p", &home.to_string(), "-c", &file]);
    command
}

fn caddy(setup: &Setup<'_>) -> Command {
    let hosts = [WIKI, FORUM, VAULT].map(|host| format!("https://{host}:{}", setup.port)).join(", ");
    let site = configuration(
        "caddy/Caddyfile",
        &[
            ("\nwiki.example.com {", &format!("\n{hosts} {{")),
            ("/etc/ssl/wiki.example.com.pem", &setup.certificate),
            ("/etc/ssl/wiki.example.com.key", &setup.key),
            ("127.0.0.1:3000", &setup.login),
            ("127.0.0.1:8080", &setup.app),
        ],
    );
    let file = write(setup, "Caddyfile", &format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}"));
    let mut command = Command::new("caddy");
    command.env("HOME", setup.folder).env("XDG_DATA_HOME", setup.folder).env("XDG_CONFIG_HOME", setup.folder);
    command.args(["run", "--adapter", "caddyfile", "--config", &file]);
    command
}

fn traefik(setup: &Setup<'_>) -> Command {
    let hosts = [WIKI, FORUM, VAULT].map(|host| format!("Host(`{host}`)")).join(" || ");
    let site = configuration(
        "traefik/dynamic.yml",
        &[
            ("Host(`wiki.example.com`)", &format!("({hosts})")),
            ("/etc/ssl/wiki.example.com.pem", &setup.certificate),
            ("/etc/ssl/wiki.example.com.key", &setup.key),
            ("127.0.0.1:3000", &setup.login),
            ("127.0.0.1:8080", &setup.app),
        ],
    );
    let dynamic = write(setup, "dynamic.yml", &site);
    let main = configuration(
        "traefik/traefik.yml",
        &[("\":443\"", &format!("127.0.0.1:{}", setup.port)), ("/etc/traefik/dynamic.yml", &dynamic)],
    );
    let file = write(setup, "traefik.yml", &main);
    let mut command = Command::new("traefik");
    command.current_dir(setup.folder).arg(format!("--configfile={file}"));
    command
}

fn envoy(setup: &Setup<'_>) -> Command {
    let hosts = [WIKI, FORUM, VAULT].map(|host| format!("\"{host}\"")).join(", ");
    let address = |address: &str| {
        let (host, port) = address.rsplit_once(':').unwrap();
        format!("address: {host}, port_value: {port}")
    };
    let site = configuration(
        "envoy/envoy.yaml",
        &[
            ("address: 0.0.0.0, port_value: 443", &format!("address: 127.0.0.1, port_value: {}", setup.port)),
            ("\"wiki.example.com\"", &hosts),
            ("/etc/ssl/wiki.example.com.pem", &setup.certificate),
            ("/etc/ssl/wiki.example.com.key", &setup.key),
            ("address: 127.0.0.1, port_value: 3000", &address(&setup.login)),
            ("address: 127.0.0.1, port_value: 8080", &address(&setup.app)),
            ("http://127.0.0.1:3000", &format!("http://{}", setup.login)),
        ],
    );
    let file = write(setup, "envoy.yaml", &site);
    let mut command = Command::new("envoy");
    command.args(["--config-path", &file, "--log-level", "warning", "--disable-hot-restart", "--concurrency", "1"]);
    command
}

/// Runs every check behind this proxy, then stops qr-login.
async fn behind(name: &str, prepare: fn(&Setup<'_>) -> Command) {
    if name != "nginx" && !skip::has(name, &format!("forward-auth behind {name}: NOT CHECKED")) {
        return;
    }
    let server = server("127.0.0.1").await;
    let engine = Engine::start(name, server.address.to_string(), prepare).await;
    let gate = Gate { server, way: Way::Engine(Box::new(engine)) };
    checks::all(&gate).await;
    super::gate::sites(&gate.server, "[[site]]\nhost = \"wiki.example.com\"\n");
    let visitor = Visitor::signed_in(&gate, "dong").await;
    visitor.open(WIKI, "/").await;
    gate.server.stop.cancel();
    testkit::until("qr-login is down", async || {
        let reply = visitor.send("GET", WIKI, "/", &PAGE).await;
        // Never 200 with what the application says.
        (reply.status >= 400).then_some(())
    })
    .await;
    for lines in [&PAGE[..], &[]] {
        let reply = visitor.send("GET", WIKI, "/", lines).await;
        assert!(reply.status >= 400 && !reply.body.starts_with("GET "), "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn real_nginx() {
    behind("nginx", nginx).await;
}

#[tokio::test]
async fn real_caddy() {
    behind("caddy", caddy).await;
}

#[tokio::test]
async fn real_traefik() {
    behind("traefik", traefik).await;
}

#[tokio::test]
async fn real_envoy() {
    behind("envoy", envoy).await;
}
