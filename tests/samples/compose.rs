//! compose.yaml: its required settings, its security settings, and that each commented-out line works.

use super::documents::{path, read};
use super::settings::flags;
use super::skip::skipped;
use serde_yaml::Value;
use std::process::Command;

fn parsed(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Returns the settings of the only service, by name.
fn environment(compose: &Value) -> Vec<(String, String)> {
    let settings = compose["services"]["qr-login"]["environment"].as_mapping().unwrap();
    let text = |value: &Value| value.as_str().expect("a text: compose would turn a number into one").to_owned();
    settings.iter().map(|(name, value)| (text(name), text(value))).collect()
}

#[test]
fn it_requires_the_address_and_the_proxy() {
    let settings = environment(&parsed(&read("compose.yaml")));
    for required in ["QR_LOGIN_PUBLIC_URL", "QR_LOGIN_TRUSTED_PROXIES"] {
        let (_, value) = settings.iter().find(|(name, _)| name == required).unwrap();
        // `${NAME:?why}` makes compose fail with that message.
        assert!(value.starts_with(&format!("${{{required}:?")) && value.ends_with('}'), "{value}");
    }
}

#[test]
fn nothing_is_open_that_need_not_be() {
    let compose = parsed(&read("compose.yaml"));
    let service = &compose["services"]["qr-login"];
    let ports: Vec<_> = service["ports"].as_sequence().unwrap().iter().map(|port| port.as_str().unwrap()).collect();
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{ports:?}");
    assert_eq!(service["read_only"], Value::Bool(true));
    assert_eq!(service["cap_drop"], parsed("[ALL]"));
    assert_eq!(service["security_opt"], parsed("[\"no-new-privileges:true\"]"));
    assert!(service["mem_limit"].is_string() && service["pids_limit"].is_number());
    // The proxy named in the comments is the gateway of the network.
    let network = &compose["networks"]["default"]["ipam"]["config"][0];
    assert!(
        read("compose.yaml").contains(&format!("QR_LOGIN_TRUSTED_PROXIES={} ", network["gateway"].as_str().unwrap()))
    );
}

#[test]
fn each_commented_out_setting_exists_and_keeps_secrets_and_traffic_safe() {
    let text = read("compose.yaml");
    let uncommented: String = text
        .lines()
        .map(|line| match line.split_once("# ") {
            Some((indent, setting)) if is_setting(setting) && indent.trim().is_empty() => {
                format!("{indent}{setting}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let settings = environment(&parsed(&uncommented));
    let flags = flags();
    assert!(settings.len() >= 10, "{settings:?}");
    for (name, value) in &settings {
        assert!(name == "SSL_CERT_FILE" || flags.contains_key(name), "{name}");
        if name.ends_with("_URL") && value.contains("://:") || value.starts_with("postgres") {
            assert!(value.starts_with("rediss://") || value.ends_with("?sslmode=verify-full"), "{name}: {value}");
            assert!(value.contains("_PASSWORD}@"), "a password from outside the file: {value}");
        }
    }
}

fn is_setting(comment: &str) -> bool {
    let name = comment.split(": ").next().unwrap_or_default();
    comment.contains(": ") && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

#[test]
fn compose_accepts_the_file_but_not_without_the_proxy() {
    const TEST: &str = "compose_accepts_the_file_but_not_without_the_proxy";
    // The plugin, or its predecessor.
    let forms: [&[&str]; 2] = [&["docker", "compose"], &["docker-compose"]];
    let works = |form: &&[&str]| {
        let version = Command::new(form[0]).args(&form[1..]).arg("version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let Some(form) = forms.into_iter().find(works) else {
        return skipped(TEST, "docker compose is not installed");
    };
    let compose = |variables: &[(&str, &str)]| {
        let mut docker = Command::new(form[0]);
        docker.args(&form[1..]).arg("--file").arg(path("compose.yaml")).args(["config", "--quiet"]);
        docker.env_remove("QR_LOGIN_PUBLIC_URL").env_remove("QR_LOGIN_TRUSTED_PROXIES");
        docker.envs(variables.iter().copied()).output()
    };
    let url = ("QR_LOGIN_PUBLIC_URL", "https://login.example.com");
    let good = compose(&[url, ("QR_LOGIN_TRUSTED_PROXIES", "172.30.29.1")]).unwrap();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let bad = compose(&[url]).unwrap();
    assert!(!bad.status.success());
    assert!(String::from_utf8_lossy(&bad.stderr).contains("172.30.29.1"), "{bad:?}");
}
