//! Sign-in by another provider.

use super::idp::{Idp, begin, finish, moves_to, nobody};
use super::server::Server;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::connect::Database;
use store::identities::Identity;
use testkit::{Client, Pc};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/18.0 Mobile/15E148 Safari/604.1";
const PROVISION: &str = "provision = true";

async fn started(more: &str) -> (Server, Idp) {
    let (server, idp) = (Server::start().await, Idp::start().await);
    idp.register(&server, more);
    (server, idp)
}

#[tokio::test]
async fn a_phone_is_signed_in_and_goes_on_where_it_was() {
    let (server, mut idp) = started(PROVISION).await;
    let browser = Client::new(&server).always("user-agent", PHONE);
    let next = &format!("/confirm?id={}", Pc::new(&server).ticket().await);
    let page = browser.get(next).await.body;
    assert!(page.contains("action=\"/sign-in/idp\"") && page.contains("Continue with Company"), "{page}");
    let asked = begin(&browser, "idp", next).await;
    let callback = format!("{}/sign-in/idp/callback", server.origin());
    for (name, value) in [
        ("x", "1"),
        ("response_type", "code"),
        ("client_id", "qr"),
        ("redirect_uri", &callback),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked.get(name), value, "{name}");
    }
    idp.issue(&idp.id_token(&server, &asked, &[]).await);
    let answer = finish(&browser, "idp", &[("code", "c-1"), ("state", asked.get("state")), ("iss", &idp.issuer)]).await;
    assert_eq!(moves_to(&answer), *next);
    assert!(answer.set_cookie("qr_provider").unwrap().ends_with("Max-Age=0"));
    let sent = idp.token_request().await;
    assert_eq!((sent.field("grant_type"), sent.field("code")), ("authorization_code".into(), "c-1".into()));
    assert_eq!((sent.field("redirect_uri"), sent.field("client_id")), (callback, "qr".into()));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent.field("code_verifier")));
    assert_eq!(asked.get("code_challenge"), challenge);

    let me = browser.get("/api/userinfo").await.ok();
    assert_eq!((&me["session"]["kind"], &me["session"]["began"]), (&json!("phone"), &json!("assertion")));
    assert_eq!((&me["username"], &me["display_name"]), (&json!("dong"), &json!("Dong")));
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("dong@company.example"), &json!(true)));
    assert_eq!(me["groups"], json!([]), "groups only if they are mapped");
}

#[tokio::test]
async fn a_pc_is_signed_in_and_may_manage_its_account() {
    let (server, idp) = started(PROVISION).await;
    let browser = Client::new(&server);
    let page = browser.get("/?tab=password&next=/device").await.body;
    assert!(page.contains("Continue with Company") && page.contains("value=\"/device\""), "{page}");
    assert!(browser.get("/device").await.body.contains("Continue with Company"));
    assert_eq!(moves_to(&idp.sign_in(&server, &browser, &[]).await), "/account");
    let me = browser.get("/api/userinfo").await.ok();
    assert_eq!((&me["session"]["kind"], &me["session"]["began"]), (&json!("pc"), &json!("assertion")));
    browser.post("/api/sessions/revoke-others", &[]).await.ok();
    // The same person again is the same account.
    let again = Client::new(&server);
    idp.sign_in(&server, &again, &[("preferred_username", json!("other"))]).await;
    assert_eq!(again.get("/api/userinfo").await.ok()["id"], me["id"]);
}

#[tokio::test]
async fn an_id_token_is_believed_only_if_everything_is_right() {
    let (server, idp) = started(PROVISION).await;
    let browser = Client::new(&server);
    let now = server.app.clock.now().as_secs();
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("iss", json!(format!("{}/", idp.issuer))),
        ("aud", json!("other")),
        ("aud", json!(["qr", "other"])),
        ("aud", Value::Null),
        ("azp", json!("other")),
        ("nonce", json!("other")),
        ("nonce", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("iat", json!(now + 60)),
        ("iat", json!(now - 900)),
        ("iat", json!("now")),
        ("nbf", json!(now + 60)),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
        ("long", json!("x".repeat(9000))),
    ] {
        nobody(&idp.sign_in(&server, &browser, &[(name, value.clone())]).await, 502);
    }
    // The header and the signature.
    for (header, signature) in [
        (json!({"alg": "none", "kid": "k"}), ""),
        (json!({"alg": "HS256", "kid": "k"}), "c2ln"),
        (json!({"alg": "RS256"}), "c2ln"),
        (json!({"alg": "RS256", "kid": "unknown"}), "c2ln"),
        (json!({"alg": "RS256", "kid": "k", "crit": ["exp"]}), "c2ln"),
    ] {
        let asked = begin(&browser, "idp", "/account").await;
        let good = idp.id_token(&server, &asked, &[]).await;
        let claims = good.split('.').nth(1).unwrap();
        idp.issue(&format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string())));
        let query = [("code", "c"), ("state", asked.get("state")), ("iss", idp.issuer.as_str())];
        nobody(&finish(&browser, "idp", &query).await, 502);
    }
    idp.register(&server, "provision = true\nalgs = [\"ES256\"]");
    nobody(&idp.sign_in(&server, &browser, &[]).await, 502);
    idp.register(&server, PROVISION);
    moves_to(&idp.sign_in(&server, &browser, &[("aud", json!(["qr"])), ("azp", json!("qr"))]).await);
}

