//! Plain HTML forms, without script: each is redirected to the page that shows the outcome.

use super::server::{PASSWORD, Server};
use testkit::{Client, Pc, Phone, browser_phone};

/// Returns the confirm token in the phone's cookie.
fn kept_token(phone: &Client) -> String {
    phone.cookie("qr_confirm").unwrap().split_once('~').unwrap().1.to_owned()
}

/// Splits a location into its path and one parameter of its query.
fn parts(location: &str, field: &str) -> (String, Option<String>) {
    let (path, query) = location.split_once('?').unwrap_or((location, ""));
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == field);
    (path.to_owned(), found.map(|(_, value)| value.into_owned()))
}

#[tokio::test]
async fn the_whole_lifecycle_works_by_forms_alone() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let (phone_form, pc_form) = (phone.clone().plain_forms(), pc.0.clone().plain_forms());
    let page = format!("/confirm?id={id}");

    let scanned = phone_form.post("/api/qrcode/scan", &[("id", &id)]).await;
    assert_eq!(scanned.leads_to(), page);
    assert!(scanned.set_cookie("qr_confirm").is_some(), "the cookies are kept");
    let token = kept_token(&phone);
    assert!(phone.get(&page).await.body.contains(&token), "the page's form contains it");
    let confirmed = phone_form.post("/api/qrcode/confirm", &[("id", &id), ("confirm_token", &token)]).await;
    assert_eq!(confirmed.leads_to(), page);
    let redeemed = pc_form.post("/api/qrcode/redeem", &[("id", &id)]).await;
    assert_eq!(redeemed.leads_to(), "/account");
    assert!(redeemed.set_cookie("qr_pc").is_some());
    assert_eq!(pc.0.get("/account").await.status, 200);
    assert_eq!(pc_form.post("/api/logout", &[]).await.leads_to(), "/");
    assert_eq!(pc.0.cookie("qr_pc"), None);
}

#[tokio::test]
async fn a_failed_form_redirects_to_its_page_with_the_error_code() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let (phone_form, pc_form) = (phone.clone().plain_forms(), pc.0.clone().plain_forms());
    let expect = |location: String, path: &str, code: &str| {
        assert_eq!(parts(&location, "error"), (path.to_owned(), Some(code.to_owned())), "{location}");
    };
    let with_token = [("id", id.as_str()), ("confirm_token", "x")];
    expect(phone_form.post("/api/qrcode/confirm", &with_token).await.leads_to(), "/confirm", "not_scanned");
    expect(phone_form.post("/api/qrcode/cancel", &with_token).await.leads_to(), "/confirm", "not_scanned");
    expect(pc_form.post("/api/qrcode/redeem", &[("id", &id)]).await.leads_to(), "/", "not_confirmed");
    let stranger = Client::new(&server).plain_forms();
    expect(stranger.post("/api/qrcode/scan", &[("id", &id)]).await.leads_to(), "/confirm", "unauthenticated");
    expect(stranger.post("/api/qrcode/redeem", &[("id", &id)]).await.leads_to(), "/", "wrong_browser");
    expect(stranger.post("/api/qrcode/abandon", &[("id", &id)]).await.leads_to(), "/", "wrong_browser");
    expect(stranger.post("/api/logout", &[]).await.leads_to(), "/", "unauthenticated");
    expect(phone_form.post("/api/sessions/revoke", &[("session_id", "x")]).await.leads_to(), "/account", "invalid_id");
    assert_eq!(phone_form.post("/api/sessions/revoke-others", &[]).await.leads_to(), "/account");
    assert_eq!(pc.status(&id).await, "pending");
}

#[tokio::test]
async fn no_location_ever_carries_a_secret() {
    let server = Server::start().await;
    server.account("dong").await;
    let (phone, pc) = (Client::new(&server).plain_forms(), Pc::new(&server));
    let id = pc.ticket().await;
    let pc_form = pc.0.clone().plain_forms();
    let mut locations = Vec::new();
    let login = |password| [("username", "dong"), ("password", password), ("next", "/confirm"), ("page", "/confirm")];
    for password in ["my wrong secret", PASSWORD] {
        locations.push(phone.post("/api/login", &login(password)).await.leads_to());
    }
    locations.push(phone.post("/api/qrcode/scan", &[("id", &id)]).await.leads_to());
    let old = kept_token(&phone);
    locations.push(phone.post("/api/qrcode/scan", &[("id", &id)]).await.leads_to());
    let token = kept_token(&phone);
    for token in [&old, &token, &token] {
        for path in ["/api/qrcode/confirm", "/api/qrcode/cancel"] {
            locations.push(phone.post(path, &[("id", &id), ("confirm_token", token)]).await.leads_to());
        }
    }
    for _ in 0..2 {
        locations.push(pc_form.post("/api/qrcode/redeem", &[("id", &id)]).await.leads_to());
    }
    let cookies = [phone.cookies(), pc.0.cookies()].map(|all| all.unwrap().to_str().unwrap().to_owned());
    let secrets = cookies.iter().flat_map(|all| all.split("; ").map(|pair| pair.split_once('=').unwrap()));
    let secrets = secrets.filter(|(name, _)| *name != "qr_typed");
    let secrets: Vec<&str> = secrets.map(|(_, value)| value).collect();
    assert_eq!(secrets.len(), 7, "phone: phone, device, confirm, known; PC: browser, PC, known");
    for location in &locations {
        for secret in secrets.iter().chain(&[old.as_str(), token.as_str(), PASSWORD, "secret", "correct"]) {
            assert!(!location.contains(secret), "{location}");
        }
    }
}

