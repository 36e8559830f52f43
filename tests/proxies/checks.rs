//! What has to hold behind every proxy.

pub use super::doors::{another_sites_cookie, foreign_state, no_other_contract, only_the_proxy, redirects};
use super::echo::SOCKET;
use super::gate::{FORUM, Gate, VAULT, WIKI, Way, close_wiki};
use super::https::headers;
use super::visitor::{PAGE, Visitor};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::AccountChange;
use serde_json::{Value, json};

/// Runs all of them, the destructive ones last.
pub async fn all(gate: &Gate) {
    strangers(gate).await;
    sign_in(gate).await;
    assertion(gate).await;
    foreign_state(gate).await;
    another_sites_cookie(gate).await;
    redirects(gate).await;
    groups(gate).await;
    sign_out(gate).await;
    ended_session(gate).await;
    closed_site(gate).await;
}

/// A browser that loads a page signs in; everything else learns that it may not.
pub async fn strangers(gate: &Gate) {
    let visitor = Visitor::new(gate);
    let upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-Fetch-Mode", "websocket")];
    let frame = [PAGE[0], PAGE[1], ("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "cross-site")];
    for (method, lines) in [
        ("GET", &[("Accept", "application/json"), ("Sec-Fetch-Mode", "cors")][..]),
        ("GET", &frame),
        ("GET", &[PAGE[0], PAGE[1], ("Sec-Purpose", "prefetch")]),
        ("GET", &[("Accept", "*/*")]),
        ("GET", &[]),
        ("POST", &PAGE),
        ("DELETE", &PAGE),
        ("GET", &upgrade),
    ] {
        let reply = visitor.send(method, WIKI, "/a", lines).await;
        assert_eq!((reply.status, reply.header("location")), (401, ""), "{method} {lines:?}: {reply:?}");
        assert!(headers(&reply.head, "set-cookie").is_empty(), "{reply:?}");
    }
    for lines in [&PAGE[..], &PAGE[..1], &PAGE[1..]] {
        let reply = visitor.send("GET", WIKI, "/a?b=c", lines).await;
        assert_eq!(reply.status, 302, "{lines:?}: {reply:?}");
        assert_eq!(headers(&reply.head, "set-cookie").len(), 1, "{reply:?}");
    }
    let forged = visitor.send("GET", WIKI, "/a", &[("Cookie", "__Host-qr_site=qrs_AAAA")]).await;
    assert_eq!(forged.status, 401);
    // Whatever a proxy does about a host that is not its own, the application does not see the request.
    let unknown = visitor.send("GET", "unknown.example.com", "/", &PAGE).await;
    assert!(!unknown.body.starts_with("GET "), "{unknown:?}");
}

/// The whole way, and every header, none of which the browser can forge.
pub async fn sign_in(gate: &Gate) {
    let visitor = Visitor::new(gate);
    let start = visitor.turned_away(WIKI, "/page?q=1&r=%2F").await;
    // The visitor is not signed in on our host either: the phone sees which site it is for.
    let page = visitor.login.get(&start).await;
    let to_page = page.header("location");
    let shown = visitor.login.get(&to_page).await;
    assert!(shown.body.contains(WIKI), "{}", shown.body);
    visitor.scan("dong").await;
    let change = AccountChange {
        display_name: Some("D\u{f4}ng 100%".to_owned()),
        email: Some(Some("dong@example.com".to_owned())),
        groups: Some(vec!["staff".to_owned(), "admins".to_owned()]),
        ..AccountChange::default()
    };
    gate.server.app.accounts.change("dong", &change).await.unwrap().unwrap();
    let head = visitor.open(WIKI, "/page?q=1&r=%2F").await;
    let one = |name: &str| match headers(&head, name)[..] {
        [value] => value.to_owned(),
        ref values => panic!("{name}: {values:?} in {head}"),
    };
    assert_eq!(one("remote-user"), "dong");
    assert_eq!(one("remote-name"), "D%C3%B4ng 100%25");
    assert_eq!(one("remote-email"), "dong@example.com");
    assert_eq!(one("remote-groups"), "admins,staff");
    let id = gate.server.app.accounts.id_of("dong").await.unwrap().unwrap();
    assert_eq!(one("remote-sub"), id.to_string());
    assert!(!one("x-qr-login-assertion").is_empty());
    // Headers that the browser brings along, and their aliases.
    let forged = [
        ("Remote-User", "forged"),
        ("remote-groups", "forged"),
        ("REMOTE-NAME", "forged"),
        ("Remote_User", "forged"),
        ("Remote.User", "forged"),
        ("Remote_Groups", "forged"),
        ("Remote.Groups", "forged"),
        ("X-Qr-Login-Assertion", "forged"),
        ("X_Qr_Login_Assertion", "forged"),
        ("X.Qr.Login.Assertion", "forged"),
    ];
    let reply = visitor.send("GET", WIKI, "/page", &[&PAGE[..], &forged].concat()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    if !matches!(gate.way, Way::Contract(_)) {
        assert!(!reply.body.contains("forged"), "{}", reply.body);
    }
    assert_eq!(headers(&reply.body, "remote-user"), ["dong"], "{reply:?}");
    // A person about whom little is known: no header is missing, so that none can be forged.
    let guest = Visitor::signed_in(gate, "guang").await;
    guest.open(WIKI, "/").await;
    let reply = guest.send("GET", WIKI, "/", &[&PAGE[..], &forged].concat()).await;
    assert_eq!(headers(&reply.body, "remote-user"), ["guang"], "{reply:?}");
    let groups = headers(&reply.body, "remote-groups");
    assert!(groups.iter().all(|groups| groups.trim().is_empty()), "{groups:?}");
    // The same for a form and a script.
    for (method, lines) in [("POST", &PAGE[..]), ("GET", &[("Accept", "application/json")])] {
        assert_eq!(visitor.send(method, WIKI, "/page", lines).await.status, 200, "{method}");
    }
    // And a WebSocket.
    let upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-Fetch-Mode", "websocket")];
    let reply = visitor.send("GET", WIKI, SOCKET, &upgrade).await;
    let is_asked_alone = matches!(gate.way, Way::Contract(_));
    assert_eq!(reply.status, if is_asked_alone { 200 } else { 101 }, "{reply:?}");
    assert_eq!(headers(&reply.body, "remote-user"), ["dong"], "{reply:?}");
}

/// A token for this site alone, which lives for a minute.
pub async fn assertion(gate: &Gate) {
    let visitor = Visitor::signed_in(gate, "dong").await;
    let wiki = claims(&visitor.open(WIKI, "/").await);
    let forum = claims(&visitor.open(FORUM, "/").await);
    assert_eq!((&wiki["aud"], &forum["aud"]), (&json!(WIKI), &json!(FORUM)));
    assert_eq!(wiki["iss"], gate.server.origin());
    assert_eq!(wiki["exp"].as_i64().unwrap() - wiki["iat"].as_i64().unwrap(), 60);
    assert_eq!(wiki["preferred_username"], "dong");
}

fn claims(head: &str) -> Value {
    let token = headers(head, "x-qr-login-assertion")[0].to_owned();
    let parts: Vec<_> = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let header: Value = serde_json::from_slice(&parts[0]).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("qr-login-assertion+jwt")));
    serde_json::from_slice(&parts[1]).unwrap()
}

/// A site may be for some groups alone, and leaving one takes effect at once.
pub async fn groups(gate: &Gate) {
    let change = async |groups: &[&str]| {
        let groups = Some(groups.iter().map(|group| (*group).to_owned()).collect());
        let change = AccountChange { groups, ..AccountChange::default() };
        gate.server.app.accounts.change("dong", &change).await.unwrap().unwrap();
    };
    gate.server.account("dong").await;
    change(&["staff"]).await;
    let visitor = Visitor::signed_in(gate, "dong").await;
    let callback = visitor.callback(VAULT, "/").await;
    assert!(callback.contains("error=access_denied"), "{callback}");
    let reply = visitor.load(VAULT, &callback).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(reply.body.contains("may not open"), "{reply:?}");
    change(&["admins"]).await;
    visitor.open(VAULT, "/").await;
    change(&[]).await;
    assert_eq!(visitor.load(VAULT, "/").await.status, 403);
    change(&["admins"]).await;
    visitor.seen(VAULT, "/").await;
}

/// Signing out of one site.
pub async fn sign_out(gate: &Gate) {
    let visitor = Visitor::signed_in(gate, "dong").await;
    visitor.open(WIKI, "/").await;
    visitor.open(FORUM, "/").await;
    let old = visitor.cookie(WIKI, "__Host-qr_site").unwrap();
    let foreign = visitor.send("GET", WIKI, "/.qr-login/logout", &[("Sec-Fetch-Site", "cross-site")]).await;
    assert_eq!((foreign.status, foreign.header("set-cookie")), (303, ""), "{foreign:?}");
    visitor.seen(WIKI, "/").await;
    let reply = visitor.send("GET", WIKI, "/.qr-login/logout", &[("Sec-Fetch-Site", "same-origin")]).await;
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(reply.header("location"), format!("{}/oauth/logout", gate.server.origin()));
    assert_eq!(visitor.cookie(WIKI, "__Host-qr_site"), None);
    visitor.set_cookie(WIKI, "__Host-qr_site", &old);
    assert_eq!(visitor.load(WIKI, "/").await.status, 302, "the old cookie is worthless");
    visitor.seen(FORUM, "/").await;
}

/// The end of the session ends every site at once.
pub async fn ended_session(gate: &Gate) {
    let visitor = Visitor::signed_in(gate, "dong").await;
    visitor.open(WIKI, "/").await;
    visitor.open(FORUM, "/").await;
    visitor.login.post("/api/logout", &[]).await.ok();
    for host in [WIKI, FORUM] {
        assert_eq!(visitor.send("GET", host, "/", &[("Accept", "application/json")]).await.status, 401);
    }
    let visitor = Visitor::signed_in(gate, "guang").await;
    visitor.open(WIKI, "/").await;
    gate.server.app.accounts.set_disabled("guang", true).await.unwrap();
    assert_eq!(visitor.send("POST", WIKI, "/", &[]).await.status, 401);
}

/// A site that is no longer listed lets no visitor in.
pub async fn closed_site(gate: &Gate) {
    let visitor = Visitor::signed_in(gate, "dong").await;
    visitor.open(WIKI, "/").await;
    close_wiki(&gate.server);
    let reply = visitor.load(WIKI, "/").await;
    assert_eq!(reply.status, 403, "{reply:?}");
}
