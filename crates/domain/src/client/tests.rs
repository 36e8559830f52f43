//! Which redirect URIs a client may use.

use super::*;
use proptest::prelude::*;

const REGISTERED: [&str; 6] = [
    "https://app.example/callback",
    "https://app.example:8443/login/oauth?tenant=a&x=1",
    "http://127.0.0.1/callback",
    "http://[::1]:8000/callback",
    "http://localhost:3000/a",
    "app.immich:///oauth-callback",
];

fn client(is_native: bool, uris: &[&str]) -> Client {
    let mut client = Client::new("app".parse().unwrap(), "App".to_owned());
    client.is_native = is_native;
    client.redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
    client
}

#[test]
fn an_id_needs_no_encoding() {
    for text in ["a", "grafana", "A.b_c-9", &"x".repeat(64)] {
        assert_eq!(text.parse::<ClientId>().unwrap().to_string(), text);
    }
    for text in ["", "a b", "a+b", "a%20b", "a:b", "文", "a/b", &"x".repeat(65)] {
        text.parse::<ClientId>().unwrap_err();
        serde_json::from_value::<ClientId>(text.into()).unwrap_err();
    }
}

#[test]
fn names_in_the_file_are_read_back() {
    for value in AssertionAlg::ALL {
        assert_eq!(value.as_str().parse(), Ok(*value));
    }
    assert_eq!(("ask".parse(), "never".parse()), (Ok(Consent::Ask), Ok(Consent::Never)));
    assert_eq!(("opaque".parse(), "jwt".parse()), (Ok(AccessTokenFormat::Opaque), Ok(AccessTokenFormat::Jwt)));
    assert_eq!("RS256".parse(), Ok(IdTokenAlg::Rs256));
    for name in ["", "none", "HS256", "rs256"] {
        assert!(name.parse::<AssertionAlg>().is_err() && name.parse::<IdTokenAlg>().is_err(), "{name}");
    }
}

#[test]
fn a_registered_uri_is_allowed_and_only_a_native_app_chooses_its_port() {
    for is_native in [false, true] {
        let client = client(is_native, &REGISTERED);
        for uri in REGISTERED {
            assert!(client.allows_redirect(uri), "{uri}");
        }
        for uri in ["http://127.0.0.1:49152/callback", "http://[::1]/callback", "http://localhost:1/a"] {
            assert_eq!(client.allows_redirect(uri), is_native, "{uri}");
        }
        for uri in [
            "",
            "https://app.example/callback/",
            "https://app.example/callback?",
            "https://app.example:443/callback",
            "https://app.example@evil.example/callback",
            "https://app.example/callback/..;/x",
            "https://app.example./callback",
            "https://app.example:9000/callback",
            "https://127.0.0.1/callback",
            "http://127.0.0.1:1/other",
            "http://127.0.0.2:1/callback",
            "http://localhost:1/callback",
            "http://127.0.0.1:1@evil.example/callback",
            "http://127.0.0.1:1/callback#x",
            "http://[::1]:1/a",
            "app.immich:/oauth-callback",
            "app.immich://oauth-callback",
        ] {
            assert!(!client.allows_redirect(uri), "{uri}");
        }
    }
    assert!(!client(true, &[]).allows_redirect("http://127.0.0.1/callback"));
}

#[test]
fn what_stays_on_the_device_is_known() {
    for uri in ["http://127.0.0.1:1/cb", "http://localhost/", "http://[::1]:9/cb", "app.immich:///oauth-callback"] {
        assert!(Client::is_loopback_or_custom(uri), "{uri}");
    }
    for uri in ["https://app.example/cb", "http://grafana.lan/cb", "https://localhost.example/cb", ""] {
        assert!(!Client::is_loopback_or_custom(uri), "{uri}");
    }
}

/// A character that an attacker might put in: any, or one that URL parsers treat specially.
fn character() -> impl Strategy<Value = char> {
    let special: Vec<char> = "@:/\\?#%.;*&=+ \t\r\n\0[]0aA文".chars().collect();
    prop_oneof![proptest::sample::select(special), any::<char>()]
}

fn mutation() -> impl Strategy<Value = (usize, String)> {
    (0..REGISTERED.len(), any::<proptest::sample::Index>(), character(), 0..3_u8).prop_map(|(uri, at, c, kind)| {
        let mut text: Vec<char> = REGISTERED[uri].chars().collect();
        let at = at.index(text.len());
        match kind {
            0 => text[at] = c,
            1 => text.insert(at, c),
            _ => drop(text.remove(at)),
        }
        (uri, text.into_iter().collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_registered_uri_with_one_other_character_is_refused((uri, mutated) in mutation()) {
        prop_assume!(mutated != REGISTERED[uri]);
        prop_assert!(!client(false, &[REGISTERED[uri]]).allows_redirect(&mutated), "{mutated}");
        // To a native app nothing but the port may differ.
        let allowed = client(true, &[REGISTERED[uri]]).allows_redirect(&mutated);
        prop_assert_eq!(allowed, uri::without_port(&mutated).is_some() && uri::without_port(&mutated) == uri::without_port(REGISTERED[uri]));
    }

    #[test]
    fn what_a_native_app_may_use_has_the_rules_of_what_it_registered(port in 1..=u16::MAX, text in ".{0,20}") {
        let client = client(true, &["http://127.0.0.1/callback"]);
        let uri = format!("http://127.0.0.1:{port}/callback");
        prop_assert!(client.allows_redirect(&uri));
        prop_assert_eq!(redirect_uri(&uri, true), Ok(UriKind::Loopback));
        let (longer, other) = (format!("{uri}{text}"), format!("http://127.0.0.1:{text}/callback"));
        prop_assert_eq!(client.allows_redirect(&longer), text.is_empty());
        let is_port = text.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == text);
        prop_assert_eq!(client.allows_redirect(&other), is_port);
    }

    #[test]
    fn an_accepted_uri_is_visible_ascii_without_a_way_out(uri in "(https|http|com\\.example)://?[ -~]{0,40}") {
        if redirect_uri(&uri, true).is_ok() {
            prop_assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!uri.contains(['#', '*', '\\', '<', '"']));
        }
    }

    #[test]
    fn no_text_makes_the_rules_panic(text in "\\PC{0,60}") {
        let _ = (redirect_uri(&text, true), site_host(&text), Client::is_loopback_or_custom(&text));
    }
}
