//! An application behind the same host as qr-login, or someone who stole its logs, wants the credential of a phone that
//! visits it: nginx forwards every cookie of the host, unless its configuration removes ours.
//!
//! The configuration is the README's, run by the real nginx; the application echoes each request that reaches it.

#[allow(dead_code, reason = "shared with the tests of samples")]
#[path = "../samples/documents.rs"]
mod documents;
#[allow(dead_code, reason = "shared with the tests of samples")]
#[path = "../samples/nginx.rs"]
mod nginx;
#[allow(dead_code, reason = "shared with the tests of samples")]
#[path = "../samples/site.rs"]
mod site;

use super::behind_a_proxy::{certificate, echo, https};
use super::server;
use documents::READMES;
use https::headers;
use site::{Site, cookies_in};
use testkit::{Phone, bearer};

/// Our names, including possible future ones.
const OURS: [&str; 8] =
    ["qr_phone", "qr_device", "qr_browser", "qr_confirm", "qr_pc", "qr_known", "qr_language", "qr_not_invented_yet"];
/// Names of an application's cookies, some of which look like ours.
const THEIRS: [&str; 8] = [
    "session=abc",
    "theme=\"dark mode\"",
    "aqr_phone=1",
    "__Host-app=2",
    "QR_phone=3",
    "note=qr_phone",
    "nested=__Host-qr_phone=4",
    "flag",
];
/// A value that no request to the application may contain.
const SECRET: &str = "not-for-the-application";

fn ours(number: usize) -> String {
    let prefix = if number.is_multiple_of(2) { "__Host-" } else { "" };
    format!("{prefix}{}={SECRET}", OURS[number / 2 % OURS.len()])
}

/// Tries every mixture of up to eight cookies of ours and of the application's.
#[tokio::test]
async fn only_its_own_cookies_reach_the_application_in_any_order() {
    let site = Site::of(READMES[0]).await;
    let (_, token) = site.signed_in("dong", "pc").await;
    let signed_in = format!("Bearer {token}");
    let mut browser = site.nginx.https.connect().await;
    let mut sent = 0;
    for length in 1..=8 {
        for mixture in 0..1_usize << length {
            let cookies: Vec<String> = (0..length)
                .map(|place| if mixture >> place & 1 == 1 { ours(sent + place) } else { THEIRS[place].to_owned() })
                .collect();
            let own: Vec<&str> = cookies.iter().map(String::as_str).filter(|cookie| THEIRS.contains(cookie)).collect();
            // As browsers write it, and as other programs do.
            let separator = ["; ", "; ", ";", ";  ", ";\t", ";;"][sent % 6];
            let answer = if sent % 7 == 0 {
                let mut lines = vec![("Authorization", signed_in.as_str())];
                lines.extend(cookies.iter().map(|cookie| ("Cookie", cookie.as_str())));
                browser.send("GET", "/app/", &lines, "").await
            } else {
                let line = cookies.join(separator);
                browser.send("GET", "/app/", &[("Authorization", &signed_in), ("Cookie", &line)], "").await
            };
            assert_eq!(answer.status, 200, "{cookies:?}: {}", answer.body);
            let head = answer.body.replace(&format!("X-Qr-Login-Token: {SECRET}"), "");
            assert!(!head.contains(SECRET), "{cookies:?}: {head}");
            assert_eq!(cookies_in(&head), own, "{cookies:?}: {head}");
            if separator == "; " && !own.is_empty() {
                assert_eq!(headers(&head, "cookie"), [own.join("; ")], "unharmed");
            }
            sent += 1;
            if sent % 500 == 0 {
                // nginx closes a connection after a thousand requests.
                browser = site.nginx.https.connect().await;
            }
        }
    }
    assert_eq!(sent, 510);
}

/// More cookies than the configuration can match, so that one might slip through.
#[tokio::test]
async fn many_planted_cookies_do_not_carry_ours_past_the_proxy() {
    let site = Site::of(READMES[0]).await;
    let (_, token) = site.signed_in("dong", "pc").await;
    let signed_in = format!("Bearer {token}");
    for count in [9, 10, 11, 12, 40, 120] {
        for last in [ours(0), ours(1)] {
            let mut cookies: Vec<String> = (0..count).flat_map(|at| [format!("app{at}=1"), ours(at)]).collect();
            cookies.push(last);
            let head = site.seen_by_app(&[("Authorization", &signed_in), ("Cookie", &cookies.join("; "))]).await;
            let head = head.replace(&format!("X-Qr-Login-Token: {SECRET}"), "");
            assert!(!head.contains(SECRET), "{count}: {head}");
        }
    }
    let many = vec!["a=1"; 900].join("; ");
    let head = site.seen_by_app(&[("Authorization", &signed_in), ("Cookie", &format!("{many}; {}", ours(0)))]).await;
    assert_eq!(cookies_in(&head).len(), 900, "{head}");
    assert!(!head.contains(SECRET));
}

#[tokio::test]
async fn a_phone_and_a_pc_that_visit_the_application_keep_their_credentials() {
    for readme in READMES {
        let site = Site::of(readme).await;
        let (phone, phone_token) = site.signed_in("dong", "phone").await;
        let (pc, pc_token) = site.signed_in("dong", "pc").await;
        assert!(phone.iter().chain(&pc).all(|cookie| cookie.starts_with("__Host-qr_")), "{phone:?} {pc:?}");
        for (cookies, token) in [(&phone, None), (&pc, Some(pc_token.as_str()))] {
            let line = format!("session=abc; {}; theme=dark", cookies.join("; "));
            // With headers by which a client might impersonate another.
            let forged = [("X-Qr-Login-Token", "forged"), ("X_Qr_Login_Token", "forged"), ("X-Device-Id", "forged")];
            let head = site.seen_by_app(&[&forged[..], &[("Cookie", &line)]].concat()).await;
            assert_eq!(cookies_in(&head), ["session=abc", "theme=dark"], "{head}");
            assert_eq!(headers(&head, "x-qr-login-token"), token.into_iter().collect::<Vec<_>>(), "{head}");
            let rest = token.map_or(head.clone(), |token| head.replace(token, ""));
            assert!(!rest.contains("forged"), "{head}");
            for cookie in cookies {
                let (name, value) = cookie.split_once('=').unwrap();
                assert!(!rest.contains(name) && !rest.contains(value), "{name}: {head}");
            }
            assert!(!head.contains(&phone_token), "{head}");
        }
        // What the application does get cannot approve anything.
        let app = bearer(&site.server, &pc_token);
        let ticket = testkit::Pc::new(&site.server).ticket().await;
        assert!(!app.post("/api/qrcode/scan", &[("id", &ticket)]).await.status.is_success());
        // A phone can, so the ticket is valid.
        Phone::new(&site.server, "dong").await.approve(&ticket).await;
    }
}
