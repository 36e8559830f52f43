//! What a response says of its sender, and what it repeats of the request.

use crate::oidc::oidf::signed_claims;
use crate::oidc::provider::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use testkit::{Answer, Fields, encode};

/// Returns the fields of the form that sends a response, with their values as a browser reads them.
fn posted(answer: &Answer) -> Vec<(String, String)> {
    let (_, form) = answer.body.split_once("<form method=\"post\" action=\"https://app.example/").unwrap();
    let inputs = form.split_once("</form>").unwrap().0.split("<input type=\"hidden\" name=\"").skip(1);
    let field = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        let (value, rest) = rest.split_once("\">").unwrap();
        assert!(!rest.contains(['"', '<']) || rest.starts_with("<button>"), "{rest}");
        let value = value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
        (name.to_owned(), value.replace("&amp;", "&"))
    };
    inputs.map(field).collect()
}

/// Every response names its issuer, errors too, so that an app with several providers cannot mix them up (RFC 9207)
#[tokio::test]
async fn m12_mix_up_without_iss() {
    let provider = Provider::start().await;
    let document = provider.browser().0.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    let issuer = document["issuer"].as_str().unwrap();
    let (signed_in, stranger) = (provider.signed_in("dong").await, provider.browser());
    signed_in.code(&[]).await;
    let responses: [(&Browser, Fields<'_>, &str); 9] = [
        (&signed_in, &[], "code"),
        (&signed_in, &[("redirect_uri", "https://app.example/other?x=1")], "code"),
        (&signed_in, &[("scope", "openid groups"), ("prompt", "none")], "error"),
        (&stranger, &[("prompt", "none")], "error"),
        (&stranger, &[("response_type", "token")], "error"),
        (&stranger, &[("response_type", "")], "error"),
        (&stranger, &[("request", "x")], "error"),
        (&stranger, &[("prompt", "none login")], "error"),
        (&stranger, &[("resource", "https://unknown.example")], "error"),
    ];
    for (browser, changes, expected) in responses {
        let answer = browser.authorize(changes).await;
        let response = response_of(&next_of(&answer).unwrap());
        assert!(response.contains_key(expected), "{changes:?}: {response:?}");
        assert_eq!(response["iss"], issuer, "{changes:?}");
        let by_form = browser.authorize(&[changes, &[("response_mode", "form_post")]].concat()).await;
        let fields = posted(&by_form);
        assert!(fields.contains(&("iss".to_owned(), issuer.to_owned())), "{fields:?}");
    }
    let page = signed_in.0.get(&next_of(&signed_in.authorize(&[("prompt", "consent")]).await).unwrap()).await;
    let form = [("i", field_of(&page.body, "i")), ("answer", "deny".to_owned())];
    let denied =
        signed_in.0.post("/oauth/consent", &form.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!(response_of(&next_of(&denied).unwrap())["iss"], issuer);
    let tokens = signed_in.tokens(&provider, "openid").await;
    let claims = signed_claims(&provider, &document, tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["iss"], issuer);
}

/// States that have broken responses elsewhere.
fn states() -> Vec<String> {
    let mut states: Vec<String> = [
        "a\r\nSet-Cookie: x=1\r\n\r\n<script>",
        "a\nb",
        "\"><script>alert(1)</script>",
        "'\"`<>&;=#?%00%0d%0a+ /\\",
        "&quot;&amp;&#39;&lt;",
        "状态🙂é\u{202e}",
        "{\"a\":[1,\"b\"]}",
        "code=x&error=y&iss=https://evil.example",
        " leading and trailing ",
        "\t",
    ]
    .map(str::to_owned)
    .into();
    states.push("é\"'<&\r\n".repeat(256));
    let mut runner = TestRunner::default();
    let any = proptest::collection::vec(any::<char>(), 1..200).prop_map(String::from_iter);
    states.extend((0..40).map(|_| any.new_tree(&mut runner).unwrap().current()));
    states
}

/// A state comes back byte by byte, in every kind of response, and never leaves its header or its attribute
#[tokio::test]
async fn m13_state_changed_or_injected() {
    let provider = Provider::start().await;
    let (signed_in, stranger) = (provider.signed_in("dong").await, provider.browser());
    let tokens = signed_in.tokens(&provider, "openid").await;
    for state in states() {
        for (browser, prompt) in [(&signed_in, ""), (&stranger, "none")] {
            let changes = [("prompt", prompt), ("state", state.as_str())];
            let answer = browser.authorize(&changes).await;
            assert!(answer.set_cookie("x").is_none());
            let response = response_of(&next_of(&answer).unwrap());
            assert_eq!(response["state"], state);
            assert_eq!(response["iss"], provider.issuer());
            assert_eq!(response.len(), 3, "{response:?}");
            let page = browser.authorize(&[&changes[..], &[("response_mode", "form_post")]].concat()).await;
            assert_eq!(page.status.as_u16(), 200);
            assert!(posted(&page).contains(&("state".to_owned(), state.clone())), "{state:?}: {}", page.body);
        }
    }
    let state = &states()[0];
    let query = [
        ("id_token_hint", tokens["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", "https://app.example/bye?x=1"),
        ("state", state),
    ];
    let answer = signed_in.0.ask("/oauth/logout", &query).await;
    let response = response_of(&next_of(&answer).unwrap());
    assert_eq!((response["x"].as_str(), &response["state"]), ("1", state));
}

/// An empty state comes back empty, and none comes back as none
#[tokio::test]
async fn m13_state_that_is_empty_or_absent() {
    let provider = Provider::start().await;
    let stranger = provider.browser();
    let path = authorize_path(&[("prompt", "none"), ("state", "")]);
    let absent = stranger.0.get(&path).await;
    assert!(!absent.header("location").contains("state"));
    let empty = stranger.0.get(&format!("{path}&state=")).await;
    assert_eq!(response_of(&empty.header("location"))["state"], "");
}

/// The text of an error contains nothing of the request
#[tokio::test]
async fn m13_error_description_repeats_the_request() {
    let provider = Provider::start().await;
    let mark = "<svg/onload=1>\r\nx: y";
    for name in ["response_type", "response_mode", "max_age", "request", "registration", "resource", "code_challenge"] {
        let changes = [("state", ""), (name, mark)];
        let answer = provider.browser().authorize(&changes).await;
        let response = response_of(&next_of(&answer).unwrap());
        assert!(response.values().all(|value| !value.contains("svg")), "{response:?}");
    }
    for name in ["grant_type", "scope", "code", "redirect_uri", "client_id", "token"] {
        let body = encode(&[(name, mark)]);
        for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
            let answer = provider.send(Method::POST, path, &[], &body).await;
            assert!(!answer.body.contains("svg") && !format!("{:?}", answer.headers).contains("svg"));
        }
    }
}
