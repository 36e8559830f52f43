//! The pages, as far as a program can check them: the content of the first HTML, and that a GET changes nothing.

use super::server::{PASSWORD, Server};
use reqwest::Method;
use std::collections::HashSet;
use testkit::{Answer, Client, Pc, Phone, browser_phone, signed_in_pc};

/// Returns the nonce in the page's policy.
fn nonce(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
    rest.split_once('\'').unwrap().0.to_owned()
}

/// Returns the opening tags with that name.
fn tags<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!("<{name}");
    page.match_indices(&opening)
        .map(|(at, _)| &page[at..])
        .filter(|rest| rest[opening.len()..].starts_with([' ', '>']))
        .map(|rest| &rest[..=rest.find('>').unwrap()])
        .collect()
}

/// Returns the first ticket id in the page.
fn ticket_in(page: &str) -> String {
    let is_id = |text: &str| text.parse::<domain::ids::TicketId>().is_ok();
    let at = (0..page.len().saturating_sub(36)).find(|at| page.get(*at..at + 36).is_some_and(is_id));
    let at = at.expect("a ticket's id");
    page[at..at + 36].to_owned()
}

#[tokio::test]
async fn the_code_is_in_the_first_html() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let page = pc.0.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let id = ticket_in(&page.body);
    // That the image can be scanned is for the browser tests; here, that it is the only one and encodes this ticket.
    let code = id.parse::<domain::ids::TicketId>().unwrap().to_code();
    let svg = service::qr::svg(&format!("{}/C/{code}", server.origin().to_uppercase())).unwrap();
    assert_eq!(page.body.matches(&svg).count(), 1);
    assert_eq!(page.body.matches("stroke=\"#000\"").count(), 1);
    assert!(page.set_cookie("qr_browser").is_some());
    assert_eq!(pc.status(&id).await, "pending");
}

#[tokio::test]
async fn the_title_is_escaped() {
    let server = Server::with(&["--site-name", "Q&A </title><b>"]).await;
    let page = Client::new(&server).get("/").await.body;
    assert!(page.contains("<title>Sign in · Q&amp;A &lt;/title&gt;&lt;b&gt;</title>"), "{page}");
}

#[tokio::test]
async fn the_policy_of_a_page_is_exact() {
    let server = Server::start().await;
    let page = Client::new(&server).get("/").await;
    let policy = page.header("content-security-policy").replace(&nonce(&page), "NONCE");
    assert_eq!(
        policy.split("; ").collect::<Vec<_>>(),
        [
            "default-src 'none'",
            "script-src 'self' 'nonce-NONCE' 'wasm-unsafe-eval'",
            "style-src 'self' 'nonce-NONCE'",
            "img-src 'self' data: https:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    );
}

#[tokio::test]
async fn a_decision_uses_the_confirm_token_of_its_own_ticket() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let pc = Pc::new(&server);
    let (first, second) = (pc.ticket().await, pc.ticket().await);
    let scan = async |id: &str| {
        phone.post("/api/qrcode/scan", &[("id", id)]).await.ok()["confirm_token"].as_str().unwrap().to_owned()
    };
    let (old, fresh) = (scan(&first).await, scan(&second).await);
    let page = async |id: &str| phone.get(&format!("/confirm?id={id}")).await;
    let question = page(&second).await;
    assert!(question.status == 200 && question.body.contains(&fresh), "{}", question.body);
    // The browser only keeps the token of its last scan: the first code has to be scanned again.
    let earlier = page(&first).await;
    assert!(earlier.status == 200 && earlier.body.contains("action=\"/api/qrcode/scan\""), "{}", earlier.body);
    assert!(!earlier.body.contains(&fresh) && !earlier.body.contains(&old), "{}", earlier.body);
}

#[tokio::test]
async fn the_page_of_a_ticket_shows_its_state_and_keeps_it() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let kept = |page: Answer| {
        assert_eq!(page.status, 200);
        page.body.contains(&id)
    };
    assert!(kept(pc.0.ask("/", &[("ticket", &id)]).await));
    phone.approve(&id).await;
    let page = pc.0.ask("/", &[("ticket", &id)]).await;
    assert!(page.body.contains("dong the tester"));
    assert!(page.body.contains("action=\"/api/qrcode/redeem\""), "the last step without script");
    assert!(!kept(Client::new(&server).ask("/", &[("ticket", &id)]).await), "another browser gets its own code");
    assert_eq!(pc.status(&id).await, "confirmed");
}

