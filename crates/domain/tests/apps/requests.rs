//! What a request may ask for.

use super::*;
use domain::authorization::AuthorizationErrorCode as Code;
use domain::authorization::{InvalidTarget, ResponseMode};

fn target(pairs: &[(String, String)]) -> Result<Target, InvalidTarget> {
    let known = |id: &str| (id == "grafana").then(|| Arc::new(client()));
    Target::read(Parameters::new(pairs), known).map(|(target, _)| target)
}

fn refused(pairs: &[(String, String)]) -> Code {
    read(pairs, &client()).unwrap_err().code
}

#[test]
fn without_a_known_client_and_its_own_uri_nobody_is_redirected() {
    for prompt in ["", "none", "login", "consent"] {
        let bad = |changes: &[(&str, &str)]| target(&with(&[changes, &[("prompt", prompt)]].concat())).unwrap_err();
        assert_eq!(bad(&[("client_id", "")]), InvalidTarget::NoClient);
        assert_eq!(bad(&[("client_id", "other")]), InvalidTarget::UnknownClient);
        assert_eq!(bad(&[("redirect_uri", "")]), InvalidTarget::NoRedirectUri);
        for uri in [
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://app.example:443/callback",
            "https://app.example@evil.example/callback",
            "https://APP.example/callback",
            "https://app.example/callback/../evil",
            "http://app.example/callback",
        ] {
            assert_eq!(bad(&[("redirect_uri", uri)]), InvalidTarget::UnregisteredRedirectUri, "{uri}");
        }
    }
    for name in ["client_id", "redirect_uri"] {
        let mut twice = plain();
        let again = twice.iter().find(|(known, _)| known == name).unwrap().clone();
        twice.push(again);
        target(&twice).unwrap_err();
    }
}

#[test]
fn the_state_comes_back_as_it_was_sent_also_if_it_is_empty_or_absent() {
    assert_eq!(target(&with(&[("state", "")])).unwrap().state, None);
    let mut empty = with(&[("state", "")]);
    empty.push(("state".to_owned(), String::new()));
    assert_eq!(target(&empty).unwrap().state.as_deref(), Some(""));
    let odd = "a b\"\r\n<é>".repeat(200);
    assert_eq!(target(&with(&[("state", &odd)])).unwrap().state, Some(odd));
}

#[test]
fn only_the_code_flow_is_supported() {
    assert_eq!(refused(&with(&[("response_type", "")])), Code::InvalidRequest);
    for kind in ["token", "id_token", "code token", "code id_token", "none", "Code"] {
        assert_eq!(refused(&with(&[("response_type", kind)])), Code::UnsupportedResponseType, "{kind}");
    }
    assert_eq!(refused(&with(&[("response_mode", "fragment")])), Code::InvalidRequest);
    for (mode, expected) in [("query", ResponseMode::Query), ("form_post", ResponseMode::FormPost)] {
        assert_eq!(target(&with(&[("response_mode", mode)])).unwrap().response_mode, expected);
    }
}

#[test]
fn what_is_not_supported_has_its_own_error_and_what_is_unknown_none() {
    assert_eq!(refused(&with(&[("request", "x")])), Code::RequestNotSupported);
    assert_eq!(refused(&with(&[("request_uri", "x")])), Code::RequestUriNotSupported);
    assert_eq!(refused(&with(&[("registration", "x")])), Code::RegistrationNotSupported);
    for name in ["display", "claims_locales", "ui_locales", "acr_values", "claims", "whatever", "prompt"] {
        read(&with(&[(name, "odd value")]), &client()).unwrap();
    }
}

#[test]
fn a_parameter_occurs_once() {
    for name in ["state", "scope", "nonce", "code_challenge", "prompt", "whatever"] {
        let mut twice = with(&[(name, "x")]);
        twice.push((name.to_owned(), "y".to_owned()));
        assert_eq!(refused(&twice), Code::InvalidRequest, "{name}");
    }
}

#[test]
fn a_code_is_protected_by_s256_or_by_nothing_where_the_client_may() {
    let weak = Client { require_pkce: false, ..client() };
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(refused(&with(&none)), Code::InvalidRequest);
    assert_eq!(read(&with(&none), &weak).unwrap().code_challenge, None);
    for (challenge, method) in [
        (CHALLENGE, ""),
        (CHALLENGE, "plain"),
        (CHALLENGE, "S512"),
        (CHALLENGE, "s256"),
        ("", "S256"),
        ("short", "S256"),
        (&CHALLENGE[1..], "S256"),
        (&format!("{CHALLENGE}x"), "S256"),
        (&CHALLENGE.replace('-', "+"), "S256"),
    ] {
        for client in [&client(), &weak] {
            let request = with(&[("code_challenge", challenge), ("code_challenge_method", method)]);
            assert_eq!(read(&request, client).unwrap_err().code, Code::InvalidRequest, "{challenge} {method}");
        }
    }
}

#[test]
fn a_client_gets_those_of_the_scopes_that_it_may_have() {
    let scopes = |asked: &str| read(&with(&[("scope", asked)]), &client()).unwrap().scopes.to_string();
    assert_eq!(scopes("openid groups email whatever"), "openid email");
    assert_eq!(scopes("groups"), "");
    assert_eq!(scopes(""), "");
}

#[test]
fn prompts_are_a_list_and_none_stands_alone() {
    let prompts = |text: &str| read(&with(&[("prompt", text)]), &client()).map(|request| request.prompts);
    assert!(prompts("login consent").is_ok_and(|found| found.login && found.consent && !found.none));
    assert!(prompts("select_account").is_ok_and(|found| found.login));
    assert!(prompts("none").is_ok_and(|found| found.none));
    assert_eq!(prompts("none login").unwrap_err().code, Code::InvalidRequest);
}

#[test]
fn ages_nonces_states_and_resources_have_limits() {
    for age in ["-1", "x", "1.5", "99999999999999999999999"] {
        assert_eq!(refused(&with(&[("max_age", age)])), Code::InvalidRequest, "{age}");
    }
    assert_eq!(read(&with(&[("max_age", "10000")]), &client()).unwrap().max_age, Some(10_000));
    for (name, longest) in [("state", 4096), ("nonce", 512)] {
        read(&with(&[(name, &"x".repeat(longest))]), &client()).unwrap();
        assert_eq!(refused(&with(&[(name, &"x".repeat(longest + 1))])), Code::InvalidRequest, "{name}");
    }
    let api = "https://api.example";
    assert_eq!(refused(&with(&[("resource", api)])), Code::InvalidTarget);
    let with_resource = Client { resources: vec![api.to_owned()], ..client() };
    assert_eq!(read(&with(&[("resource", api)]), &with_resource).unwrap().resource.as_deref(), Some(api));
}

#[test]
fn a_client_asks_for_a_scan_by_its_class() {
    let wants = |values: &str| read(&with(&[("acr_values", values)]), &client()).unwrap().wants_scan;
    assert!(wants("x urn:qr-login:acr:scan"));
    assert!(!wants("urn:qr-login:acr:scanning") && !wants(""));
}

#[test]
fn a_hint_that_names_no_account_is_ignored() {
    let hint = |text: &str| read(&with(&[("login_hint", text)]), &client()).unwrap().login_hint;
    assert_eq!(hint("dong@example.com").as_deref(), Some("dong@example.com"));
    assert_eq!(hint("Call the bank"), None);
    assert_eq!(hint(&"x".repeat(65)), None);
}
