//! The description of the endpoints: complete, and true of its examples. tests/oidc/contract.rs compares it with answers.

use super::server::Server;
use qr_login::routes;
use qr_login::server::router;
use reqwest::Method;
use std::collections::BTreeSet;
use testkit::{Client, Contract};

/// What the router has and the document leaves out: the answer to everything else under `/api`, and a page that no release
/// has.
const NO_ENDPOINTS: [&str; 4] = ["/api", "/api/", "/api/{path}", "/gallery"];
const METHODS: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::PATCH,
    Method::TRACE,
];

async fn contract(server: &Server) -> Contract {
    Contract::new(Client::new(server).get(routes::OPENAPI).await.ok())
}

/// Reads the paths out of what the router prints of itself, because it has no list of them. A wildcard is written as
/// OpenAPI does.
fn registered(server: &Server) -> BTreeSet<String> {
    let printed = format!("{:?}", router::site(server.app.clone()));
    let after_ids = printed.split("RouteId(").skip(1).filter_map(|rest| rest.split_once("): \"")?.1.split('"').next());
    let paths = after_ids.map(|path| path.replace("{*", "{")).filter(|path| !path.contains("__private__"));
    let paths: BTreeSet<_> = paths.collect();
    assert!(
        paths.contains(routes::LOGIN) && paths.contains("/picture/{file}"),
        "the router prints otherwise: {printed}"
    );
    paths
}

/// Returns the methods that the server answers at a path. `HEAD` comes with `GET`.
async fn methods(server: &Server, path: &str) -> BTreeSet<String> {
    let filled: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
    let (client, path) = (Client::new(server), filled.join("/"));
    let mut found = BTreeSet::new();
    for method in METHODS {
        if client.send(method.clone(), &path, None, Vec::new()).await.status != 405 {
            found.insert(method.as_str().to_lowercase());
        }
    }
    if found.contains("get") && !found.contains("put") {
        found.remove("head");
    }
    found
}

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let server = Server::start().await;
    let mut expected = BTreeSet::new();
    for path in registered(&server).iter().filter(|path| !NO_ENDPOINTS.contains(&path.as_str())) {
        for method in methods(&server, path).await {
            expected.insert((path.clone(), method));
        }
    }
    let contract = contract(&server).await;
    let described: BTreeSet<_> =
        contract.operations().map(|(path, method, _)| (path.clone(), method.clone())).collect();
    let unknown: Vec<_> = expected.difference(&described).collect();
    assert!(unknown.is_empty(), "routes without a description in src/server/http/openapi: {unknown:?}");
    let gone: Vec<_> = described.difference(&expected).collect();
    assert!(gone.is_empty(), "described, but no routes: {gone:?}");
}

#[tokio::test]
async fn every_operation_has_a_name_a_purpose_and_answers() {
    let server = Server::start().await;
    let contract = contract(&server).await;
    let mut ids = BTreeSet::new();
    for (path, method, operation) in contract.operations() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
        for text in ["summary", "description"] {
            assert!(!operation[text].as_str().unwrap().is_empty(), "{method} {path}: no {text}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status < &"400".to_owned()), "{method} {path}: no success");
        for name in path.split(['{', '}']).skip(1).step_by(2) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|given| given["in"] == "path" && given["name"] == name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn every_example_is_valid() {
    let server = Server::start().await;
    assert!(contract(&server).await.check_examples() > 300);
}

#[tokio::test]
async fn both_forms_may_be_kept_but_must_be_asked_for_again() {
    let server = Server::start().await;
    for (path, media_type) in [(routes::OPENAPI, "application/json"), (routes::DOCS, "text/html; charset=utf-8")] {
        let first = Client::new(&server).get(path).await;
        assert_eq!((first.status.as_u16(), first.header("content-type").as_str()), (200, media_type));
        assert_eq!(first.header("cache-control"), "no-cache");
        let again = Client::new(&server).always("if-none-match", &first.header("etag")).get(path).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
        assert_eq!(again.header("etag"), first.header("etag"));
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_runs_no_script() {
    let server = Server::start().await;
    let page = Client::new(&server).get(routes::DOCS).await;
    for (path, method, operation) in contract(&server).await.operations() {
        let id = operation["operationId"].as_str().unwrap();
        // An endpoint that takes every method is shown once.
        let is_shown = page.body.contains(&format!(" id=\"{id}\"")) || path.starts_with("/forward-auth/");
        assert!(is_shown || operation["tags"][0] == "OpenID Connect", "{method} {path}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self' 'sha256-"), "{policy}");
    for forbidden in ["script", "unsafe", "connect-src"] {
        assert!(!policy.contains(forbidden), "{policy}");
    }
    for forbidden in ["<script", " style=", "src=\"http", "javascript:"] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
}

/// The name of the site is the operator's, and may have any letters.
#[tokio::test]
async fn the_sites_name_is_text() {
    let server = Server::with(&["--site-name", "<script>alert(1)</script>"]).await;
    let page = Client::new(&server).get(routes::DOCS).await.body;
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

/// A path that is not UTF-8 is one that does not exist.
#[tokio::test]
async fn a_malformed_path_is_not_found() {
    let server = Server::start().await;
    for path in ["/picture/%ff", "/static/x/%ff"] {
        Client::new(&server).get(path).await.refused(404, "not_found");
    }
}
