//! The keys of `clients.toml` and what each may be.

use super::read::{ClientsError, Entry, Problems, Text, entries, shown};
use super::{Clients, issuers, providers, upstreams};
use domain::account::local_path;
use domain::client::{
    AccessTokenFormat, Client, Consent, DEFAULT_REFRESH_DAYS, IdTokenAlg, MAX_CLIENT_NAME, MAX_REFRESH_DAYS, Scope,
    Scopes, Site, is_group_name, logout_uri, redirect_uri, resource_uri, site_host,
};
use domain::ids::SecretHash;
use std::str::FromStr;
use std::sync::Arc;
use toml::de::DeTable;

/// Most secrets of a client: two while one is being replaced, and some to spare.
const MAX_SECRETS: usize = 4;
/// Maximum length of an issuer and of a claim's name, in bytes.
const MAX_ISSUER: usize = 255;
/// The SHA-256 of nothing, which commands print that got no input.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What the file may have.
const KINDS: [&str; 5] = ["client", "site", "issuer", "connection", "provider"];

const CLIENT_KEYS: [&str; 19] = [
    "id",
    "name",
    "logo_url",
    "secret_sha256",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "public",
    "native",
    "require_pkce",
    "scopes",
    "groups_allowed",
    "consent",
    "id_token_alg",
    "access_token",
    "resources",
    "device",
    "long_poll",
    "refresh_days",
];
const SITE_KEYS: [&str; 2] = ["host", "groups_allowed"];
/// What the ids begin with that this server uses itself: [`Site::client_id`].
const OURS: char = '.';
pub(super) const ID_RULE: &str = "1 to 64 of A to Z, a to z, 0 to 9, `.`, `_` and `-`";

pub(super) fn parse(text: &str) -> Result<Clients, ClientsError> {
    let mut problems = Problems::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        problems.add(at, String::new(), error.message().to_owned());
    }
    // What follows a syntax error was guessed.
    if !problems.is_empty() {
        return problems.or(Clients::default());
    }
    let root = root.get_ref();
    for key in root.keys().filter(|key| !KINDS.contains(&&**key.get_ref())) {
        let message =
            "is unknown: there are [[client]], [[site]], [[issuer]], [[connection]] and [[provider]]".to_owned();
        problems.add(key.span().start, format!("`{}`", shown(key.get_ref())), message);
    }
    let mut clients = Clients::default();
    for (at, table) in entries(root, "client", &mut problems) {
        let mut entry = Entry::new("client", "id", &CLIENT_KEYS, table, at, &mut problems);
        let Some(client) = client(&mut entry) else { continue };
        if clients.clients.insert(client.id.clone(), Arc::new(client)).is_some() {
            duplicate(&mut entry, "id");
        }
    }
    for (at, table) in entries(root, "site", &mut problems) {
        let mut entry = Entry::new("site", "host", &SITE_KEYS, table, at, &mut problems);
        let Some(site) = site(&mut entry) else { continue };
        if clients.sites.insert(site.host.clone(), site).is_some() {
            duplicate(&mut entry, "host");
        }
    }
    for (at, table) in entries(root, "issuer", &mut problems) {
        let mut entry = Entry::new("issuer", "iss", &issuers::ISSUER_KEYS, table, at, &mut problems);
        let Some(issuer) = issuers::issuer(&mut entry) else { continue };
        if clients.issuers.insert(issuer.iss.clone(), issuer).is_some() {
            duplicate(&mut entry, "iss");
        }
    }
    for (at, table) in entries(root, "connection", &mut problems) {
        let mut entry = Entry::new("connection", "id", &upstreams::CONNECTION_KEYS, table, at, &mut problems);
        let Some(upstream) = upstreams::upstream(&mut entry) else { continue };
        if clients.upstreams.insert(upstream.id.clone(), Arc::new(upstream)).is_some() {
            duplicate(&mut entry, "id");
        }
    }
    for (at, table) in entries(root, "provider", &mut problems) {
        let mut entry = Entry::new("provider", "id", &providers::PROVIDER_KEYS, table, at, &mut problems);
        let Some(provider) = providers::provider(&mut entry) else { continue };
        if clients.providers.insert(provider.id.clone(), Arc::new(provider)).is_some() {
            duplicate(&mut entry, "id");
        }
    }
    problems.or(clients)
}