#[tokio::test]
async fn every_page_has_a_unique_nonce_and_no_inline_script_without_it() {
    let server = Server::start().await;
    let client = browser_phone(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    let confirm = format!("/confirm?id={id}");
    let mut nonces = HashSet::new();
    for (path, status) in
        [("/", 200), ("/", 200), ("/?tab=password", 200), (&confirm, 200), ("/account", 200), ("/nothing-here", 404)]
    {
        let page = client.get(path).await;
        assert_eq!(page.status, status, "{path}");
        let nonce = nonce(&page);
        assert!(nonce.len() >= 16, "{nonce}");
        let carried = format!("nonce=\"{nonce}\"");
        for tag in tags(&page.body, "script").into_iter().chain(tags(&page.body, "style")) {
            assert!(tag.contains(&carried) || tag.contains("src=\"/"), "{path}: {tag}");
        }
        assert!(!page.body.contains(" style=\"") && !page.body.contains(" onclick="), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        assert!(nonces.insert(nonce));
    }
}

#[tokio::test]
async fn rendering_waits_for_a_page_that_arrives_in_pieces() {
    let server = Server::start().await;
    for (path, status) in [("/", 200), ("/?tab=password", 200), ("/confirm", 404), ("/missing", 404)] {
        let page = Client::new(&server).get(path).await;
        assert_eq!(page.status, status, "{path}");
        let page = page.body;
        assert!(tags(&page, "link").contains(&r##"<link rel="expect" href="#foot" blocking="render">"##), "{path}");
        let (_, rest) = page.split_once(tags(&page, "footer")[0]).unwrap();
        assert!(tags(&page, "footer")[0].contains(r#"id="foot""#) && !rest.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn the_page_negotiates_the_language_and_stores_a_choice() {
    let server = Server::start().await;
    for (header, lang) in [("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-GB,en", "en"), ("fr", "fr"), ("nl", "en")] {
        let page = Client::new(&server).always("accept-language", header).get("/").await;
        assert!(tags(&page.body, "html")[0].contains(&format!("lang=\"{lang}\"")), "{header}");
        assert_eq!(page.header("content-language"), lang);
    }
    let client = Client::new(&server).always("accept-language", "en");
    assert_eq!(
        client.post("/language", &[("language", "zh-CN"), ("next", "/?tab=password")]).await.leads_to(),
        "/?tab=password"
    );
    assert_eq!(client.get("/").await.header("content-language"), "zh-CN");
    assert_eq!(client.post("/language", &[("language", "tlh")]).await.status, 400);
    assert_eq!(client.post("/language", &[]).await.status.as_u16() / 100, 4);
    let foreign = client.clone().always("origin", "https://evil.example");
    assert_eq!(foreign.post("/language", &[("language", "en")]).await.status, 403);
}

#[tokio::test]
async fn a_get_changes_nothing() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let pc = Pc::new(&server);
    let (pending, scanned, approved) = (pc.ticket().await, pc.ticket().await, pc.ticket().await);
    let scan = phone.post("/api/qrcode/scan", &[("id", &scanned)]).await.ok();
    let token = scan["confirm_token"].as_str().unwrap();
    let by_app = Phone::new(&server, "dong").await;
    by_app.approve(&approved).await;
    let before = phone.get("/api/sessions").await.ok();
    for id in [&pending, &scanned, &approved] {
        for method in [Method::GET, Method::HEAD] {
            for client in [&phone, &pc.0] {
                for path in [
                    format!("/confirm?id={id}"),
                    format!("/?ticket={id}"),
                    format!("/api/qrcode/scan?id={id}"),
                    format!("/api/qrcode/confirm?id={id}&confirm_token={token}"),
                    format!("/api/qrcode/cancel?id={id}&confirm_token={token}"),
                    format!("/api/qrcode/redeem?id={id}"),
                    format!("/api/qrcode/abandon?id={id}"),
                    format!("/api/qrcode/check?id={id}"),
                    "/api/logout".to_owned(),
                    "/api/sessions/revoke-others".to_owned(),
                    "/account".to_owned(),
                ] {
                    client.send(method.clone(), &path, None, Vec::new()).await;
                }
            }
        }
    }
    for (id, status) in [(&pending, "pending"), (&scanned, "scanned"), (&approved, "confirmed")] {
        assert_eq!(pc.status(id).await, status);
    }
    assert_eq!(phone.get("/api/sessions").await.ok().as_array().unwrap().len(), before.as_array().unwrap().len());
    phone.post("/api/qrcode/confirm", &[("id", &scanned), ("confirm_token", token)]).await.ok();
}

#[tokio::test]
async fn the_confirm_page_shows_the_requester_or_a_sign_in_form() {
    let server = Server::start().await;
    let phone = browser_phone(&server, "dong").await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let pc = Pc(Client::new(&server).always("user-agent", agent));
    let id = pc.ticket().await;
    let page = format!("/confirm?id={id}");
    let stranger = Client::new(&server).get(&page).await;
    assert!(stranger.body.contains("action=\"/api/login\""), "{}", stranger.body);
    phone.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    let question = phone.get(&page).await;
    assert_eq!(question.status, 200);
    for text in ["127.0.0.1", "Firefox", "Linux", "/api/qrcode/confirm", "/api/qrcode/cancel"] {
        assert!(question.body.contains(text), "{text}: {}", question.body);
    }
    assert_eq!(phone.get("/confirm?id=x").await.status, 404);
    assert_eq!(phone.get("/confirm").await.status, 404);
}

#[tokio::test]
async fn a_device_name_is_escaped_in_the_list() {
    let server = Server::start().await;
    server.account("dong").await;
    let client = Client::new(&server);
    let name = "<script>alert(1)</script>";
    let form = [("username", "dong"), ("password", PASSWORD), ("device_name", name)];
    client.post("/api/login", &form).await.ok();
    let page = client.get("/account").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert") && page.body.contains("&lt;script"), "{}", page.body);
    assert_eq!(Client::new(&server).get("/account").await.leads_to(), "/");
}

#[tokio::test]
async fn a_pc_signed_in_by_code_needs_the_password_to_end_other_sessions() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let plain = pc.0.clone().plain_forms();
    let page = plain.get("/account").await.body;
    assert!(page.contains("action=\"/api/step-up\"") && page.contains("action=\"/api/logout\""), "{page}");
    assert!(!page.contains("/api/sessions/revoke"), "{page}");

    let revoked = plain.post("/api/sessions/revoke-others", &[]).await.leads_to();
    assert_eq!(revoked, "/account?error=step_up_required");
    assert!(plain.get(&revoked).await.body.contains("Enter your password first."));
    let wrong = plain.post("/api/step-up", &[("password", "wrong")]).await.leads_to();
    assert_eq!(wrong, "/account?error=invalid_credentials");
    assert!(plain.get(&wrong).await.body.contains("The password is wrong."));

    assert_eq!(plain.post("/api/step-up", &[("password", PASSWORD)]).await.leads_to(), "/account");
    let page = plain.get("/account").await.body;
    assert!(!page.contains("/api/step-up") && page.contains("action=\"/api/sessions/revoke-others\""), "{page}");
    let by_phone = browser_phone(&server, "dong").await.get("/account").await.body;
    assert!(!by_phone.contains("/api/step-up") && by_phone.contains("action=\"/api/sessions/revoke\""), "{by_phone}");
}