#[tokio::test]
async fn a_sign_in_by_form_follows_next_but_never_to_another_site() {
    let server = Server::start().await;
    server.account("dong").await;
    let client = Client::new(&server).plain_forms();
    for (next, location) in [
        ("/confirm?id=7&x=%20", "/confirm?id=7&x=%20"),
        ("/", "/"),
        ("", "/account"),
        ("https://evil.example/", "/account"),
        ("//evil.example/", "/account"),
        ("/\\evil.example/", "/account"),
        ("\\\\evil.example", "/account"),
        ("/\t/evil.example/", "/account"),
        ("/a\r\nSet-Cookie: x=y", "/account"),
        (" //evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
    ] {
        let form = [("username", "dong"), ("password", PASSWORD), ("next", next)];
        let answer = client.post("/api/login", &form).await;
        assert_eq!(answer.leads_to(), location, "{next:?}");
        assert!(answer.set_cookie("qr_phone").is_some());
        assert_eq!(answer.set_cookie("x"), None);
    }
}

#[tokio::test]
async fn a_redeem_and_a_change_of_language_never_redirect_to_another_site() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    for (next, redeemed, language) in [
        ("/app?a=b", "/app?a=b", "/app?a=b"),
        ("https://evil.example/", "/account", "/"),
        ("//evil.example/", "/account", "/"),
        ("/\\evil.example/", "/account", "/"),
    ] {
        let id = pc.ticket().await;
        phone.approve(&id).await;
        let answer = pc.0.clone().plain_forms().post("/api/qrcode/redeem", &[("id", &id), ("next", next)]).await;
        assert_eq!(answer.leads_to(), redeemed);
        let answer = pc.0.post("/language", &[("language", "zh-CN"), ("next", next)]).await;
        assert_eq!(answer.leads_to(), language);
    }
}

#[tokio::test]
async fn the_page_itself_never_redirects_to_another_site() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = testkit::signed_in_pc(&server, &phone).await;
    for (next, location) in [("/app", "/app"), ("//evil.example", "/account"), ("https://evil.example", "/account")] {
        assert_eq!(pc.0.ask("/", &[("next", next)]).await.leads_to(), location);
    }
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        for tab in ["", "password"] {
            let page = Client::new(&server).ask("/", &[("next", next), ("tab", tab)]).await.body;
            for opening in ["\"", "&quot;", "url="] {
                assert!(!page.contains(&format!("{opening}{next}")), "{next}: {page}");
            }
        }
    }
}

#[tokio::test]
async fn a_failed_sign_in_returns_to_its_page() {
    let server = Server::start().await;
    let client = Client::new(&server).plain_forms();
    let form = [("username", "张三"), ("password", "x"), ("page", "/confirm?id=7&error=old")];
    let location = client.post("/api/login", &form).await.leads_to();
    assert_eq!(parts(&location, "error"), ("/confirm".to_owned(), Some("invalid_credentials".to_owned())));
    assert_eq!(parts(&location, "id").1.as_deref(), Some("7"));
    let form = [("username", "dong"), ("password", "x"), ("page", "https://evil.example/?a=b")];
    let location = client.post("/api/login", &form).await.leads_to();
    assert_eq!(parts(&location, "tab"), ("/".to_owned(), Some("password".to_owned())));
    assert!(!location.contains("evil"));
}

#[tokio::test]
async fn user_input_is_escaped_in_the_page() {
    let server = Server::start().await;
    let nasty = "\"><script>alert(1)</script>";
    let client = Client::new(&server);
    client.clone().plain_forms().post("/api/login", &[("username", nasty), ("password", "x")]).await;
    let page = client.ask("/", &[("tab", "password"), ("error", nasty), ("next", &format!("/{nasty}"))]).await;
    assert!(page.body.contains("&lt;script"), "{}", page.body);
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}
