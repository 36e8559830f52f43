//! Writes the block of a new client.

use domain::client::{Client, Consent, Scopes};
use std::fmt::Write;

/// Returns the `[[client]]` block of a client, with those keys that differ from their defaults.
pub fn block(client: &Client) -> String {
    let mut text = String::from("[[client]]\n");
    let mut line = |key: &str, value: String| _ = writeln!(text, "{key} = {value}");
    line("id", quoted(client.id.as_str()));
    line("name", quoted(&client.name));
    if !client.secrets.is_empty() {
        line("secret_sha256", list(client.secrets.iter().map(|hash| hash.to_hex())));
    }
    for (key, uris) in
        [("redirect_uris", &client.redirect_uris), ("post_logout_redirect_uris", &client.post_logout_redirect_uris)]
    {
        if !uris.is_empty() {
            line(key, list(uris.iter().cloned()));
        }
    }
    if let Some(uri) = &client.backchannel_logout_uri {
        line("backchannel_logout_uri", quoted(uri));
    }
    for (key, is_set) in [("public", client.is_public), ("native", client.is_native), ("device", client.device)] {
        if is_set {
            line(key, "true".to_owned());
        }
    }
    if client.scopes != Scopes::default_of_clients() {
        line("scopes", list(client.scopes.iter().map(|scope| scope.as_str().to_owned())));
    }
    if !client.groups_allowed.is_empty() {
        line("groups_allowed", list(client.groups_allowed.iter().cloned()));
    }
    if client.consent == Consent::Never {
        line("consent", quoted("never"));
    }
    text
}

fn list(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(|value| quoted(&value)).collect();
    format!("[{}]", values.join(", "))
}

/// Writes a basic string (TOML 1.0): the escapes of Rust's debug format would differ for some characters.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => _ = write!(quoted, "\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
