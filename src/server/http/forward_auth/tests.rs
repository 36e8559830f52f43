use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

const NGINX: [(&str, &str); 2] = [("x-original-url", "https://wiki.example/a?b"), ("x-original-method", "POST")];
const CADDY: [(&str, &str); 4] = [
    ("x-forwarded-host", "wiki.example"),
    ("x-forwarded-uri", "/a?b"),
    ("x-forwarded-method", "POST"),
    ("x-forwarded-proto", "https"),
];

fn read_by(contract: Contract, pairs: &[(&'static str, &'static str)]) -> Option<String> {
    let headers = headers(pairs);
    let asked = read(contract, &Method::GET, "/forward-auth/envoy/e?f", &headers)?;
    Some(format!("{} {}{} {}", asked.method, asked.host, asked.path, asked.is_secure))
}

#[test]
fn each_contract_reads_its_own_headers_alone() {
    let all = [&NGINX[..], &CADDY, &[("host", "envoy.example")]].concat();
    assert_eq!(read_by(Contract::Nginx, &all).as_deref(), Some("POST wiki.example/a?b true"));
    assert_eq!(read_by(Contract::Caddy, &all).as_deref(), Some("POST wiki.example/a?b true"));
    assert_eq!(read_by(Contract::Envoy, &all).as_deref(), Some("GET envoy.example/e?f true"));
    assert_eq!(read_by(Contract::Nginx, &CADDY), None);
    assert_eq!(read_by(Contract::Traefik, &NGINX), None);
    assert_eq!(read_by(Contract::Envoy, &CADDY), None);
}

#[test]
fn a_header_that_is_missing_or_repeated_breaks_the_contract() {
    for (at, header) in CADDY.iter().enumerate() {
        let mut fewer = CADDY.to_vec();
        fewer.remove(at);
        assert_eq!(read_by(Contract::Caddy, &fewer), None, "without {}", header.0);
        let more = [&CADDY[..], &[*header]].concat();
        assert_eq!(read_by(Contract::Traefik, &more), None, "{} twice", header.0);
    }
    assert_eq!(read_by(Contract::Nginx, &[NGINX[0], NGINX[0], NGINX[1]]), None);
    assert_eq!(read_by(Contract::Nginx, &[("x-original-url", "http://wiki.example/"), NGINX[1]]), None);
}

#[test]
fn only_a_browser_that_loads_a_page_is_redirected() {
    let page = [("accept", "text/html,application/xhtml+xml")];
    let navigates = |method, pairs: &[(&'static str, &'static str)]| is_navigation(method, &headers(pairs));
    assert!(navigates("GET", &page) && navigates("HEAD", &page));
    let navigation = ("sec-fetch-mode", "navigate");
    for window in [&[][..], &[("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")]] {
        assert!(navigates("GET", &[&[navigation], window].concat()), "{window:?}");
    }
    assert!(navigates("GET", &[navigation, ("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-site")]));
    for method in ["POST", "PUT", "OPTIONS", "get", ""] {
        assert!(!navigates(method, &page), "{method}");
    }
    for other in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "application/json")],
        &[page[0], ("sec-fetch-mode", "cors")],
        &[page[0], ("sec-fetch-mode", "websocket")],
        &[page[0], ("upgrade", "websocket")],
        &[navigation, ("sec-purpose", "prefetch")],
        &[navigation, ("sec-fetch-dest", "embed")],
        &[navigation, ("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site")],
    ] {
        assert!(!navigates("GET", other), "{other:?}");
    }
}

#[test]
fn every_header_is_sent_even_if_there_is_nothing_to_say() {
    assert_eq!(encoded("Ana O'Neil (2)"), "Ana O'Neil (2)");
    assert_eq!(encoded("\u{e9}\r\nX: 100%\u{7f}"), "%C3%A9%0D%0AX: 100%25%7F");
    assert_eq!(encoded("\u{738b}"), "%E7%8E%8B");
    assert_eq!(encoded(""), "");
}

#[test]
fn a_proxy_asks_at_these_paths_alone() {
    for path in ["/forward-auth/nginx", "/forward-auth/envoy/", "/forward-auth/envoy/a//b"] {
        assert!(is_asked_at(path), "{path}");
    }
    for path in ["/", "/forward-auth/", "/forward-auth/nginx/", "/forward-auth/envoyx", "/forward-auth/envoy"] {
        assert!(!is_asked_at(path), "{path}");
    }
}
