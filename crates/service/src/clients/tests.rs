//! Tests of the file's format.

use super::*;
use domain::client::{AccessTokenFormat, AssertionAlg, Consent, Scopes};
use proptest::prelude::*;

const HASH: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

fn app(more: &str) -> String {
    format!(
        "[[client]]\nid = \"grafana\"\nname = \"Grafana\"\nsecret_sha256 = [\"{HASH}\"]\n\
         redirect_uris = [\"https://grafana.example/login\"]\n{more}\n"
    )
}

fn problems(text: &str) -> String {
    Clients::parse(text).unwrap_err().to_string()
}

#[test]
fn an_app_has_safe_defaults() {
    let clients = Clients::parse(&app("")).unwrap();
    let client = clients.client("grafana").unwrap();
    assert_eq!(client.scopes, Scopes::parse("openid profile email"));
    assert!(client.require_pkce && !client.is_public && !client.is_native && !client.device && !client.long_poll);
    assert_eq!(
        (client.consent, client.access_token, client.refresh_days),
        (Consent::Ask, AccessTokenFormat::Opaque, 30)
    );
    assert!(clients.client("Grafana").is_none() && clients.client("").is_none());
    assert_eq!(clients.summary(), "1 client, 0 sites, 0 issuers");
    assert_eq!(clients.warnings(), [""; 0]);
}

/// Sites behind a proxy have the id `.site`.
#[test]
fn ids_of_our_own_are_refused() {
    for id in [".site", ".other", "."] {
        let found = problems(&app("").replace("\"grafana\"", &format!("\"{id}\"")));
        let expected = format!("line 2: client {id}: `id` \"{id}\" must not begin with a dot");
        assert!(found.starts_with(&expected), "{found}");
    }
    assert!(Clients::parse(&app("").replace("\"grafana\"", "\"a.site\"")).is_ok());
}

#[test]
fn every_key_is_read() {
    let text = app(
        "logo_url = \"https://grafana.example/logo.svg\"\npost_logout_redirect_uris = [\"https://grafana.example/\"]\n\
         backchannel_logout_uri = \"https://grafana.example/logout\"\nrequire_pkce = false\n\
         scopes = [\"openid\", \"groups\", \"offline_access\"]\ngroups_allowed = [\"admins\"]\nconsent = \"never\"\n\
         id_token_alg = \"RS256\"\naccess_token = \"jwt\"\nresources = [\"https://api.example\"]\ndevice = true\n\
         long_poll = true\nrefresh_days = 7\n[[site]]\nhost = \"wiki.example\"\ngroups_allowed = [\"staff\"]\n\
         [[issuer]]\niss = \"https://company.example\"\njwks_url = \"https://company.example/jwks.json\"\n\
         algs = [\"RS256\", \"EdDSA\"]\nprovision = true\nclaims = { email = \"mail\" }",
    );
    let clients = Clients::parse(&text).unwrap();
    let client = clients.client("grafana").unwrap();
    assert_eq!(client.logo_url.as_deref(), Some("https://grafana.example/logo.svg"));
    assert_eq!(client.backchannel_logout_uri.as_deref(), Some("https://grafana.example/logout"));
    assert_eq!(client.scopes, Scopes::parse("openid groups offline_access"));
    assert_eq!((client.groups_allowed.as_slice(), client.refresh_days), (&["admins".to_owned()][..], 7));
    assert!(client.device && client.long_poll && !client.require_pkce);
    assert_eq!((client.consent, client.access_token), (Consent::Never, AccessTokenFormat::Jwt));
    assert_eq!(client.resources, ["https://api.example"]);
    assert_eq!(clients.site("wiki.example").unwrap().groups_allowed, ["staff"]);
    assert!(clients.site("WIKI.example").is_none());
    let issuer = clients.issuer("https://company.example").unwrap();
    assert_eq!(issuer.algs, [AssertionAlg::Rs256, AssertionAlg::EdDsa]);
    assert_eq!((issuer.provision, issuer.claims["email"].as_str()), (true, "mail"));
}

#[test]
fn an_error_names_the_line_the_entry_and_the_key() {
    for (more, line, part) in [
        ("colour = \"red\"", 6, "client grafana: `colour` is no key of a client"),
        ("secret = \"s3cret\"", 6, "`secret` is not stored"),
        ("scopes = [\"openid\",\n \"root\"]", 7, "`scopes` \"root\" is not allowed: openid, profile"),
        ("consent = \"always\"", 6, "`consent` \"always\" is not allowed: \"ask\" or \"never\""),
        ("public = 1", 6, "`public` must be true or false, not a number"),
        ("refresh_days = 0", 6, "`refresh_days` must be a whole number from 1 to 365"),
        ("public = true", 4, "`secret_sha256` cannot be there for a public client"),
        ("native = true\nconsent = \"never\"", 7, "`consent` cannot be \"never\" for a native client"),
        ("native = true\nrequire_pkce = false", 7, "`require_pkce` cannot be false"),
        ("long_poll = true", 6, "`long_poll` needs `device = true`"),
        ("groups_allowed = [\"a,b\"]", 6, "`groups_allowed` \"a,b\""),
        ("[[site]]\nhost = \"https://wiki.example\"", 7, "`host`"),
        ("[[issuer]]\niss = \"x\"\njwks_url = \"http://company.example\"\nalgs = [\"RS256\"]", 8, "`jwks_url`"),
        ("[[issuer]]\niss = \"x\"\njwks_url = \"https://company.example\"\nalgs = [\"HS256\"]", 9, "`algs` \"HS256\""),
        ("[[other]]\nx = 1", 6, "`other` is unknown"),
        ("[site]\nhost = \"wiki.example\"", 6, "must be written as [[site]]"),
        ("name = \"again\"", 6, ""),
    ] {
        let text = problems(&app(more));
        assert!(text.contains(&format!("line {line}: ")) && text.contains(part), "{more}: {text}");
    }
    let none = problems("[[client]]\nname = \"x\"");
    assert!(none.contains("line 1: client: `id` is missing") && none.contains("`secret_sha256` is missing"), "{none}");
}

