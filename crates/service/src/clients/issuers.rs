//! The keys of `[[issuer]]`: who vouches for its users.

use super::parse::{is_short_ascii, read, refuse};
use super::read::Entry;
use domain::client::{AssertionAlg, Issuer, UriKind, logout_uri, mapped_fields};
use std::collections::BTreeMap;

pub(super) const ISSUER_KEYS: [&str; 5] = ["iss", "jwks_url", "algs", "provision", "claims"];

pub(super) fn issuer(entry: &mut Entry<'_, '_>) -> Option<Issuer> {
    let iss = entry.required("iss", "the `iss` of its assertions");
    if let Some(iss) = iss.as_ref().filter(|iss| !is_short_ascii(&iss.text)) {
        refuse(entry, "iss", iss, "must be 1 to 255 visible ASCII characters");
    }
    let jwks_url = entry.required("jwks_url", "the https URL of its public keys");
    if let Some(url) = &jwks_url {
        match logout_uri(&url.text) {
            Ok(UriKind::Https | UriKind::Loopback) => {}
            Ok(_) => refuse(entry, "jwks_url", url, "must be https: who can change the keys can sign in as anyone"),
            Err(error) => refuse(entry, "jwks_url", url, &error.to_string()),
        }
    }
    let mut algs = Vec::new();
    for name in entry.texts("algs") {
        algs.extend(read::<AssertionAlg>(entry, "algs", &name, "RS256, ES256 or EdDSA"));
    }
    if algs.is_empty() {
        entry.add(entry.place("algs"), "algs", "must list one or more of RS256, ES256 and EdDSA".to_owned());
    }
    let claims = claims(entry);
    let provision = entry.truth("provision", false);
    Some(Issuer { iss: iss?.text, jwks_url: jwks_url?.text, algs, provision, claims })
}

/// Reads the mapping of an account's fields to claims.
pub(super) fn claims(entry: &mut Entry<'_, '_>) -> BTreeMap<String, String> {
    let fields = mapped_fields();
    let mut claims = BTreeMap::new();
    for (field, claim) in entry.table("claims") {
        if !fields.contains(&field.text.as_str()) {
            refuse(entry, "claims", &field, &format!("is no field of an account: there are {}", fields.join(", ")));
        } else if !is_short_ascii(&claim.text) {
            refuse(entry, "claims", &claim, "must be 1 to 255 visible ASCII characters");
        }
        claims.insert(field.text, claim.text);
    }
    claims
}
