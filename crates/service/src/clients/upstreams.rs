//! The keys of `[[connection]]`: services that this server is a client of.

use super::parse::{ID_RULE, groups, is_short_ascii, name, one_of, read, refuse};
use super::read::{Entry, Text};
use domain::client::{
    Authentication, ClientId, Endpoints, Registration, SecretPlace, Upstream, UriKind, is_scope_list, logout_uri,
};

pub(super) const CONNECTION_KEYS: [&str; 12] = [
    "id",
    "name",
    "issuer",
    "device_authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "client_id",
    "client_secret_env",
    "client_secret_file",
    "client_auth",
    "scopes",
    "groups_allowed",
];

pub(super) fn upstream(entry: &mut Entry<'_, '_>) -> Option<Upstream> {
    let id = id(entry);
    let name = name(entry);
    let endpoints = endpoints(entry);
    let registration = registration(entry);
    Some(Upstream {
        scope: scope(entry),
        groups_allowed: groups(entry),
        id: id?,
        name: name?,
        endpoints: endpoints?,
        registration: registration?,
    })
}

pub(super) fn id(entry: &mut Entry<'_, '_>) -> Option<String> {
    let id = entry.required("id", ID_RULE)?;
    read::<ClientId>(entry, "id", &id, ID_RULE).map(String::from)
}

/// Reads where the endpoints are: an issuer, or each of them.
fn endpoints(entry: &mut Entry<'_, '_>) -> Option<Endpoints> {
    if entry.has("issuer") {
        for key in ["device_authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
            if entry.has(key) {
                entry.add(entry.place(key), key, "is found by `issuer`: remove one of them".to_owned());
            }
        }
        return issuer(entry).map(Endpoints::Issuer);
    }
    let token = entry.required("token_endpoint", "its URL, or `issuer`, by which all endpoints are found");
    let device_authorization = entry.required("device_authorization_endpoint", "its URL, or `issuer`");
    let revocation = entry.text("revocation_endpoint");
    for (key, url) in [
        ("token_endpoint", &token),
        ("device_authorization_endpoint", &device_authorization),
        ("revocation_endpoint", &revocation),
    ] {
        if let Some(url) = url {
            protected(entry, key, url);
        }
    }
    Some(Endpoints::Fixed {
        device_authorization: device_authorization?.text,
        token: token?.text,
        revocation: revocation.map(|url| url.text),
    })
}

/// Reads the issuer.
pub(super) fn issuer(entry: &mut Entry<'_, '_>) -> Option<String> {
    let issuer = entry.required("issuer", "the issuer, exactly as its metadata name it")?;
    protected(entry, "issuer", &issuer);
    if issuer.text.contains('?') {
        refuse(entry, "issuer", &issuer, "must not have a query");
    }
    Some(issuer.text)
}

/// Refuses a URL that tokens and secrets must not be sent to.
fn protected(entry: &mut Entry<'_, '_>, key: &str, url: &Text) {
    match logout_uri(&url.text) {
        Ok(UriKind::Https | UriKind::Loopback) => {}
        Ok(_) => refuse(entry, key, url, "must be https: tokens are sent there"),
        Err(error) => refuse(entry, key, url, &error.to_string()),
    }
}

/// Reads how this server is registered. The secret itself is elsewhere.
pub(super) fn registration(entry: &mut Entry<'_, '_>) -> Option<Registration> {
    let client_id = entry.required("client_id", "the id that the service has given to this server");
    if let Some(id) = client_id.as_ref().filter(|id| !is_short_ascii(&id.text)) {
        refuse(entry, "client_id", id, "must be 1 to 255 visible ASCII characters");
    }
    let variable = entry.text("client_secret_env");
    let file = entry.text("client_secret_file");
    if variable.is_some() && file.is_some() {
        let message = "and `client_secret_file` are two places: remove one".to_owned();
        entry.add(entry.place("client_secret_env"), "client_secret_env", message);
    }
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    if let Some(name) = variable.as_ref().filter(|name| !is_name(&name.text)) {
        // Not repeated: it may be the secret itself.
        entry.add(name.at, "client_secret_env", "must be the name of an environment variable".to_owned());
    }
    let secret = match (variable, file) {
        (Some(name), _) => Some(SecretPlace::Variable(name.text)),
        (None, file) => file.map(|file| SecretPlace::File(file.text)),
    };
    let authentication = one_of(entry, "client_auth", Authentication::ALL, Authentication::as_str);
    Some(Registration { client_id: client_id?.text, secret, authentication })
}

