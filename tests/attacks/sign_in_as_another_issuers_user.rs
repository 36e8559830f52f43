//! An attacker can get one assertion: from a log, from another service of the same company, or because they own one of the
//! issuers. They want to be another user here, once more, or after they were locked out.

use super::server::Server;
use serde_json::{Value, json};
use service::clients::Clients;
use service::security::oidc_keys::{JwtType, OidcKeys};
use service::security::random::Random;
use service::security::signing_key::KeySource;
use testkit::{Answer, Client, Receiver};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SHOP: &str = "https://shop.example";
const BLOG: &str = "https://blog.example";

struct Site {
    server: Server,
    shop: OidcKeys,
    blog: OidcKeys,
    keys: Receiver,
    other_keys: Receiver,
}

async fn backend() -> (OidcKeys, Receiver) {
    let keys = OidcKeys::open(KeySource::Fresh, Random::default()).unwrap();
    let receiver = Receiver::start().await;
    receiver.answer("200 OK", &serde_json::to_string(keys.public().await.unwrap()).unwrap());
    (keys, receiver)
}

impl Site {
    async fn start() -> Self {
        let server = Server::start().await;
        let ((shop, keys), (blog, other_keys)) = (backend().await, backend().await);
        let entry = |iss: &str, at: &Receiver| {
            let url = at.url("/jwks");
            let claims = "claims = { username = \"name\", email = \"email\" }";
            format!(
                "[[issuer]]\niss = \"{iss}\"\njwks_url = \"{url}\"\nalgs = [\"RS256\"]\nprovision = true\n{claims}\n"
            )
        };
        let file = entry(SHOP, &keys) + &entry(BLOG, &other_keys);
        server.app.clients.replace(Clients::parse(&file).unwrap());
        Self { server, shop, blog, keys, other_keys }
    }

    fn claims(&self, iss: &str, id: &str) -> Value {
        let now = self.server.app.clock.now().as_secs();
        let us = self.server.origin();
        json!({"iss": iss, "sub": "7", "aud": us, "iat": now, "exp": now + 60, "jti": id, "name": "dong"})
    }

    async fn present(&self, assertion: &str) -> Answer {
        Client::new(&self.server).post("/oauth/token", &[("grant_type", GRANT), ("assertion", assertion)]).await
    }

    async fn vouch(&self, keys: &OidcKeys, claims: &Value) -> Answer {
        self.present(&keys.sign(JwtType::IdToken, claims).await.unwrap()).await
    }
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn an_issuer_vouches_for_its_own_users_alone() {
    let site = Site::start().await;
    site.server.account("dong").await;
    let of = async |answer: Answer| answer.ok()["account"].clone();
    let shop = of(site.vouch(&site.shop, &site.claims(SHOP, "1")).await).await;
    let blog = of(site.vouch(&site.blog, &site.claims(BLOG, "1")).await).await;
    let local = site.server.app.accounts.id_of("dong").await.unwrap().unwrap().to_string();
    // The same subject and the same name at both, and a local account of that name: three people.
    assert!(shop["id"] != blog["id"] && shop["id"] != local && blog["id"] != local);
    assert!(shop["username"] != blog["username"] && shop["username"] != "dong" && blog["username"] != "dong");
    // One issuer's key is none of another one's.
    refused(&site.vouch(&site.blog, &site.claims(SHOP, "2")).await);
    refused(&site.vouch(&site.server.app.oidc_keys, &site.claims(SHOP, "3")).await);
}

#[tokio::test]
async fn an_assertion_for_another_service_or_from_yesterday_is_worth_nothing() {
    let site = Site::start().await;
    let good = site.shop.sign(JwtType::IdToken, &site.claims(SHOP, "1")).await.unwrap();
    site.present(&good).await.ok();
    refused(&site.present(&good).await);
    let us = site.server.origin();
    let now = site.server.app.clock.now().as_secs();
    for (name, value) in [
        ("aud", json!("https://other.example")),
        ("aud", json!([us, "https://other.example"])),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 86_400)),
        ("iat", json!(now - 86_400)),
    ] {
        let mut claims = site.claims(SHOP, "2");
        claims[name] = value;
        refused(&site.vouch(&site.shop, &claims).await);
    }
    // At the same moment from many machines.
    let good = site.shop.sign(JwtType::IdToken, &site.claims(SHOP, "3")).await.unwrap();
    let answers = futures::future::join_all((0..20).map(|_| site.present(&good))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1);
}

#[tokio::test]
async fn nobody_brings_a_key_along() {
    let mut site = Site::start().await;
    let elsewhere = Receiver::start().await;
    let (mine, _) = backend().await;
    let assertion = mine.sign(JwtType::IdToken, &site.claims(SHOP, "1")).await.unwrap();
    let (_, rest) = assertion.split_once('.').unwrap();
    let jwk = serde_json::to_value(mine.public().await.unwrap()).unwrap()["keys"][0].clone();
    for header in [
        json!({"alg": "RS256", "kid": jwk["kid"], "jwk": jwk}),
        json!({"alg": "RS256", "kid": jwk["kid"], "jku": elsewhere.url("/jwks")}),
        json!({"alg": "RS256", "kid": elsewhere.url("/jwks")}),
        json!({"alg": "none"}),
    ] {
        let header = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header.to_string());
        refused(&site.present(&format!("{header}.{rest}")).await);
    }
    let mut elsewhere = elsewhere;
    assert!(elsewhere.try_next().is_none(), "only configured URLs are fetched");
    assert!(site.keys.next().await.head.starts_with("GET /jwks HTTP/1.1"));
    assert!(site.other_keys.try_next().is_none());
}

#[tokio::test]
async fn a_disabled_account_stays_disabled() {
    let site = Site::start().await;
    let body = site.vouch(&site.shop, &site.claims(SHOP, "1")).await.ok();
    let name = body["account"]["username"].as_str().unwrap();
    site.server.app.accounts.set_disabled(name, true).await.unwrap();
    refused(&site.vouch(&site.shop, &site.claims(SHOP, "2")).await);
    let token = body["access_token"].as_str().unwrap();
    let phone = testkit::Phone::holding(&site.server, token, body["device_id"].as_str().unwrap());
    phone.user_info().await.refused(401, "token_revoked");
    site.server.app.accounts.set_disabled(name, false).await.unwrap();
    assert_eq!(site.vouch(&site.shop, &site.claims(SHOP, "3")).await.ok()["account"], body["account"]);
    phone.user_info().await.refused(401, "token_revoked");
}
