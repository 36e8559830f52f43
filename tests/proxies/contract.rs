//! Each proxy's contract, kept and broken by the test itself.

use super::checks;
use super::gate::{Gate, WIKI};
use super::https::headers;
use super::visitor::Visitor;
use domain::account::AccountChange;

#[tokio::test]
async fn nginx() {
    checks::all(&Gate::by("nginx").await).await;
}

#[tokio::test]
async fn caddy() {
    checks::all(&Gate::by("caddy").await).await;
}

#[tokio::test]
async fn traefik() {
    checks::all(&Gate::by("traefik").await).await;
}

#[tokio::test]
async fn envoy() {
    checks::all(&Gate::by("envoy").await).await;
}

/// A peer that is no trusted proxy learns nothing, whatever it asks and whichever cookie it has
#[tokio::test]
async fn m20_forward_auth_answers_no_one_but_its_proxy() {
    checks::only_the_proxy().await;
}

/// Each proxy is believed by the headers of its own contract alone, and its query is ignored
#[tokio::test]
async fn m20_forward_auth_reads_no_other_contracts_headers() {
    checks::no_other_contract().await;
}

/// The cookie of one site opens no other
#[tokio::test]
async fn m20_forward_auth_accepts_no_other_sites_cookie() {
    checks::another_sites_cookie(&Gate::by("nginx").await).await;
}

/// A visitor returns to the URL that the server has remembered, on the site's own host
#[tokio::test]
async fn m20_forward_auth_leads_nobody_to_another_host() {
    checks::redirects(&Gate::by("caddy").await).await;
}

/// The site's own paths on a host that is no site, and every other path on a site's host.
#[tokio::test]
async fn a_sites_host_serves_its_own_paths_alone() {
    let gate = Gate::by("caddy").await;
    for path in ["/", "/account", "/api/userinfo", "/oauth/authorize", "/.qr-login/", "/.qr-login/other"] {
        assert_eq!(gate.raw("GET", path, &[("Host", WIKI)]).await.status, 421, "{path}");
    }
    for path in ["/.qr-login/start", "/.qr-login/callback", "/.qr-login/logout"] {
        assert_eq!(gate.raw("GET", path, &[("Host", "unknown.example.com")]).await.status, 421, "{path}");
        assert_eq!(gate.raw("GET", path, &[("Host", "127.0.0.1")]).await.status, 404, "{path}");
    }
}

/// A site is no app: its id is worth nothing at the endpoints of OAuth.
#[tokio::test]
async fn a_site_cannot_be_used_as_an_app() {
    let gate = Gate::by("caddy").await;
    let visitor = Visitor::signed_in(&gate, "dong").await;
    let query = format!("client_id=.site&redirect_uri=https%3A%2F%2F{WIKI}%2F.qr-login%2Fcallback&response_type=code");
    let reply = visitor.login.get(&format!("/oauth/authorize?{query}")).await;
    assert_eq!((reply.status.as_u16(), reply.header("location").as_str()), (400, ""), "{}", reply.body);
    let callback = visitor.callback(WIKI, "/").await;
    let code = callback.split_once("code=").unwrap().1.split('&').next().unwrap();
    let redirect = format!("https://{WIKI}/.qr-login/callback");
    let verifier = visitor.cookie(WIKI, "__Host-qr_visit").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", ".site"),
        ("code", code),
        ("redirect_uri", &redirect),
        ("code_verifier", &verifier),
    ];
    let reply = visitor.login.post("/oauth/token", &form).await;
    assert_eq!(reply.json()["error"], "invalid_client", "{}", reply.body);
    assert_eq!(visitor.load(WIKI, &callback).await.status, 303, "and it still works where it should");
}

/// Signing in at a visit's URL works in any browser; but only the one that began it gets in.
#[tokio::test]
async fn a_visit_is_over_after_a_quarter_of_an_hour() {
    let (gate, hand) = Gate::still("envoy").await;
    let visitor = Visitor::signed_in(&gate, "dong").await;
    let start = visitor.turned_away(WIKI, "/").await;
    let callback = visitor.callback(WIKI, "/").await;
    hand.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(visitor.login.get(&start).await.status.as_u16(), 400);
    assert_eq!(visitor.load(WIKI, &callback).await.status, 400);
    for query in ["", "?r=", "?r=x", "?r=00000000-0000-4000-8000-000000000000"] {
        assert_eq!(visitor.login.get(&format!("/oauth/site{query}")).await.status.as_u16(), 400, "{query}");
    }
}

/// The assertion is signed again before it expires, and when the person changes.
#[tokio::test]
async fn an_assertion_is_repeated_for_half_of_its_life_at_most() {
    let (gate, hand) = Gate::still("caddy").await;
    let visitor = Visitor::signed_in(&gate, "dong").await;
    let assertion = async || headers(&visitor.seen(WIKI, "/").await, "x-qr-login-assertion")[0].to_owned();
    visitor.open(WIKI, "/").await;
    let first = assertion().await;
    hand.advance(std::time::Duration::from_secs(29));
    assert_eq!(assertion().await, first);
    hand.advance(std::time::Duration::from_secs(1));
    let second = assertion().await;
    assert_ne!(second, first);
    let change = AccountChange { add_groups: vec!["staff".to_owned()], ..AccountChange::default() };
    gate.server.app.accounts.change("dong", &change).await.unwrap().unwrap();
    assert_ne!(assertion().await, second);
}
