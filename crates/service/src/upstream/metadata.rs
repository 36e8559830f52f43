//! What an issuer says about itself (RFC 8414, OpenID Connect Discovery 1.0).

use super::Located;
use domain::client::{UriKind, logout_uri};
use serde::Deserialize;

/// The metadata of an issuer. Its endpoints are https, or as plain as the issuer itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// The issuer, exactly as configured.
    pub issuer: String,
    /// Where people sign in.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// Issues tokens.
    pub token_endpoint: String,
    /// Issues the codes of the device grant.
    #[serde(default)]
    pub device_authorization_endpoint: Option<String>,
    /// Revokes tokens.
    #[serde(default)]
    pub revocation_endpoint: Option<String>,
    /// Its public keys.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// How clients may authenticate; by default `client_secret_basic`.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether each authorization response names the issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Returns where the metadata of an issuer may be, the likeliest first.
pub(super) fn addresses(issuer: &str) -> Vec<String> {
    let base = issuer.trim_end_matches('/');
    vec![format!("{base}/.well-known/openid-configuration"), format!("{base}/.well-known/oauth-authorization-server")]
}

impl Metadata {
    /// Reads the metadata of that issuer. `None` if they are of another one (RFC 8414, section 3.3), or an endpoint is less
    /// protected than the issuer.
    pub(super) fn read(issuer: &str, body: &[u8]) -> Option<Self> {
        let metadata: Self = serde_json::from_slice(body).ok()?;
        let kind = logout_uri(issuer).ok()?;
        let is_protected = |url: &String| {
            let found = logout_uri(url);
            found == Ok(UriKind::Https) || found.is_ok() && kind != UriKind::Https
        };
        let is_sound = metadata.issuer == issuer && metadata.endpoints().all(is_protected);
        is_sound.then_some(metadata)
    }

    fn endpoints(&self) -> impl Iterator<Item = &String> {
        let optional = [
            &self.authorization_endpoint,
            &self.device_authorization_endpoint,
            &self.revocation_endpoint,
            &self.jwks_uri,
        ];
        optional.into_iter().flatten().chain([&self.token_endpoint])
    }

    /// Returns the endpoints that a client posts to.
    pub(crate) fn located(&self) -> Located {
        let methods = &self.token_endpoint_auth_methods_supported;
        let has = |name: &str| methods.iter().any(|method| method == name);
        Located {
            device_authorization: self.device_authorization_endpoint.clone(),
            token: self.token_endpoint.clone(),
            revocation: self.revocation_endpoint.clone(),
            wants_post: has("client_secret_post") && !has("client_secret_basic"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const US: &str = "https://issuer.example";

    fn read(issuer: &str, changes: &[(&str, Value)]) -> Option<Metadata> {
        let mut body = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")});
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        Metadata::read(issuer, body.to_string().as_bytes())
    }

    #[test]
    fn metadata_are_of_their_issuer_and_no_less_protected() {
        read(US, &[]).unwrap();
        read("http://127.0.0.1:3000", &[]).unwrap();
        for (name, value) in [
            ("issuer", json!("https://issuer.example/")),
            ("issuer", json!("https://evil.example")),
            ("token_endpoint", json!("http://issuer.example/token")),
            ("token_endpoint", json!("http://127.0.0.1/token")),
            ("token_endpoint", Value::Null),
            ("jwks_uri", json!("http://192.168.0.9/jwks")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("device_authorization_endpoint", json!("file:///etc/passwd")),
            ("revocation_endpoint", json!(7)),
        ] {
            assert_eq!(read(US, &[(name, value.clone())]), None, "{name} {value}");
        }
        assert_eq!(Metadata::read(US, b"<html>"), None);
    }

    #[test]
    fn a_secret_goes_into_the_form_only_where_it_has_to() {
        for (methods, expected) in [
            (json!([]), false),
            (json!(["client_secret_post", "client_secret_basic"]), false),
            (json!(["client_secret_post", "none"]), true),
        ] {
            let found = read(US, &[("token_endpoint_auth_methods_supported", methods)]).unwrap().located();
            assert_eq!(found.wants_post, expected);
        }
    }

    #[test]
    fn both_well_known_paths_are_tried() {
        let [first, second] = addresses("https://issuer.example/tenant/").try_into().unwrap();
        assert_eq!(first, "https://issuer.example/tenant/.well-known/openid-configuration");
        assert_eq!(second, "https://issuer.example/tenant/.well-known/oauth-authorization-server");
    }
}
