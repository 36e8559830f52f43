//! Who wants in at the doors of forward-auth, and how.

use super::gate::{FORUM, Gate, Reply, WIKI, Way, server};
use super::https::headers;
use super::visitor::{PAGE, Visitor};

/// A sign-in that another browser began, or that was finished already, signs no visitor in.
pub async fn foreign_state(gate: &Gate) {
    let refused = |reply: &Reply| {
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(!reply.head.to_lowercase().contains("set-cookie: __host-qr_site"), "{reply:?}");
    };
    let attacker = Visitor::signed_in(gate, "guang").await;
    let victim = Visitor::signed_in(gate, "dong").await;
    // The attacker's own callback, opened by the victim, with and without a sign-in of the victim's under way.
    let theirs = attacker.callback(WIKI, "/").await;
    refused(&victim.load(WIKI, &theirs).await);
    let own = victim.callback(WIKI, "/own").await;
    refused(&victim.load(WIKI, &theirs).await);
    // The attacker's code with the victim's state, and the reverse.
    let state = |callback: &str| parameter(callback, "state");
    let code = |callback: &str| parameter(callback, "code");
    for (code, state) in [(code(&theirs), state(&own)), (code(&own), state(&theirs))] {
        refused(&victim.load(WIKI, &format!("/.qr-login/callback?code={code}&state={state}")).await);
    }
    for query in ["", "?code=x", "?state=x&code=y", &format!("?state={0}&state={0}&code={1}", state(&own), code(&own))]
    {
        refused(&victim.load(WIKI, &format!("/.qr-login/callback{query}")).await);
    }
    // At another site, although its cookie has the same name.
    let secret = victim.cookie(WIKI, "__Host-qr_visit").unwrap();
    victim.set_cookie(FORUM, "__Host-qr_visit", &secret);
    refused(&victim.load(FORUM, &own).await);
    // Nothing of that has used it up; but it can be used once.
    assert_eq!(victim.load(WIKI, &own).await.status, 303);
    refused(&victim.load(WIKI, &own).await);
    assert!(headers(&victim.seen(WIKI, "/").await, "remote-user") == ["dong"]);
    // Two tabs at once.
    let visitor = Visitor::signed_in(gate, "dong").await;
    let (one, two) = (visitor.callback(WIKI, "/1").await, visitor.callback(WIKI, "/2").await);
    assert_eq!(visitor.load(WIKI, &one).await.header("location"), format!("https://{WIKI}/1"));
    assert_eq!(visitor.load(WIKI, &two).await.header("location"), format!("https://{WIKI}/2"));
}

fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// The cookie of one site opens no other, and neither does our own host's.
pub async fn another_sites_cookie(gate: &Gate) {
    let visitor = Visitor::signed_in(gate, "dong").await;
    visitor.open(WIKI, "/").await;
    let cookie = visitor.cookie(WIKI, "__Host-qr_site").unwrap();
    let attempt = async |host: &str, line: String| {
        gate.send("GET", host, "/", &[("Cookie", &line), ("Accept", "application/json")]).await.status
    };
    assert_eq!(attempt(WIKI, format!("__Host-qr_site={cookie}")).await, 200);
    for line in [
        format!("__Host-qr_site={cookie}"),
        format!("__Host-qr_pc={}", visitor.login.cookie("qr_pc").unwrap()),
        format!("__Host-qr_site={}", visitor.login.cookie("qr_pc").unwrap()),
    ] {
        assert_eq!(attempt(FORUM, line).await, 401);
    }
    for line in [
        format!("qr_site={cookie}"),
        format!("__Host-qr_site={cookie}; __Host-qr_site=planted"),
        format!("%5F%5FHost-qr_site={cookie}"),
        format!("__Host-qr_site={}", cookie.replacen("qrs_", "qra_", 1)),
    ] {
        assert_eq!(attempt(WIKI, line.clone()).await, 401, "{line}");
    }
}