/// Reads the scopes: what is asked for, in that order.
pub(super) fn scope(entry: &mut Entry<'_, '_>) -> String {
    let mut scopes = Vec::new();
    for scope in entry.texts("scopes") {
        if scope.text.contains(' ') || !is_scope_list(&scope.text) {
            refuse(entry, "scopes", &scope, "is no scope: it must be visible ASCII without quotes and backslashes");
        }
        scopes.push(scope.text);
    }
    scopes.join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::Clients;
    use super::*;

    const GOOD: &str = "[[connection]]\nid = \"forge\"\nname = \"Forge\"\nclient_id = \"qr\"\n";

    fn problem(more: &str) -> String {
        Clients::parse(&format!("{GOOD}{more}")).unwrap_err().to_string()
    }

    #[test]
    fn a_connection_is_found_by_its_issuer_or_its_endpoints() {
        let read = |more: &str| Clients::parse(&format!("{GOOD}{more}")).unwrap().upstream("forge").unwrap();
        let by_issuer = read(
            "issuer = \"https://forge.example\"\nscopes = [\"openid\", \"repo:read\"]\nclient_secret_env = \"FORGE\"\n\
             client_auth = \"post\"\ngroups_allowed = [\"staff\"]\n",
        );
        assert_eq!(by_issuer.endpoints, Endpoints::Issuer("https://forge.example".to_owned()));
        assert_eq!(by_issuer.scope, "openid repo:read");
        assert_eq!(by_issuer.registration.secret, Some(SecretPlace::Variable("FORGE".to_owned())));
        assert_eq!(by_issuer.registration.authentication, Some(Authentication::Post));
        let fixed = read(
            "device_authorization_endpoint = \"https://forge.example/device\"\n\
             token_endpoint = \"http://127.0.0.1:3000/token\"\nclient_secret_file = \"/run/forge\"\n",
        );
        assert_eq!(fixed.endpoints.home(), "http://127.0.0.1:3000/token");
        assert_eq!(fixed.registration.secret, Some(SecretPlace::File("/run/forge".to_owned())));
        let clients = Clients::parse(&format!("{GOOD}issuer = \"https://forge.example\"\n")).unwrap();
        assert_eq!(clients.summary(), "0 clients, 0 sites, 0 issuers, 1 connection");
    }

    #[test]
    fn problems_name_the_line_and_the_key() {
        for (more, expected) in [
            ("", "line 1: connection forge: `token_endpoint` is missing"),
            (
                "issuer = \"http://forge.example\"",
                "line 5: connection forge: `issuer` \"http://forge.example\" must be https",
            ),
            (
                "issuer = \"http://192.168.0.9\"",
                "line 5: connection forge: `issuer` \"http://192.168.0.9\" must be https",
            ),
            ("issuer = \"https://a.example?x\"", "must not have a query"),
            (
                "issuer = \"https://a.example\"\ntoken_endpoint = \"https://a.example\"",
                "line 6: connection forge: `token_endpoint` is found by",
            ),
            ("token_endpoint = \"javascript:x\"\ndevice_authorization_endpoint = \"https://a.example\"", "line 5"),
            (
                "issuer = \"https://a.example\"\nscopes = [\"a b\"]",
                "line 6: connection forge: `scopes` \"a b\" is no scope",
            ),
            (
                "issuer = \"https://a.example\"\nclient_secret = \"s3cret\"",
                "line 6: connection forge: `client_secret` is no key",
            ),
            (
                "issuer = \"https://a.example\"\nclient_secret_env = \"s3cret!\"",
                "must be the name of an environment variable",
            ),
            ("issuer = \"https://a.example\"\nclient_secret_env = \"A\"\nclient_secret_file = \"b\"", "two places"),
            ("issuer = \"https://a.example\"\nclient_auth = \"none\"", "\"basic\" or \"post\""),
        ] {
            let problem = problem(more);
            assert!(problem.contains(expected) && !problem.contains("s3cret"), "{problem}");
        }
        let twice = format!("{GOOD}issuer = \"https://a.example\"\n");
        let problem = Clients::parse(&twice.repeat(2)).unwrap_err().to_string();
        assert!(problem.contains("the same as that of an entry before"), "{problem}");
    }
}
