//! Settings: every one is in the help, and a bad one is named.

use super::program::Place;

/// The documented variables.
const VARIABLES: [&str; 15] = [
    "QR_LOGIN_ADDR",
    "QR_LOGIN_OPS_ADDR",
    "QR_LOGIN_PUBLIC_URL",
    "QR_LOGIN_DATABASE_URL",
    "QR_LOGIN_REDIS_URL",
    "QR_LOGIN_TICKET_TTL",
    "QR_LOGIN_TRUSTED_PROXIES",
    "QR_LOGIN_SIGNING_KEY_FILE",
    "QR_LOGIN_SIGNING_KEY",
    "QR_LOGIN_RATE_LIMIT",
    "QR_LOGIN_SITE_NAME",
    "QR_LOGIN_LOGO_URL",
    "QR_LOGIN_ACCENT",
    "QR_LOGIN_LOG",
    "QR_LOGIN_LOG_FORMAT",
];

#[test]
fn the_help_names_every_documented_variable_with_a_flag() {
    let help = Place::new().run(&["--help"]).ok().out;
    let named =
        |variable: &str| help.contains(&format!("[env: {variable}=")) || help.contains(&format!("[env: {variable}]"));
    let flag = |variable: &str| variable.trim_start_matches("QR_LOGIN_").to_lowercase().replace('_', "-");
    let missing: Vec<&str> = VARIABLES
        .into_iter()
        .filter(|variable| !named(variable) || !help.contains(&format!("--{} ", flag(variable))))
        .collect();
    assert!(missing.is_empty(), "not in the help: {missing:?}");
}

#[test]
fn the_help_tells_the_documented_defaults_and_commands() {
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
fn the_help_does_not_tell_where_the_database_is() {
    let place = Place::new();
    let help = place.run_with(&["--help"], &[("QR_LOGIN_DATABASE_URL", "sqlite://secret-place.db")], "");
    assert!(!help.ok().out.contains("secret-place"));
}

#[test]
fn the_version_is_told() {
    assert!(Place::new().run(&["--version"]).ok().out.starts_with(concat!("qr-login ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_bad_setting_ends_the_program_and_is_named() {
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
        ("QR_LOGIN_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("QR_LOGIN_SIGNING_KEY_FILE", "letter.txt"),
        ("QR_LOGIN_SIGNING_KEY", "not a key"),
        ("QR_LOGIN_SIGNING_KEY_FILE", "no/such/folder/key.pem"),
        ("QR_LOGIN_RATE_LIMIT", "maybe"),
        ("QR_LOGIN_LOGO_URL", "javascript:alert(1)"),
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
fn a_secret_in_a_setting_is_never_repeated() {
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

#[test]
fn a_new_key_is_printed_that_the_server_takes() {
    let place = Place::new();
    let key = place.run(&["key", "new"]).ok().out;
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"), "{key}");
    assert_ne!(key, place.run(&["key", "new"]).ok().out);
    std::fs::write(place.path().join("both.pem"), format!("{key}{key}")).unwrap();
    // Both at once would leave open which counts.
    let variables = [("QR_LOGIN_SIGNING_KEY", key.as_str()), ("QR_LOGIN_SIGNING_KEY_FILE", "both.pem")];
    place.run_with(&["serve"], &variables, "").failed(&["signing-key"]);
}

#[test]
fn an_address_that_is_taken_is_named() {
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
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let empty = VARIABLES.map(|variable| (variable, ""));
    let place = Place::new();
    place.run_with(&["user", "list"], &empty, "").ok();
    assert!(place.path().join("qr-login.db").exists(), "the default database");
}

#[test]
fn a_flag_wins_over_its_variable() {
    let place = Place::new();
    let variables = [("QR_LOGIN_DATABASE_URL", "sqlite://variable.db")];
    place.run_with(&["user", "list", "--database-url", "sqlite://flag.db"], &variables, "").ok();
    place.run_with(&["--database-url", "sqlite://flag2.db", "user", "list"], &variables, "").ok();
    assert!(place.path().join("flag.db").exists() && place.path().join("flag2.db").exists());
    assert!(!place.path().join("variable.db").exists());
}