fn duplicate(entry: &mut Entry<'_, '_>, key: &str) {
    entry.add(entry.place(key), key, "is the same as that of an entry before".to_owned());
}

fn client(entry: &mut Entry<'_, '_>) -> Option<Client> {
    let id = entry.required("id", ID_RULE).and_then(|id| {
        let is_ours = id.text.starts_with(OURS);
        if is_ours {
            refuse(entry, "id", &id, "must not begin with a dot: such ids are ours, for sites behind a proxy");
        }
        if is_ours { None } else { read(entry, "id", &id, ID_RULE) }
    });
    let name = name(entry);
    let is_native = entry.truth("native", false);
    let is_public = entry.truth("public", false);
    let require_pkce = entry.truth("require_pkce", true);
    if !require_pkce && (is_public || is_native) {
        let message = "cannot be false for a public or native client: nothing else protects its codes";
        entry.add(entry.place("require_pkce"), "require_pkce", message.to_owned());
    }
    let consent = one_of(entry, "consent", Consent::ALL, Consent::as_str).unwrap_or(Consent::Ask);
    if consent == Consent::Never && is_native {
        let message = "cannot be \"never\" for a native client: any program on the device can pass as it";
        entry.add(entry.place("consent"), "consent", message.to_owned());
    }
    let long_poll = entry.truth("long_poll", false);
    let device = entry.truth("device", false);
    if long_poll && !device {
        entry.add(entry.place("long_poll"), "long_poll", "needs `device = true`".to_owned());
    }
    let formats = AccessTokenFormat::ALL;
    let access_token = one_of(entry, "access_token", formats, AccessTokenFormat::as_str);
    let id_token_alg = one_of(entry, "id_token_alg", IdTokenAlg::ALL, IdTokenAlg::as_str);
    let read = Client {
        logo_url: logo(entry),
        secrets: secrets(entry, is_public),
        redirect_uris: uris(entry, "redirect_uris", |uri| redirect_uri(uri, is_native)),
        post_logout_redirect_uris: uris(entry, "post_logout_redirect_uris", |uri| redirect_uri(uri, is_native)),
        backchannel_logout_uri: entry.text("backchannel_logout_uri").map(|uri| {
            checked(entry, "backchannel_logout_uri", &uri, logout_uri(&uri.text));
            uri.text
        }),
        is_public,
        is_native,
        require_pkce,
        scopes: scopes(entry),
        groups_allowed: groups(entry),
        consent,
        id_token_alg: id_token_alg.unwrap_or(IdTokenAlg::Rs256),
        access_token: access_token.unwrap_or(AccessTokenFormat::Opaque),
        resources: uris(entry, "resources", resource_uri),
        device,
        long_poll,
        refresh_days: entry.number("refresh_days", 1..=MAX_REFRESH_DAYS, DEFAULT_REFRESH_DAYS),
        ..Client::new(id?, name?)
    };
    Some(read)
}

/// Reads the name that people see.
pub(super) fn name(entry: &mut Entry<'_, '_>) -> Option<String> {
    let name = entry.required("name", "the name that people see")?;
    let is_line = !name.text.chars().any(char::is_control) && name.text.trim() == name.text;
    let is_name = is_line && (1..=MAX_CLIENT_NAME).contains(&name.text.chars().count());
    if !is_name {
        refuse(entry, "name", &name, "must be one line of 1 to 64 characters, without space around it");
    }
    is_name.then_some(name.text)
}

fn site(entry: &mut Entry<'_, '_>) -> Option<Site> {
    let groups_allowed = groups(entry);
    let host = entry.required("host", "the site's host, such as app.example")?;
    checked(entry, "host", &host, site_host(&host.text));
    Some(Site { host: host.text, groups_allowed })
}