#[test]
fn a_redirect_uri_that_leads_astray_is_refused() {
    for uri in [
        "http://grafana.com/login",
        "https://grafana.example/login#x",
        "https://*.example/login",
        "https://user@grafana.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "com.example.app:/callback",
        "/login",
        "",
    ] {
        let text = app("").replace("https://grafana.example/login", uri);
        assert!(problems(&text).contains("`redirect_uris`"), "{uri}");
    }
    let native = app("native = true").replace("https://grafana.example/login", "com.example.app:/callback");
    Clients::parse(&native).unwrap();
    let private = Clients::parse(&app("").replace("https://grafana.example", "http://grafana.lan:3000")).unwrap();
    assert!(private.warnings()[0].contains("http"), "{:?}", private.warnings());
}

#[test]
fn everything_wrong_is_reported_at_once_and_no_secret_is_repeated() {
    let text = app("public = \"s3cret\"\nscopes = \"openid\"").replace(HASH, "s3cret-s3cret");
    let problems = problems(&text);
    assert_eq!(problems.lines().count(), 3, "{problems}");
    assert!(!problems.contains("s3cret"), "{problems}");
}

#[test]
fn an_entry_occurs_once() {
    let text = app("") + &app("");
    assert!(problems(&text).contains("line 8: client grafana: `id` is the same"), "{}", problems(&text));
}

#[test]
fn a_secret_of_the_list_fits_and_nothing_else() {
    let clients = Clients::parse(&app("").replace(HASH, &format!("{HASH}\", \"{}", "0".repeat(64)))).unwrap();
    let client = clients.client("grafana").unwrap();
    assert!(verify_secret(&client, "hello world"));
    for wrong in ["", "hello", "hello world ", HASH] {
        assert!(!verify_secret(&client, wrong), "{wrong}");
    }
    let public = Client { secrets: Vec::new(), ..(*client).clone() };
    assert!(!verify_secret(&public, ""));
}

#[test]
fn a_reload_says_what_it_changed() {
    let registry = Registry::default();
    let changes = registry.replace(Clients::parse(&app("")).unwrap());
    assert_eq!(changes.to_string(), "added grafana");
    let before = registry.current();
    let other = app("refresh_days = 7") + "[[site]]\nhost = \"wiki.example\"\n";
    assert_eq!(registry.replace(Clients::parse(&other).unwrap()).to_string(), "added wiki.example; changed grafana");
    assert_eq!(before.client("grafana").unwrap().refresh_days, 30, "who began with the old ones ends with them");
    assert_eq!(registry.replace(Clients::default()).to_string(), "removed grafana, wiki.example");
    assert_eq!(registry.replace(Clients::default()).to_string(), "nothing changed");
}

#[test]
fn a_block_is_read_back_as_it_was_written() {
    let client = Client {
        secrets: vec![HASH.parse().unwrap()],
        redirect_uris: vec!["app.immich:///cb".to_owned()],
        post_logout_redirect_uris: vec!["https://app.example/".to_owned()],
        backchannel_logout_uri: Some("https://app.example/logout".to_owned()),
        is_native: true,
        device: true,
        scopes: Scopes::parse("openid groups"),
        groups_allowed: vec!["admins".to_owned()],
        ..Client::new("app".parse().unwrap(), "O'Brien \"quoted\\\" 应用".to_owned())
    };
    let read = Clients::parse(&block(&client)).unwrap();
    assert_eq!(*read.client("app").unwrap(), client);
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clients.toml");
    assert!(load(&path).unwrap_err().to_string().contains("QR_LOGIN_CLIENTS_FILE"));
    std::fs::write(&path, app("")).unwrap();
    assert_eq!(load(&path).unwrap().summary(), "1 client, 0 sites, 0 issuers");
    std::fs::write(&path, "#".repeat(MAX_FILE as usize + 1)).unwrap();
    assert!(matches!(load(&path), Err(FileError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", key in "[a-z_]{1,20}", value in ".{0,30}") {
        let _ = Clients::parse(&text);
        let _ = Clients::parse(&app(&format!("{key} = {value}")));
        let _ = Clients::parse(&app(&format!("{key} = {value:?}")));
    }
}
