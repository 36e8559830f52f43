//! Settings: each is in the help, and an invalid one is named.

use super::program::Place;
use super::serving::{Server, get};
use std::collections::{BTreeMap, BTreeSet};

/// The documentation, whose tables have one row per setting.
const READMES: [(&str, &str); 2] =
    [("README.md", include_str!("../../README.md")), ("README.zh-CN.md", include_str!("../../README.zh-CN.md"))];

/// Returns the variables in a README's tables.
fn documented(readme: &str) -> BTreeSet<String> {
    let rows = readme.lines().filter(|line| line.starts_with("| `--"));
    let names = rows.filter_map(|row| row.split_once("| `QR_LOGIN_")?.1.split_once('`'));
    names.map(|(name, _)| format!("QR_LOGIN_{name}")).collect()
}

/// Returns the variables in the help, each with its flag.
fn in_help() -> BTreeMap<String, String> {
    let help = Place::new().run(&["--help"]).ok().out;
    let mut flag = String::new();
    let mut found = BTreeMap::new();
    for line in help.lines() {
        // Skips a variable that is only mentioned in a description.
        let line = line.trim_start().trim_start_matches("-h, ");
        if let Some(rest) = line.strip_prefix("--") {
            flag = rest.split_whitespace().next().unwrap_or_default().to_owned();
        }
        if let Some((_, rest)) = line.split_once("[env: ") {
            let name = rest.split(['=', ']']).next().unwrap().to_owned();
            assert!(found.insert(name, flag.clone()).is_none(), "{line}");
        }
    }
    found
}

#[test]
fn the_help_and_the_documentation_have_the_same_variables() {
    let help = in_help();
    assert!(help.len() >= 15, "{help:?}");
    for (name, flag) in &help {
        assert_eq!(*flag, name.trim_start_matches("QR_LOGIN_").to_lowercase().replace('_', "-"), "{name}");
    }
    let help: BTreeSet<String> = help.into_keys().collect();
    for (file, readme) in READMES {
        let difference: Vec<_> = documented(readme).symmetric_difference(&help).cloned().collect();
        assert!(difference.is_empty(), "only in {file} or only in the help: {difference:?}");
    }
}

