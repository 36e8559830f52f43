//! The keys of `[[provider]]`: other providers that people sign in by.

use super::issuers::claims;
use super::parse::read;
use super::read::Entry;
use super::upstreams::{id, issuer, registration, scope};
use domain::client::{AssertionAlg, Issuer, Provider};
use std::collections::BTreeMap;

pub(super) const PROVIDER_KEYS: [&str; 11] = [
    "id",
    "name",
    "issuer",
    "client_id",
    "client_secret_env",
    "client_secret_file",
    "client_auth",
    "scopes",
    "algs",
    "provision",
    "claims",
];

/// The claims of OpenID Connect that are taken over unless `claims` says otherwise, if the provider's people get accounts by it.
/// Groups are not: they decide what a person may do here.
const USUAL: [(&str, &str); 4] = [
    ("username", "preferred_username"),
    ("display_name", "name"),
    ("email", "email"),
    ("email_verified", "email_verified"),
];

pub(super) fn provider(entry: &mut Entry<'_, '_>) -> Option<Provider> {
    let id = id(entry);
    let name = super::parse::name(entry);
    let iss = issuer(entry);
    let registration = registration(entry);
    let mut algs = Vec::new();
    for name in entry.texts("algs") {
        algs.extend(read::<AssertionAlg>(entry, "algs", &name, "RS256, ES256 or EdDSA"));
    }
    if algs.is_empty() {
        algs = AssertionAlg::ALL.to_vec();
    }
    let provision = entry.truth("provision", false);
    let claims = match entry.has("claims") {
        true => claims(entry),
        false if provision => USUAL.map(|(field, claim)| (field.to_owned(), claim.to_owned())).into(),
        false => BTreeMap::new(),
    };
    let scope = match entry.has("scopes") {
        true => scope(entry),
        false => "openid profile email".to_owned(),
    };
    if !scope.split(' ').any(|scope| scope == "openid") {
        entry.add(entry.place("scopes"), "scopes", "must have \"openid\"".to_owned());
    }
    let identity = Issuer { iss: iss?, jwks_url: String::new(), algs, provision, claims };
    Some(Provider { id: id?, name: name?, registration: registration?, scope, identity })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::Clients;
    use super::*;

    const GOOD: &str = "[[provider]]\nid = \"idp\"\nname = \"Company\"\nclient_id = \"qr\"\n";

    #[test]
    fn the_defaults_are_those_of_openid_connect() {
        let text = format!("{GOOD}issuer = \"https://idp.example\"\n");
        let clients = Clients::parse(&format!("{text}provision = true\n")).unwrap();
        let provider = clients.provider("idp").unwrap();
        assert_eq!((provider.scope.as_str(), provider.identity.provision), ("openid profile email", true));
        assert_eq!(provider.identity.algs, AssertionAlg::ALL);
        assert_eq!(provider.identity.claims.get("username").map(String::as_str), Some("preferred_username"));
        assert_eq!(provider.identity.claims.get("groups"), None);
        assert_eq!(clients.summary(), "0 clients, 0 sites, 0 issuers, 1 provider");
        // What the operator has said about linked people stays.
        let linked = Clients::parse(&text).unwrap().provider("idp").unwrap();
        assert_eq!((linked.identity.claims.len(), linked.identity.provision), (0, false));
        // No issuer of assertions by that.
        assert_eq!(clients.issuer("https://idp.example"), None);
    }

    #[test]
    fn problems_name_the_line_and_the_key() {
        for (more, expected) in [
            ("", "line 1: provider idp: `issuer` is missing"),
            ("issuer = \"http://idp.example\"", "line 5: provider idp: `issuer`"),
            ("issuer = \"https://idp.example\"\nscopes = [\"email\"]", "line 6: provider idp: `scopes` must have"),
            ("issuer = \"https://idp.example\"\nalgs = [\"none\"]", "line 6: provider idp: `algs` \"none\""),
            ("issuer = \"https://idp.example\"\nclaims = { id = \"sub\" }", "line 6: provider idp: `claims`"),
        ] {
            let problem = Clients::parse(&format!("{GOOD}{more}")).unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
