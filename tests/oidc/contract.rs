//! Real answers, successes and errors, are as the description of the endpoints says.

use super::provider::{CALLBACK, Provider, SECRET, authorize_path, code_form};
use qr_login::routes;
use reqwest::Method;
use testkit::{Answer, Client, Contract, Fields, PASSWORD, Pc, Phone};

const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

struct Checked {
    provider: Provider,
    contract: Contract,
}

impl Checked {
    async fn start() -> Self {
        let provider = Provider::start().await;
        let contract = Contract::new(Client::new(&*provider).get(routes::OPENAPI).await.ok());
        Self { provider, contract }
    }

    fn stranger(&self) -> Client {
        Client::new(&*self.provider)
    }

    /// Sends a GET, and checks that it is answered by this status as described.
    async fn get(&self, client: &Client, path: &str, query: Fields<'_>, status: u16) -> Answer {
        let answer = client.ask(path, query).await;
        self.expect(&Method::GET, path, answer, status)
    }

    /// The same for a form.
    async fn post(&self, client: &Client, path: &str, form: Fields<'_>, status: u16) -> Answer {
        let answer = client.post(path, form).await;
        self.expect(&Method::POST, path, answer, status)
    }

    /// The same as the app `web`.
    async fn as_app(&self, path: &str, form: Fields<'_>, status: u16) -> Answer {
        let answer = self.provider.call_as("web", path, form).await;
        self.expect(&Method::POST, path, answer, status)
    }

    #[track_caller]
    fn expect(&self, method: &Method, path: &str, answer: Answer, status: u16) -> Answer {
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.body);
        self.contract.holds(method, path, &answer);
        answer
    }
}

#[tokio::test]
async fn a_code_on_both_sides() {
    let on = Checked::start().await;
    let (pc, phone) = (Pc::new(&*on.provider).0, Phone::new(&*on.provider, "dong").await);
    let id = on.post(&pc, "/api/qrcode/generate", &[], 200).await.text("id");
    let id = [("id", id.as_str())];
    on.get(&pc, "/api/qrcode/check", &id, 200).await;
    on.get(&on.stranger(), "/api/qrcode/check", &id, 403).await;
    on.get(&pc, "/api/qrcode/check", &[("id", NO_ID)], 404).await;
    on.get(&pc, "/api/qrcode/check", &[("id", "x")], 400).await;
    on.get(&pc, "/api/qrcode/check", &[], 400).await;
    on.get(&pc, "/api/qrcode/wait", &[id[0], ("status", "scanned")], 200).await;
    on.get(&pc, "/api/qrcode/wait", &[id[0], ("status", "x")], 400).await;
    on.get(&pc, "/api/qrcode/ws", &id, 426).await;
    on.post(&pc, "/api/qrcode/redeem", &id, 409).await;
    on.post(&on.stranger(), "/api/qrcode/scan", &id, 401).await;
    let token = on.post(&phone.client, "/api/qrcode/scan", &id, 200).await.text("confirm_token");
    on.get(&pc, "/api/qrcode/check", &id, 200).await;
    on.post(&phone.client, "/api/qrcode/confirm", &[id[0], ("confirm_token", "x")], 403).await;
    on.post(&phone.client, "/api/qrcode/confirm", &[id[0], ("confirm_token", &token)], 200).await;
    on.post(&phone.client, "/api/qrcode/cancel", &[id[0], ("confirm_token", &token)], 409).await;
    on.post(&pc, "/api/qrcode/redeem", &id, 200).await;
    on.post(&pc, "/api/qrcode/abandon", &id, 409).await;
    let second = pc.post("/api/qrcode/generate", &[]).await.text("id");
    on.post(&pc, "/api/qrcode/abandon", &[("id", &second)], 200).await;
    on.post(&phone.client, "/api/qrcode/scan", &[("id", &second)], 410).await;
    let page = pc.always("accept", "text/html");
    on.post(&page, "/api/qrcode/redeem", &id, 303).await;
    let foreign = on.stranger().always("origin", "https://evil.example");
    on.post(&foreign, "/api/qrcode/generate", &[], 403).await;
    let elsewhere = on.stranger().always("host", "evil.example");
    on.post(&elsewhere, "/api/qrcode/generate", &[], 421).await;
    on.get(&elsewhere, "/oauth/jwks.json", &[], 421).await;
}

