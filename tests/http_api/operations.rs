//! The operators' endpoints, and the headers of every response.

use super::server::{PASSWORD, Server};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use testkit::{Answer, Client, Pc, Phone, bearer, signed_in_pc};

#[tokio::test]
async fn the_server_reports_that_it_is_live_and_ready() {
    let server = Server::start().await;
    let client = Client::new(&server);
    assert_eq!(client.get("/healthz").await.status, 200);
    let ready = client.get("/readyz").await.ok();
    assert_eq!((&ready["status"], &ready["tickets"], &ready["database"]), (&json!("ok"), &json!("ok"), &json!("ok")));
}

#[tokio::test]
async fn the_metrics_count_events() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    signed_in_pc(&server, &phone).await;
    Client::new(&server).get("/api/userinfo").await.refused(401, "unauthenticated");
    Client::new(&server).post("/api/login", &[("username", "dong"), ("password", "x")]).await;
    let answer = Client::new(&server).get("/metrics").await;
    assert_eq!(answer.status, 200);
    for line in [
        "qr_login_tickets_total{status=\"pending\"} 1",
        "qr_login_tickets_total{status=\"scanned\"} 1",
        "qr_login_tickets_total{status=\"confirmed\"} 1",
        "qr_login_tickets_total{status=\"redeemed\"} 1",
        "qr_login_password_sign_ins_total{outcome=\"succeeded\"} 1",
        "qr_login_password_sign_ins_total{outcome=\"failed\"} 1",
        "qr_login_api_errors_total{code=\"unauthenticated\"} 1",
        "# EOF",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line}\n{}", answer.body);
    }
    assert!(!answer.body.contains("dong"), "no person is named");
}

#[tokio::test]
async fn another_program_verifies_a_pcs_token_by_the_published_key() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let me = pc.get("/api/userinfo").await.ok();
    let published = Client::new(&server).get("/.well-known/jwks.json").await.ok();
    let key = &published["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
    assert!(key.get("d").is_none(), "the private half stays here");
    let keys: JwkSet = serde_json::from_value(published.clone()).unwrap();

    let mut strict = Validation::new(Algorithm::EdDSA);
    strict.set_issuer(&[server.origin()]);
    strict.set_required_spec_claims(&["iss", "sub", "exp"]);
    let token = pc_token(&server, &phone).await;
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let jwk = keys.find(&header.kid.unwrap()).expect("the header names the key");
    let claims = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(jwk).unwrap(), &strict).unwrap().claims;
    assert_eq!(claims["sub"], me["id"]);
    assert_eq!(claims["kind"], "pc");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 43_200);
    assert!(jsonwebtoken::decode::<Value>(&phone.token, &DecodingKey::from_jwk(jwk).unwrap(), &strict).is_err());
}

async fn pc_token(server: &Server, phone: &Phone) -> String {
    let pc = Pc::new(server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let token = pc.redeem(&id).await.ok()["token"].as_str().unwrap().to_owned();
    bearer(server, &token).get("/api/userinfo").await.ok();
    token
}

fn check_fixed_headers(answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{answer:?}");
    }
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(answer.header("permissions-policy").contains("camera=()"));
}

