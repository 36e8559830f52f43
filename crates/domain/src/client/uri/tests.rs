//! Which URIs are accepted.

use super::*;

fn accepted(uri: &str, kind: UriKind) {
    assert_eq!(redirect_uri(uri, true), Ok(kind), "{uri}");
    assert_eq!(redirect_uri(uri, false).is_ok(), kind != UriKind::Custom, "{uri}");
}

#[test]
fn uris_of_real_apps_are_accepted() {
    for uri in [
        "https://grafana.example/login/generic_oauth",
        "https://app.example",
        "https://app.example:8443/cb?tenant=1",
        "https://[2001:db8::1]/cb",
        "https://app.example/@user/cb%20x",
    ] {
        accepted(uri, UriKind::Https);
    }
    for uri in ["http://127.0.0.1/cb", "http://[::1]:8000/cb", "http://localhost:3000/", "https://localhost/cb"] {
        accepted(uri, UriKind::Loopback);
    }
    for uri in ["http://grafana.lan:3000/cb", "http://192.168.1.9/cb", "http://jupyter:8000/hub/oauth_callback"] {
        accepted(uri, UriKind::PlainHttp);
    }
    for uri in ["app.immich:///oauth-callback", "com.example.app:/cb", "cursor://anysphere.cursor-mcp/oauth/callback"] {
        accepted(uri, UriKind::Custom);
    }
}

#[test]
fn what_leads_astray_is_refused() {
    for uri in [
        "",
        "/callback",
        "app.example/cb",
        "//app.example/cb",
        ":",
        "https:",
        "https:/app.example/cb",
        "https://",
        "https:///cb",
        "HTTPS://app.example/cb",
        "https://App.example/cb",
        "https://app.example./cb",
        "https://app.example/cb#",
        "https://app.example/cb#x",
        "https://*.example/cb",
        "https://app.example/*",
        "https://me@app.example/cb",
        "https://me:pw@app.example",
        "https://app.example\\@evil.example/cb",
        "https://app.example/ cb",
        "https://app.example/cb\n",
        "https://app.example/cb\0",
        "https://app.example/é",
        "https://例子.example/cb",
        "https://app.example/a/../cb",
        "https://app.example/%2E%2e/cb",
        "https://app.example/.",
        "https://app.example/%zz",
        "https://app.example/%4",
        "https://app.example:/cb",
        "https://app.example:0/cb",
        "https://app.example:65536/cb",
        "https://app.example/[x]",
        "http://app.example/cb",
        "http://8.8.8.8/cb",
        "http://localhost.evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://0x7f.0.0.1/cb",
        "javascript:alert(1)",
        "JavaScript://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "about:blank",
        "view-source:https://app.example",
        "ws://app.example/",
        "wss://app.example/",
        "ftp://app.example/",
        "intent://x/#Intent;end",
        "com.example.app:",
        "1app:/cb",
        "my_app:/cb",
        "com.example.app://user@host/cb",
    ] {
        for is_native in [false, true] {
            assert!(redirect_uri(uri, is_native).is_err(), "{uri}");
        }
    }
    let uri = |length: usize| format!("https://app.example/{}", "a".repeat(length - 20));
    assert!(redirect_uri(&uri(MAX_URI), false).is_ok() && redirect_uri(&uri(MAX_URI + 1), false).is_err());
}

#[test]
fn a_logout_is_posted_to_a_host() {
    assert_eq!(logout_uri("https://app.example/logout"), Ok(UriKind::Https));
    assert_eq!(logout_uri("http://app:8080/logout"), Ok(UriKind::PlainHttp));
    assert!(logout_uri("com.example.app:/logout").is_err() && logout_uri("http://app.example/logout").is_err());
    assert_eq!(resource_uri("urn:example:api"), Ok(UriKind::Custom));
}

#[test]
fn only_a_port_of_this_machine_is_left_out() {
    assert_eq!(without_port("http://127.0.0.1:80/cb?a=:1"), Some(("http://127.0.0.1", "/cb?a=:1")));
    assert_eq!(without_port("http://[::1]/cb"), Some(("http://[::1]", "/cb")));
    assert_eq!(without_port("http://localhost:65535"), Some(("http://localhost", "")));
    for uri in [
        "https://127.0.0.1:80/",
        "http://127.0.0.2/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:08/",
        "http://127.0.0.1:+8/",
        "http://127.0.0.1:65536/",
        "http://localhost1/",
        "http://localhost:1#/",
        "HTTP://localhost/",
    ] {
        assert_eq!(without_port(uri), None, "{uri}");
    }
}