/// No browser is sent to another host, whatever the request says.
pub async fn redirects(gate: &Gate) {
    for path in ["/?rd=https://evil.example/", "//evil.example/", "/@evil.example/", "/.evil.example"] {
        let visitor = Visitor::signed_in(gate, "dong").await;
        let callback = visitor.callback(WIKI, path).await;
        let extra = "&rd=https://evil.example&url=https://evil.example&return=https://evil.example";
        let reply = visitor.load(WIKI, &format!("{callback}{extra}")).await;
        assert_eq!(reply.status, 303, "{path}: {reply:?}");
        let location = reply.header("location");
        assert!(location.starts_with(&format!("https://{WIKI}/")), "{path}: {location}");
    }
    let lines = [("X-Forwarded-Host", "evil.example"), ("X-Original-URL", "https://evil.example/")];
    if !matches!(gate.way, super::gate::Way::Contract(_)) {
        let lines =
            [&PAGE[..], &lines, &[("X-Forwarded-Uri", "@evil.example"), ("X-Forwarded-Method", "HEAD")]].concat();
        let stranger = Visitor::signed_in(gate, "dong").await;
        let reply = stranger.send("GET", WIKI, "/real", &lines).await;
        assert_eq!(reply.status, 302, "{reply:?}");
        let start = reply.header("location").strip_prefix(&gate.server.origin()).unwrap().to_owned();
        let location = stranger.login.get(&start).await.header("location");
        let callback = location.strip_prefix(&format!("https://{WIKI}")).unwrap().to_owned();
        assert_eq!(stranger.load(WIKI, &callback).await.header("location"), format!("https://{WIKI}/real"));
    }
    // The site's own link to sign in.
    let reply = Visitor::new(gate).load(FORUM, "/.qr-login/start?rd=https://evil.example/").await;
    assert_eq!(reply.status, 303, "{reply:?}");
    assert!(reply.header("location").starts_with(&format!("{}/oauth/site?r=", gate.server.origin())), "{reply:?}");
}

const CONTRACTS: [&str; 4] = ["nginx", "caddy", "traefik", "envoy"];

/// A caller that reaches the port might ask in a proxy's name, with a cookie that was stolen or its own, to get an assertion
/// without the site, or to find out which sites there are.
pub async fn only_the_proxy() {
    let mut gate = Gate::by("nginx").await;
    let visitor = Visitor::signed_in(&gate, "dong").await;
    visitor.open(WIKI, "/").await;
    let cookie = format!("__Host-qr_site={}", visitor.cookie(WIKI, "__Host-qr_site").unwrap());
    for contract in CONTRACTS {
        gate.way = Way::Contract(contract);
        assert_eq!(gate.send("GET", WIKI, "/", &[("Cookie", &cookie)]).await.status, 200, "{contract}");
    }
    for contract in CONTRACTS {
        let gate = Gate { server: server("192.0.2.1").await, way: Way::Contract(contract) };
        for host in [WIKI, "unknown.example.com"] {
            let reply = gate.send("GET", host, "/", &[&PAGE[..], &[("Cookie", &cookie)]].concat()).await;
            assert_eq!((reply.status, reply.body.as_str()), (403, ""), "{reply:?}");
            assert!(!reply.head.to_lowercase().contains("remote-"), "{reply:?}");
        }
    }
}

/// A header of another contract, which this proxy passes on as the client sent it.
pub async fn no_other_contract() {
    let mut gate = Gate::by("nginx").await;
    let visitor = Visitor::signed_in(&gate, "dong").await;
    visitor.open(WIKI, "/").await;
    let cookie = format!("__Host-qr_site={}", visitor.cookie(WIKI, "__Host-qr_site").unwrap());
    let own = |host: &str| gate_lines(host, &cookie);
    for contract in CONTRACTS {
        let others: Vec<(&str, String)> = own(WIKI).into_iter().filter(|(name, _)| !is_of(contract, name)).collect();
        let lines: Vec<_> = others.iter().map(|(name, value)| (*name, value.as_str())).collect();
        gate.way = Way::Contract(contract);
        // The proxy's own headers name another site, where the cookie is worth nothing.
        let reply = gate.send("GET", FORUM, "/", &lines).await;
        assert_eq!(reply.status, 401, "{contract}: {reply:?}");
    }
}

fn gate_lines(host: &str, cookie: &str) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Cookie", cookie.to_owned())];
    lines.push(("X-Original-URL", format!("https://{host}/")));
    lines.extend([("X-Original-Method", "GET".to_owned()), ("X-Forwarded-Method", "GET".to_owned())]);
    lines.extend([("X-Forwarded-Host", host.to_owned()), ("X-Forwarded-Uri", "/".to_owned())]);
    lines
}

fn is_of(contract: &str, header: &str) -> bool {
    match contract {
        "nginx" => header.starts_with("X-Original"),
        "envoy" => false,
        _ => header.starts_with("X-Forwarded"),
    }
}