#[test]
fn the_help_shows_the_documented_defaults_and_commands() {
    let help = Place::new().run(&["--help"]).ok().out;
    for text in
        ["127.0.0.1:3000", "sqlite://qr-login.db", "[default: 120]", "[default: on]", "[default: info]", "--demo"]
    {
        assert!(help.contains(text), "{text}");
    }
    for command in ["serve", "user"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
    }
    let users = Place::new().run(&["user", "--help"]).ok().out;
    for command in ["add", "list", "disable", "enable", "password", "sign-out"] {
        assert!(users.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
    }
}

#[test]
fn the_help_does_not_reveal_the_database_url() {
    let place = Place::new();
    let help = place.run_with(&["--help"], &[("QR_LOGIN_DATABASE_URL", "sqlite://secret-place.db")], "");
    assert!(!help.ok().out.contains("secret-place"));
}

#[test]
fn the_version_is_printed() {
    assert!(Place::new().run(&["--version"]).ok().out.starts_with(concat!("qr-login ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn an_invalid_setting_is_named_and_fatal() {
    let place = Place::new();
    std::fs::write(place.path().join("letter.txt"), "not a key, not a database").unwrap();
    for (variable, value) in [
        ("QR_LOGIN_ADDR", "here"),
        ("QR_LOGIN_ADDR", "192.0.2.1:1"),
        ("QR_LOGIN_PUBLIC_URL", "login.example"),
        ("QR_LOGIN_PUBLIC_URL", "https://login.example/path"),
        ("QR_LOGIN_DATABASE_URL", "mysql://localhost/a"),
        ("QR_LOGIN_DATABASE_URL", "sqlite://no/such/folder/a.db"),
        ("QR_LOGIN_DATABASE_URL", "sqlite://letter.txt"),
        ("QR_LOGIN_DATABASE_URL", "postgres://[/a"),
        ("QR_LOGIN_REDIS_URL", "nonsense"),
        ("QR_LOGIN_REDIS_URL", "http://127.0.0.1:1"),
        ("QR_LOGIN_TICKET_TTL", "0"),
        ("QR_LOGIN_TICKET_TTL", "two minutes"),
        ("QR_LOGIN_TICKET_TTL", "301"),
        ("QR_LOGIN_PC_SESSION_TTL", "59"),
        ("QR_LOGIN_PC_SESSION_TTL", "31536001"),
        ("QR_LOGIN_PC_SESSION_TTL", "half a day"),
        ("QR_LOGIN_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("QR_LOGIN_SIGNING_KEY_FILE", "letter.txt"),
        ("QR_LOGIN_SIGNING_KEY", "not a key"),
        ("QR_LOGIN_SIGNING_KEY_FILE", "no/such/folder/key.pem"),
        ("QR_LOGIN_OIDC_KEY_FILE", "letter.txt"),
        ("QR_LOGIN_OIDC_KEY_FILE", "no/such/folder/key.pem"),
        ("QR_LOGIN_RATE_LIMIT", "maybe"),
        ("QR_LOGIN_SELF_SERVICE", "perhaps"),
        ("QR_LOGIN_LOGO_URL", "javascript:alert(1)"),
        ("QR_LOGIN_LOGO_DARK_URL", "http://plain.example/logo.svg"),
        ("QR_LOGIN_BACKGROUND_URL", "/a wall.webp"),
        ("QR_LOGIN_ACCENT", "blue"),
        ("QR_LOGIN_LOG", "qr_login=loudly"),
        ("QR_LOGIN_LOG_FORMAT", "xml"),
    ] {
        let flag = format!("--{}", variable.trim_start_matches("QR_LOGIN_").to_lowercase().replace('_', "-"));
        let mut variables = vec![("QR_LOGIN_ADDR", "127.0.0.1:0"), ("QR_LOGIN_DATABASE_URL", "sqlite::memory:")];
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value));
        let outcome = place.run_with(&["serve"], &variables, "").failed(&[variable, &flag]);
        assert_eq!(outcome.out, "", "{variable}={value} served");
    }
}

#[test]
fn a_secret_in_a_setting_is_never_printed() {
    let place = Place::new();
    for (variable, value) in [
        ("QR_LOGIN_DATABASE_URL", "mysql://me:swordfish@localhost/a"),
        ("QR_LOGIN_DATABASE_URL", "postgres://me:swordfish@[/a"),
        ("QR_LOGIN_REDIS_URL", "redis//:swordfish@127.0.0.1"),
        ("QR_LOGIN_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----swordfish-----END PRIVATE KEY-----"),
    ] {
        let mut variables = vec![("QR_LOGIN_ADDR", "127.0.0.1:0"), ("QR_LOGIN_DATABASE_URL", "sqlite::memory:")];
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value));
        let outcome = place.run_with(&["serve", "--log", "trace"], &variables, "").failed(&[variable]);
        assert!(!outcome.err.contains("swordfish") && !outcome.out.contains("swordfish"), "{}", outcome.err);
        let help = place.run_with(&["--help"], &variables, "").ok().out;
        assert!(!help.contains("swordfish"), "{help}");
    }
}

#[tokio::test]
async fn a_printed_new_key_is_accepted_by_the_server() {
    let place = Place::new();
    let key = place.run(&["key", "new"]).ok().out;
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"), "{key}");
    assert_ne!(key, place.run(&["key", "new"]).ok().out);
    std::fs::write(place.path().join("key.pem"), &key).unwrap();
    let mut published = Vec::new();
    for setting in [("QR_LOGIN_SIGNING_KEY", key.as_str()), ("QR_LOGIN_SIGNING_KEY_FILE", "key.pem")] {
        let server = Server::start_with(&place, &["serve"], &[setting], "phone");
        published.push(get(&server.url, "/.well-known/jwks.json").await);
        assert!(server.stop().0);
    }
    assert!(published[0].contains("Ed25519") && published[0] == published[1], "{published:?}");
}

#[test]
fn a_printed_new_key_of_connections_is_accepted_and_anything_else_is_named() {
    let place = Place::new();
    let entry = "[[connection]]\nid = \"f\"\nname = \"F\"\nissuer = \"https://f.example\"\nclient_id = \"q\"\n";
    std::fs::write(place.path().join("clients.toml"), entry).unwrap();
    let variables = [("QR_LOGIN_CLIENTS_FILE", "clients.toml"), ("QR_LOGIN_CONNECTIONS_KEY_FILE", "connections.key")];
    let key = place.run(&["key", "new", "--connections"]).ok().out;
    std::fs::write(place.path().join("connections.key"), &key).unwrap();
    assert!(Server::start_with(&place, &["serve"], &variables, "phone").stop().0);
    std::fs::write(place.path().join("connections.key"), &key[1..]).unwrap();
    let outcome =
        place.run_with(&["serve"], &variables, "").failed(&["QR_LOGIN_CONNECTIONS_KEY_FILE: connections.key"]);
    assert!(!outcome.err.contains(key.trim()), "{}", outcome.err);
}

#[tokio::test]
async fn a_printed_new_rsa_key_is_accepted_by_the_server() {
    let place = Place::new();
    std::fs::write(place.path().join("oidc.pem"), place.run(&["key", "new", "--rsa"]).ok().out).unwrap();
    let mut published = Vec::new();
    for _ in 0..2 {
        let server = Server::start_with(&place, &["serve"], &[("QR_LOGIN_OIDC_KEY_FILE", "oidc.pem")], "phone");
        published.push(get(&server.url, "/oauth/jwks.json").await);
        assert!(server.stop().0);
    }
    assert!(published[0].contains("RS256") && published[0] == published[1], "{published:?}");
}

#[test]
fn a_key_and_a_key_file_are_mutually_exclusive() {
    let place = Place::new();
    let key = place.run(&["key", "new"]).ok().out;
    std::fs::write(place.path().join("key.pem"), &key).unwrap();
    let variables = [("QR_LOGIN_SIGNING_KEY", key.as_str()), ("QR_LOGIN_SIGNING_KEY_FILE", "key.pem")];
    let outcome = place.run_with(&["serve"], &variables, "").failed(&["--signing-key-file"]);
    assert!(outcome.err.contains("cannot be used with"), "{}", outcome.err);
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let variables = [("QR_LOGIN_ADDR", address.as_str()), ("QR_LOGIN_DATABASE_URL", "sqlite::memory:")];
    let outcome = Place::new().run_with(&[], &variables, "").failed(&["QR_LOGIN_ADDR"]);
    assert!(outcome.err.contains(&address), "{}", outcome.err);
}

#[test]
fn an_unknown_flag_or_command_is_named() {
    let place = Place::new();
    place.run(&["--no-such-flag"]).failed(&["--no-such-flag"]);
    place.run(&["dance"]).failed(&["dance"]);
    place.run(&["user"]).failed(&["Usage"]);
    place.run(&["user", "add"]).failed(&["NAME"]);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let variables = in_help();
    let empty: Vec<_> = variables.keys().map(|variable| (variable.as_str(), "")).collect();
    let place = Place::new();
    place.run_with(&["user", "list"], &empty, "").ok();
    assert!(place.path().join("qr-login.db").exists(), "the default database");
}

#[test]
fn a_flag_overrides_its_variable() {
    let place = Place::new();
    let variables = [("QR_LOGIN_DATABASE_URL", "sqlite://variable.db")];
    place.run_with(&["user", "list", "--database-url", "sqlite://flag.db"], &variables, "").ok();
    place.run_with(&["--database-url", "sqlite://flag2.db", "user", "list"], &variables, "").ok();
    assert!(place.path().join("flag.db").exists() && place.path().join("flag2.db").exists());
    assert!(!place.path().join("variable.db").exists());
}