#[tokio::test]
async fn an_account() {
    let on = Checked::start().await;
    let phone = Phone::new(&*on.provider, "dong").await.client;
    let wrong = [("username", "dong"), ("password", "x")];
    on.post(&on.stranger(), "/api/login", &wrong, 401).await;
    on.post(&on.stranger(), "/api/login", &wrong[..1], 400).await;
    let right = [("username", "dong"), ("password", PASSWORD)];
    on.post(&on.stranger(), "/api/login", &right, 200).await;
    on.post(&on.stranger(), "/api/login", &[right[0], right[1], ("device_kind", "pc")], 200).await;
    for path in ["/api/userinfo", "/api/sessions", "/api/apps"] {
        on.get(&phone, path, &[], 200).await;
        on.get(&on.stranger(), path, &[], 401).await;
    }
    on.post(&phone, "/api/step-up", &[("password", PASSWORD)], 200).await;
    on.post(&phone, "/api/step-up", &[("password", "x")], 401).await;
    on.post(&phone, "/api/apps/disconnect", &[("client_id", "web")], 200).await;
    on.post(&phone, "/api/sessions/revoke", &[("session_id", NO_ID)], 404).await;
    on.post(&phone, "/api/sessions/revoke", &[("session_id", "x")], 400).await;
    on.post(&phone, "/api/sessions/revoke-others", &[], 200).await;
    let risen = on.provider.signed_in("dong").await.0;
    on.post(&risen, "/api/sessions/revoke-others", &[], 403).await;
    let json = phone.send(Method::POST, "/api/logout", Some("application/json"), b"{}".to_vec()).await;
    on.expect(&Method::POST, "/api/logout", json, 415);
    on.post(&phone, "/api/logout", &[("x", &"x".repeat(20_000))], 413).await;
    on.post(&phone, "/api/logout", &[], 200).await;
    on.get(&phone, "/api/session/wait", &[], 401).await;
}

#[tokio::test]
async fn an_app() {
    let on = Checked::start().await;
    let stranger = on.stranger();
    for path in ["/.well-known/jwks.json", "/oauth/jwks.json", "/manifest.webmanifest"] {
        on.get(&stranger, path, &[], 200).await;
    }
    for path in ["/healthz", "/readyz", "/metrics", "/", "/device", "/oauth/logout", "/docs"] {
        on.get(&stranger, path, &[], 200).await;
    }
    on.get(&stranger, "/account", &[], 303).await;
    on.get(&stranger, "/confirm", &[], 404).await;
    on.get(&stranger, "/oauth/authorize", &[], 400).await;
    on.get(&stranger, "/oauth/site", &[], 400).await;
    on.get(&stranger, "/oauth/continue", &[("i", NO_ID)], 400).await;
    on.get(&stranger, "/.qr-login/callback", &[], 404).await;
    on.post(&stranger, "/oauth/consent", &[("i", NO_ID)], 400).await;
    on.post(&stranger, "/language", &[("language", "zh-CN")], 303).await;
    on.post(&stranger, "/language", &[("language", "x")], 400).await;
    let answer = stranger.get(&authorize_path(&[])).await;
    on.expect(&Method::GET, "/oauth/authorize", answer, 303);

    let browser = on.provider.signed_in("dong").await;
    let code = browser.code(&[("scope", "openid profile email groups offline_access")]).await;
    on.get(&browser.0, "/api/apps", &[], 200).await;
    let tokens = on.as_app("/oauth/token", &code_form(&code, CALLBACK), 200).await.ok();
    let token = tokens["access_token"].as_str().unwrap();
    on.as_app("/oauth/token", &[], 400).await;
    on.as_app("/oauth/token", &[("grant_type", "x")], 400).await;
    let unknown =
        [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "x"), ("client_secret", SECRET)];
    on.post(&stranger, "/oauth/token", &unknown, 401).await;
    on.get(&testkit::bearer(&*on.provider, token), "/oauth/userinfo", &[], 200).await;
    on.get(&testkit::bearer(&*on.provider, "x"), "/oauth/userinfo", &[], 401).await;
    on.get(&stranger, "/oauth/userinfo", &[], 401).await;
    on.as_app("/oauth/introspect", &[("token", token)], 200).await;
    on.as_app("/oauth/introspect", &[("token", "x")], 200).await;
    on.as_app("/oauth/introspect", &[], 400).await;
    on.as_app("/oauth/revoke", &[("token", token)], 200).await;
    on.as_app("/oauth/device_authorization", &[], 400).await;
}
