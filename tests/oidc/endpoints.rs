//! The endpoints' manners: who may read them from another site, what is never cached, how a refusal looks.

use super::provider::*;
use reqwest::Method;
use testkit::{Client, bearer};

const ELSEWHERE: &str = "https://app.example";

/// Sends a request as a page of another site does.
async fn from_elsewhere(provider: &Provider, method: Method, path: &str) -> testkit::Answer {
    let headers = [("origin", ELSEWHERE), ("access-control-request-method", "POST")];
    let body = if method == Method::POST { "token=x" } else { "" };
    provider.send(method, path, &headers, body).await
}

#[tokio::test]
async fn programs_on_other_sites_read_what_needs_no_cookie() {
    let provider = Provider::start().await;
    for path in ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"] {
        for method in [Method::OPTIONS, Method::POST] {
            let answer = from_elsewhere(&provider, method.clone(), path).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        }
        let preflight = from_elsewhere(&provider, Method::OPTIONS, path).await;
        assert!(preflight.status.is_success());
        assert!(preflight.header("access-control-allow-headers").to_lowercase().contains("authorization"));
        assert!(preflight.header("access-control-allow-methods").contains("POST"));
    }
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks.json"] {
        assert_eq!(from_elsewhere(&provider, Method::GET, path).await.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn no_other_site_reads_what_a_persons_cookies_open() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await.0.always("origin", ELSEWHERE);
    let paths = [authorize_path(&[]), "/oauth/continue?i=x".to_owned(), "/oauth/logout".to_owned()];
    for path in paths.iter().map(String::as_str).chain(["/oauth/consent", "/api/apps"]) {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = browser.send(method.clone(), path, None, Vec::new()).await;
            for name in answer.headers.keys() {
                assert!(!name.as_str().starts_with("access-control-"), "{method} {path}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_with_a_token_or_a_person_in_it_is_cached() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    let silent = browser.authorize(&[]).await;
    assert!(silent.header("location").contains("code="));
    let page = browser.0.get(&next_of(&browser.authorize(&[("prompt", "consent")]).await).unwrap()).await;
    let post = browser.authorize(&[("response_mode", "form_post")]).await;
    let answers = [
        silent,
        page,
        post,
        provider.userinfo(access).await,
        provider.userinfo("wrong").await,
        provider.call_as("web", "/oauth/introspect", &[("token", access)]).await,
        provider.call_as("web", "/oauth/revoke", &[("token", "x")]).await,
        provider.exchange("wrong").await,
        browser.0.get("/oauth/logout").await,
    ];
    for answer in answers {
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:?}");
    }
}

#[tokio::test]
async fn user_info_says_why_it_refuses() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let nobody = provider.browser().0.get("/oauth/userinfo").await;
    assert_eq!((nobody.status.as_u16(), nobody.header("www-authenticate").as_str()), (401, "Bearer"));
    let wrong = provider.userinfo("wrong").await;
    oauth_error(&wrong, 401, "invalid_token");
    assert!(wrong.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    assert!(wrong.header("access-control-expose-headers").contains("WWW-Authenticate"));
    // A token for something else than a person.
    let code = browser.code(&[("scope", "profile")]).await;
    let tokens = provider.exchange(&code).await.ok();
    assert_eq!(tokens.get("id_token"), None);
    let plain = provider.userinfo(tokens["access_token"].as_str().unwrap()).await;
    oauth_error(&plain, 403, "insufficient_scope");
    assert!(plain.header("www-authenticate").contains("insufficient_scope"));
    // Cookies are no token here.
    assert_eq!(browser.0.get("/oauth/userinfo").await.status.as_u16(), 401);
}

/// An app that may not know the person's name does not learn it by asking about its own token.
#[tokio::test]
async fn introspection_names_the_person_with_the_scope_profile_alone() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    for (scope, username) in [("openid", None), ("openid email", None), ("openid profile", Some("dong"))] {
        browser.step_up().await;
        let tokens = browser.tokens(&provider, &format!("{scope} offline_access")).await;
        for kind in ["access_token", "refresh_token"] {
            let token = tokens[kind].as_str().unwrap();
            let seen = provider.call_as("web", "/oauth/introspect", &[("token", token)]).await.ok();
            assert_eq!((seen["active"].as_bool(), seen["username"].as_str()), (Some(true), username), "{kind}: {seen}");
        }
    }
}

#[tokio::test]
async fn user_info_takes_a_token_from_one_place() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, "openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    let twice = bearer(&*provider, access).post("/oauth/userinfo", &[("access_token", access)]).await;
    oauth_error(&twice, 400, "invalid_request");
    // Libraries send a POST without a body, or with one that has nothing to do with the token.
    let with_header = bearer(&*provider, access);
    for (media_type, body) in [
        (None, ""),
        (Some("application/x-www-form-urlencoded"), ""),
        (Some("application/x-www-form-urlencoded"), "schema=openid"),
        (Some("application/json"), "{}"),
        (Some("application/json"), ""),
    ] {
        let answer = with_header.send(Method::POST, "/oauth/userinfo", media_type, body.as_bytes().to_vec()).await;
        answer.ok();
    }
    let json = format!("{{\"access_token\":\"{access}\"}}").into_bytes();
    let answer = Client::new(&*provider).send(Method::POST, "/oauth/userinfo", Some("application/json"), json).await;
    assert_eq!(answer.status.as_u16(), 401);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let provider = Provider::start().await;
    let posts = ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/consent"];
    let gets = ["/oauth/continue", "/oauth/jwks.json", "/.well-known/openid-configuration"];
    let both = ["/oauth/authorize", "/oauth/userinfo", "/oauth/logout"];
    for (paths, allowed) in
        [(&posts[..], &[Method::POST][..]), (&gets, &[Method::GET]), (&both, &[Method::GET, Method::POST])]
    {
        for path in paths {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let status = provider.send(method.clone(), path, &[], "").await.status.as_u16();
                assert_eq!(status == 405, !allowed.contains(&method), "{method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn other_grants_are_refused() {
    let provider = Provider::start().await;
    for grant in ["password", "client_credentials", "implicit", "AUTHORIZATION_CODE"] {
        let form = [("grant_type", grant), ("username", "dong"), ("password", testkit::PASSWORD)];
        oauth_error(&provider.call_as("web", "/oauth/token", &form).await, 400, "unsupported_grant_type");
    }
    oauth_error(&provider.call_as("web", "/oauth/token", &[("code", "x")]).await, 400, "invalid_request");
    for kind in ["token", "id_token", "code id_token", "code token", "none", "CODE"] {
        let response = response_of(&next_of(&provider.browser().authorize(&[("response_type", kind)]).await).unwrap());
        assert_eq!(response["error"], "unsupported_response_type", "{kind}");
    }
}

#[tokio::test]
async fn large_requests_are_refused_and_long_states_are_not() {
    let provider = Provider::start().await;
    let large = format!("token={}", "a".repeat(20_000));
    let answer = provider.send(Method::POST, "/oauth/revoke", &[], &large).await;
    assert!([400, 413].contains(&answer.status.as_u16()), "{answer:?}");
    let answer = provider.browser().authorize(&[("state", &"a".repeat(4_096)), ("prompt", "none")]).await;
    assert_eq!(response_of(&next_of(&answer).unwrap())["error"], "login_required");
    let answer = provider.browser().authorize(&[("state", &"a".repeat(4_097)), ("prompt", "none")]).await;
    assert_eq!(response_of(&next_of(&answer).unwrap())["error"], "invalid_request");
}
