//! An app without a secret for the attacks on sign-ins to apps, and requests to sign in to it.

use testkit::{Answer, Client};

/// Its entry. Anybody can read its id and redirect URI in the address bar.
pub const APP: &str = r#"
[[client]]
id = "spa"
name = "Map"
public = true
redirect_uris = ["https://map.example/callback"]
consent = "never"
"#;

/// A request as a URL.
pub const REQUEST: &str = "/oauth/authorize?client_id=spa&redirect_uri=https%3A%2F%2Fmap.example%2Fcallback\
                           &response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                           &code_challenge_method=S256";

/// Sends a request with these parameters more.
pub async fn ask(browser: &Client, more: &[(&str, &str)]) -> Answer {
    let more: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(more).finish();
    browser.get(&format!("{REQUEST}&{more}")).await
}
