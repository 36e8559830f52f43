//! What speaks to the nodes: a PC's browser and a phone's app, each request to another place if need be. The cookies are
//! the host's, so they go to every port of it.

use super::cluster::PASSWORD;
use super::node::Place;
use super::patience::PATIENCE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{ClientBuilder, Method};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;

/// Fields of a form or a query.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The JSON of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()
    }

    /// A text field of the JSON of a success.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        self.ok()[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }

    /// Checks that this is the error of that status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.body);
    }

    /// Checks that an engine is down, and that the answer says no more than that.
    #[track_caller]
    pub fn unavailable(&self) {
        self.refused(503, "unavailable");
        for detail in ["redis", "postgres", "sqlite", "127.0.0.1"] {
            assert!(!self.body.to_lowercase().contains(detail), "{}", self.body);
        }
    }

    /// The code of an error, or nothing.
    pub fn code(&self) -> String {
        serde_json::from_str::<Value>(&self.body)
            .ok()
            .and_then(|body| body["code"].as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

/// An HTTP client with its cookies and the headers it always sends.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    jar: Arc<Jar>,
    headers: HeaderMap,
}

impl Client {
    pub fn new() -> Self {
        Self::built(|builder| builder)
    }

    /// One that the server sees at another address of this machine.
    pub fn from(address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        Self::built(|builder| builder.local_address(address))
    }

    fn built(build: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let jar = Arc::new(Jar::default());
        let builder = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar));
        Self { http: build(builder).build().unwrap(), jar, headers: HeaderMap::new() }
    }

    /// The same client, always sending this header.
    pub fn always(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// GET; nothing where no server answers.
    pub async fn try_get(&self, at: &(impl Place + ?Sized), path: &str) -> Option<Answer> {
        self.send(Method::GET, format!("{}{path}", at.origin()), None).await.ok()
    }

    pub async fn get(&self, at: &(impl Place + ?Sized), path: &str) -> Answer {
        self.send(Method::GET, format!("{}{path}", at.origin()), None).await.unwrap()
    }

    /// POST of a form.
    pub async fn post(&self, at: &(impl Place + ?Sized), path: &str, form: Fields<'_>) -> Answer {
        self.send(Method::POST, format!("{}{path}", at.origin()), Some(encode(form))).await.unwrap()
    }

    async fn send(&self, method: Method, url: String, form: Option<String>) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, url).headers(self.headers.clone());
        if let Some(form) = form {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        let response = request.send().await?;
        Ok(Answer { status: response.status().as_u16(), body: response.text().await? })
    }

    /// The `Cookie` header that this client would send.
    pub fn cookies(&self, at: &(impl Place + ?Sized)) -> Option<HeaderValue> {
        self.headers.get(COOKIE).cloned().or_else(|| self.jar.cookies(&at.origin().parse().unwrap()))
    }
}

fn encode(fields: Fields<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A client that has nothing but a bearer token.
pub fn bearer(token: &str) -> Client {
    Client::new().always(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
}

/// A PC's browser.
#[derive(Clone, Debug)]
pub struct Pc(pub Client);

impl Pc {
    pub fn new() -> Self {
        Self(Client::new())
    }

    /// Another browser, over the same connections.
    pub fn beside(&self) -> Self {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).unwrap();
        Self(self.0.clone().always("cookie", &format!("qr_browser={}", URL_SAFE_NO_PAD.encode(secret))))
    }

    pub async fn generate(&self, at: &(impl Place + ?Sized)) -> Answer {
        self.0.post(at, "/api/qrcode/generate", &[]).await
    }

    /// Asks for a code and returns the ticket's id.
    pub async fn ticket(&self, at: &(impl Place + ?Sized)) -> String {
        self.generate(at).await.text("id")
    }

    pub async fn check(&self, at: &(impl Place + ?Sized), id: &str) -> Answer {
        self.0.get(at, &format!("/api/qrcode/check?id={id}")).await
    }

    pub async fn wait(&self, at: &(impl Place + ?Sized), id: &str, seen: &str) -> Answer {
        self.0.get(at, &format!("/api/qrcode/wait?id={id}&status={seen}")).await
    }

    pub async fn redeem(&self, at: &(impl Place + ?Sized), id: &str) -> Answer {
        self.0.post(at, "/api/qrcode/redeem", &[("id", id)]).await
    }

    /// The same; nothing where the node dies meanwhile.
    pub async fn try_redeem(&self, at: &(impl Place + ?Sized), id: &str) -> Option<Answer> {
        let url = format!("{}/api/qrcode/redeem", at.origin());
        self.0.send(Method::POST, url, Some(encode(&[("id", id)]))).await.ok()
    }
}

/// A phone's app.
#[derive(Clone, Debug)]
pub struct Phone {
    pub client: Client,
    pub token: String,
}

impl Phone {
    /// Signs in to the account on a new phone.
    pub async fn new(at: &(impl Place + ?Sized), account: &str) -> Self {
        let answer = sign_in(at, account).await;
        let (token, device) = (answer.text("token"), answer.text("device_id"));
        Self { client: bearer(&token).always("x-device-id", &device), token }
    }

    pub async fn scan(&self, at: &(impl Place + ?Sized), id: &str) -> Answer {
        self.client.post(at, "/api/qrcode/scan", &[("id", id)]).await
    }

    pub async fn decide(&self, at: &(impl Place + ?Sized), decision: &str, id: &str, token: &str) -> Answer {
        self.client.post(at, &format!("/api/qrcode/{decision}"), &[("id", id), ("confirm_token", token)]).await
    }

    /// Scans and confirms.
    pub async fn approve(&self, at: &(impl Place + ?Sized), id: &str) {
        let token = self.scan(at, id).await.text("confirm_token");
        self.decide(at, "confirm", id, &token).await.ok();
    }

    pub async fn user_info(&self, at: &(impl Place + ?Sized)) -> Answer {
        self.client.get(at, "/api/userinfo").await
    }
}

/// Signs a new phone in by password.
pub async fn sign_in(at: &(impl Place + ?Sized), account: &str) -> Answer {
    Client::new().post(at, "/api/login", &[("username", account), ("password", PASSWORD)]).await
}