pub(super) fn is_short_ascii(text: &str) -> bool {
    (1..=MAX_ISSUER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) fn refuse(entry: &mut Entry<'_, '_>, key: &str, value: &Text, rule: &str) {
    entry.add(value.at, key, format!("\"{}\" {rule}", shown(&value.text)));
}

pub(super) fn checked<T, E: std::fmt::Display>(
    entry: &mut Entry<'_, '_>,
    key: &str,
    value: &Text,
    outcome: Result<T, E>,
) {
    if let Err(error) = outcome {
        refuse(entry, key, value, &error.to_string());
    }
}

pub(super) fn read<T: FromStr>(entry: &mut Entry<'_, '_>, key: &str, value: &Text, allowed: &str) -> Option<T> {
    let read = value.text.parse().ok();
    if read.is_none() {
        refuse(entry, key, value, &format!("is not allowed: {allowed}"));
    }
    read
}

pub(super) fn one_of<T: FromStr + Copy>(
    entry: &mut Entry<'_, '_>,
    key: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Option<T> {
    let value = entry.text(key)?;
    let names: Vec<String> = all.iter().map(|value| format!("\"{}\"", name(*value))).collect();
    read(entry, key, &value, &names.join(" or "))
}

fn uris<T, E: std::fmt::Display>(
    entry: &mut Entry<'_, '_>,
    key: &str,
    rule: impl Fn(&str) -> Result<T, E>,
) -> Vec<String> {
    let uris = entry.texts(key);
    for uri in &uris {
        checked(entry, key, uri, rule(&uri.text));
    }
    uris.into_iter().map(|uri| uri.text).collect()
}

fn logo(entry: &mut Entry<'_, '_>) -> Option<String> {
    let logo = entry.text("logo_url")?;
    let is_path = local_path(&logo.text).is_some_and(|path| path == logo.text);
    if !is_path && redirect_uri(&logo.text, false).is_err() || logo.text.starts_with("http:") {
        refuse(entry, "logo_url", &logo, "must begin with https:// or be a path on this site such as /logo.svg");
    }
    Some(logo.text)
}

pub(super) fn groups(entry: &mut Entry<'_, '_>) -> Vec<String> {
    let groups = entry.texts("groups_allowed");
    for group in groups.iter().filter(|group| !is_group_name(&group.text)) {
        refuse(entry, "groups_allowed", group, "must have 1 to 64 letters of a to z, digits, and . _ - : / @ +");
    }
    groups.into_iter().map(|group| group.text).collect()
}

fn scopes(entry: &mut Entry<'_, '_>) -> Scopes {
    if !entry.has("scopes") {
        return Scopes::default_of_clients();
    }
    let names = Scope::ALL.map(Scope::as_str).join(", ");
    let scopes = entry.texts("scopes");
    scopes.iter().filter_map(|scope| read::<Scope>(entry, "scopes", scope, &names)).collect()
}

/// Reads the hashes. Never repeats a value: it may be the secret itself.
fn secrets(entry: &mut Entry<'_, '_>, is_public: bool) -> Vec<SecretHash> {
    let key = "secret_sha256";
    let texts = entry.texts(key);
    let rule = match texts.len() {
        0 if !is_public => {
            Some("is missing: `qr-login client new` makes a secret; an app that keeps none is `public = true`")
        }
        count if count > 0 && is_public => Some("cannot be there for a public client, which keeps no secret"),
        count if count > MAX_SECRETS => Some("must have at most 4: remove those that the app no longer uses"),
        _ => None,
    };
    if let Some(rule) = rule {
        entry.add(entry.place(key), key, rule.to_owned());
    }
    let mut hashes = Vec::new();
    for text in texts {
        let is_hex = text.text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match text.text.parse::<SecretHash>() {
            Ok(_) if text.text.eq_ignore_ascii_case(HASH_OF_NOTHING) => {
                entry.add(text.at, key, "has the SHA-256 of an empty text".to_owned());
            }
            Ok(hash) if is_hex => hashes.push(hash),
            _ => {
                entry.add(text.at, key, "must list SHA-256 hashes of 64 hexadecimal digits, never a secret".to_owned())
            }
        }
    }
    hashes
}