#[tokio::test]
async fn every_response_has_the_security_headers_and_is_not_cached() {
    let server = Server::start().await;
    let client = Client::new(&server);
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    for answer in [
        client.get("/").await,
        client.get("/?tab=password").await,
        client.get(&format!("/confirm?id={id}")).await,
        client.get("/account").await,
        client.get("/nothing-here").await,
        client.get("/api/nothing-here").await,
        client.get("/healthz").await,
        client.get("/readyz").await,
        client.get("/metrics").await,
        pc.check(&id).await,
        pc.generate().await,
        client.get("/api/userinfo").await,
        client.post("/api/login", &[("username", "x"), ("password", "x")]).await,
        client.clone().plain_forms().post("/api/login", &[("username", "x"), ("password", "x")]).await,
    ] {
        check_fixed_headers(&answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    }
    check_fixed_headers(&client.get("/.well-known/jwks.json").await);
}

#[tokio::test]
async fn our_cookies_are_inaccessible_to_scripts_and_other_sites() {
    let server = Server::start().await;
    let phone = Client::new(&server);
    server.account("dong").await;
    let form = [("username", "dong"), ("password", PASSWORD), ("remember", "1")];
    let signed_in = phone.post("/api/login", &form).await;
    let pc = Pc::new(&server);
    let generated = pc.generate().await;
    let id = generated.ok()["id"].as_str().unwrap().to_owned();
    let scanned = phone.post("/api/qrcode/scan", &[("id", &id)]).await;
    let token = scanned.ok()["confirm_token"].as_str().unwrap().to_owned();
    phone.post("/api/qrcode/confirm", &[("id", &id), ("confirm_token", &token)]).await.ok();
    let redeemed = pc.redeem(&id).await;
    let language = phone.post("/language", &[("language", "zh-CN")]).await;
    let plain = Client::new(&server).plain_forms();
    let failed = plain.post("/api/login", &[("username", "dong"), ("password", "x")]).await;
    let here = plain.post("/api/login", &[&form[..], &[("scan", &id)]].concat()).await;
    // Max-Age of each cookie, in seconds; `None` for a session cookie.
    const LONGEST: Option<u32> = Some(400 * 24 * 3600);
    for (answer, name, kept) in [
        (&generated, "qr_browser", None),
        (&signed_in, "qr_phone", LONGEST),
        (&signed_in, "qr_device", LONGEST),
        (&signed_in, "qr_known", LONGEST),
        (&scanned, "qr_confirm", Some(120)),
        (&redeemed, "qr_pc", Some(43_200)),
        (&redeemed, "qr_browser", None),
        (&redeemed, "qr_known", LONGEST),
        (&language, "qr_language", LONGEST),
        (&failed, "qr_typed", Some(60)),
        (&here, "qr_scan", Some(60)),
    ] {
        let line = answer.set_cookie(name).unwrap_or_else(|| panic!("{name}: {answer:?}"));
        let attributes: Vec<&str> = line.split("; ").skip(1).collect();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.contains(&attribute), "{line}");
        }
        assert!(!attributes.contains(&"Secure"), "over http browsers would not send it: {line}");
        assert!(!line.contains("Domain="), "{line}");
        let max_age = attributes.iter().find_map(|attribute| attribute.strip_prefix("Max-Age="));
        assert_eq!(max_age.map(|seconds| seconds.parse().unwrap()), kept, "{line}");
        assert!(!line.contains("Expires="), "{line}");
    }
    let forgotten = phone.post("/api/login", &form[..2]).await.set_cookie("qr_phone").unwrap();
    assert!(!forgotten.contains("Max-Age="), "until the browser closes: {forgotten}");
}

#[tokio::test]
async fn over_tls_the_cookies_are_secure_and_no_sibling_can_plant_one() {
    let direct = Server::with(&["--public-url", "https://login.example"]).await;
    let proxied = Server::with(&["--trusted-proxies", "127.0.0.1"]).await;
    for (server, behind_proxy) in [(&direct, false), (&proxied, true)] {
        let over_tls = |client: Client| if behind_proxy { client.always("x-forwarded-proto", "https") } else { client };
        server.account("dong").await;
        let sign_in = async |kind| {
            let form = [("username", "dong"), ("password", PASSWORD), ("remember", "1"), ("device_kind", kind)];
            over_tls(Client::new(server)).post("/api/login", &form).await
        };
        let (phone, pc) = (sign_in("phone").await, sign_in("pc").await);
        let generated = Pc(over_tls(Client::new(server))).generate().await;
        let id = generated.ok()["id"].as_str().unwrap().to_owned();
        let scanned = over_tls(Phone::new(server, "dong").await.client).post("/api/qrcode/scan", &[("id", &id)]).await;
        let language = over_tls(Client::new(server)).post("/language", &[("language", "zh-CN")]).await;
        for (answer, name) in [
            (&generated, "browser"),
            (&phone, "phone"),
            (&phone, "device"),
            (&phone, "known"),
            (&pc, "pc"),
            (&scanned, "confirm"),
            (&language, "language"),
        ] {
            let line = answer.set_cookie(&format!("__Host-qr_{name}")).unwrap_or_else(|| panic!("{name}: {answer:?}"));
            for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(line.split("; ").any(|found| found == attribute), "{line}");
            }
            assert!(!line.contains("Domain="), "{line}");
            assert_eq!(answer.set_cookie(&format!("qr_{name}")), None, "once, and with the prefix");
        }
    }
    let untrusted = Server::start().await;
    let lying = Client::new(&untrusted).always("x-forwarded-proto", "https");
    assert!(Pc(lying).generate().await.set_cookie("qr_browser").is_some());
    let issued = Pc::new(&direct).generate().await.ok();
    assert_eq!(issued["url"], format!("https://login.example/confirm?id={}", issued["id"].as_str().unwrap()));
}