#[tokio::test]
async fn a_provider_that_is_down_or_lies_signs_nobody_in() {
    let (server, idp) = started(PROVISION).await;
    let browser = Client::new(&server);
    for (name, value) in [
        ("issuer", json!("https://other.example")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("token_endpoint", Value::Null),
    ] {
        let other = Idp::start().await;
        other.register(&server, PROVISION);
        other.publish(&[(name, value)]);
        nobody(&browser.post("/sign-in/idp", &[]).await, 502);
    }
    idp.register(&server, PROVISION);
    for (status, body) in [
        ("503 Service Unavailable", "<html>".to_owned()),
        (
            "400 Bad Request",
            "{\"error\": \"invalid_grant\", \"error_description\": \"<script>alert(1)</script>\"}".to_owned(),
        ),
        ("302 Found", "{}".to_owned()),
        ("200 OK", "{\"access_token\": \"a\", \"token_type\": \"Bearer\"}".to_owned()),
        ("200 OK", format!("{{\"x\": \"{}\"}}", "x".repeat(300 * 1024))),
    ] {
        let asked = begin(&browser, "idp", "/account").await;
        idp.server.answer_at("/token", status, &body);
        let query = [("code", "c"), ("state", asked.get("state")), ("iss", idp.issuer.as_str())];
        let answer = finish(&browser, "idp", &query).await;
        nobody(&answer, 502);
        assert!(answer.body.contains("Company") && !answer.body.contains("<script>alert"), "{}", answer.body);
    }
    idp.server.answer_at("/jwks", "503 Service Unavailable", "");
    nobody(&idp.sign_in(&server, &browser, &[]).await, 502);
    let unknown = browser.post("/sign-in/other", &[]).await;
    nobody(&unknown, 404);
}

#[tokio::test]
async fn an_error_of_the_provider_is_not_repeated() {
    let (server, idp) = started(PROVISION).await;
    let browser = Client::new(&server);
    for (error, status) in [("access_denied", 200), ("<script>alert(1)</script>", 502), ("server_error", 502)] {
        let asked = begin(&browser, "idp", "/account").await;
        let query = [
            ("error", error),
            ("error_description", "<script>alert(2)</script>"),
            ("state", asked.get("state")),
            ("iss", &idp.issuer),
        ];
        let answer = finish(&browser, "idp", &query).await;
        nobody(&answer, status);
        assert!(!answer.body.contains("alert("), "{}", answer.body);
    }
}

#[tokio::test]
async fn only_people_who_have_an_account_if_the_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("people.db").display());
    let (server, idp) = (Server::with(&["--database-url", &url]).await, Idp::start().await);
    idp.register(&server, "");
    server.account("dong").await;
    let browser = Client::new(&server);
    let answer = idp.sign_in(&server, &browser, &[]).await;
    nobody(&answer, 403);
    assert!(answer.body.contains("no account"), "{}", answer.body);
    // A name or an address that is the same is another person's.
    idp.register(&server, PROVISION);
    idp.sign_in(&server, &browser, &[]).await;
    assert_ne!(browser.get("/api/userinfo").await.ok()["username"], "dong");
    // Linked by the operator.
    idp.register(&server, "");
    let identities = Database::open(&url).await.unwrap().identities;
    let eight = Identity { issuer: &idp.issuer, subject: "8" };
    assert!(identities.link(eight, "dong", clock::now()).await.unwrap());
    let linked = Client::new(&server);
    moves_to(&idp.sign_in(&server, &linked, &[("sub", json!("8"))]).await);
    assert_eq!(linked.get("/api/userinfo").await.ok()["username"], "dong");
    server.app.accounts.set_disabled("dong", true).await.unwrap();
    let disabled = idp.sign_in(&server, &Client::new(&server), &[("sub", json!("8"))]).await;
    nobody(&disabled, 403);
}
