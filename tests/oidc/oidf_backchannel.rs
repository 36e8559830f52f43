//! The Back-Channel Logout profile of the OpenID Foundation's conformance suite
//! (`oidcc-backchannel-rp-initiated-logout-certification-test-plan`): its two modules, each as a test with the module's
//! name.

use super::backchannel::{tells, verified};
use super::provider::*;
use testkit::{Receiver, encode};

/// The discovery document says that logout tokens are sent, and that they name the session
#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let provider = Provider::start().await;
    let document = provider.browser().0.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
    assert_eq!(document["end_session_endpoint"], format!("{}/oauth/logout", provider.issuer()));
}

/// An app that signs its user out gets a logout token of the same subject and session, and the person back, signed out
#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let provider = Provider::start().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let query = [("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye"), ("state", "s1")];
    let answer = browser.0.get(&format!("/oauth/logout?{}", encode(&query))).await;
    assert_eq!(next_of(&answer).unwrap(), "https://app.example/bye?state=s1");
    let told = verified(&provider, &web.next().await, "web").await;
    let known = claims(&tokens["id_token"]);
    assert_eq!((&told["sub"], &told["sid"]), (&known["sub"], &known["sid"]));
    assert!(told["sub"].is_string() && told["sid"].is_string());
    let silent = browser.authorize(&[("prompt", "none")]).await;
    assert_eq!(response_of(&next_of(&silent).unwrap())["error"], "login_required");
}
