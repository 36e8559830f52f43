//! What speaks to the server: any HTTP client, and on top of it a PC's browser, a phone's app and a phone's browser.

use super::server::{PASSWORD, PATIENCE, Server};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;
use std::sync::Arc;

/// Fields of a form or a query.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The JSON of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert!(self.header("content-type").starts_with("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks that this is the error of that status and code, in the one form that errors have.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{code}: {}", self.body);
        assert!(self.header("content-type").starts_with("application/json"), "{self:?}");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["code"], code, "{body}");
        let message = body["message"].as_str().expect("a message for people");
        assert!(!message.is_empty());
        let fields = body.as_object().unwrap().keys().filter(|key| *key != "retry_after").count();
        assert_eq!(fields, 2, "{body}");
        message.to_owned()
    }

    /// Checks that a form was answered by a redirect, and returns where to.
    #[track_caller]
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// A header's value, or an empty text.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// The `Set-Cookie` line of that cookie.
    pub fn set_cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).map(str::to_owned)
    }
}

/// An HTTP client with its cookies and the headers it always sends. Redirects are never followed.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub jar: Arc<Jar>,
    headers: HeaderMap,
}

impl Client {
    pub fn new(server: &Server) -> Self {
        Self::of(&server.origin(), reqwest::Client::builder())
    }

    /// Of a site that is not a [`Server`].
    #[allow(dead_code, reason = "for attacks")]
    pub fn at(site: &str) -> Self {
        Self::of(site, reqwest::Client::builder())
    }

    /// One that opens a connection for each request, which a busy server must take in each time.
    #[allow(dead_code, reason = "for attacks")]
    pub fn connecting_anew(origin: &str) -> Self {
        Self::of(origin, reqwest::Client::builder().pool_max_idle_per_host(0))
    }

    fn of(origin: &str, builder: reqwest::ClientBuilder) -> Self {
        let jar = Arc::new(Jar::default());
        let http = builder
            .no_proxy()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar))
            .build()
            .unwrap();
        Self { http, base: origin.to_owned(), jar, headers: HeaderMap::new() }
    }

    /// The same client, always sending this header.
    pub fn always(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// The same client, as a browser posts a form without script.
    pub fn plain_forms(self) -> Self {
        self.always("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// The same client, never sending this header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub async fn send(&self, method: Method, path: &str, media_type: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type).body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// GET with a query.
    pub async fn ask(&self, path: &str, query: Fields<'_>) -> Answer {
        self.get(&format!("{path}?{}", encode(query))).await
    }

    /// POST of a form.
    pub async fn post(&self, path: &str, form: Fields<'_>) -> Answer {
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), encode(form).into_bytes()).await
    }

    /// The `Cookie` header that this client would send.
    pub fn cookies(&self) -> Option<HeaderValue> {
        self.jar.cookies(&self.base.parse::<Url>().unwrap())
    }

    /// The same as text.
    pub fn cookie_line(&self) -> String {
        self.cookies().map(|line| String::from_utf8(line.as_bytes().to_vec()).unwrap()).unwrap_or_default()
    }

    /// The value of one of its cookies.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let all = self.cookies()?;
        let pairs = all.to_str().unwrap().split("; ").filter_map(|pair| pair.split_once('=')).collect::<Vec<_>>();
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// Plants a cookie.
    pub fn plant(&self, name: &str, value: &str) {
        self.jar.add_cookie_str(&format!("{name}={value}; Path=/"), &self.base.parse::<Url>().unwrap());
    }
}

pub fn encode(fields: Fields<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A PC's browser: known by its cookies.
#[derive(Clone, Debug)]
pub struct Pc(pub Client);

impl Pc {
    pub fn new(server: &Server) -> Self {
        Self(Client::new(server))
    }

    /// Asks for a code and returns the ticket's id.
    pub async fn ticket(&self) -> String {
        self.generate().await.ok()["id"].as_str().unwrap().to_owned()
    }

    pub async fn generate(&self) -> Answer {
        self.0.post("/api/qrcode/generate", &[]).await
    }

    pub async fn check(&self, id: &str) -> Answer {
        self.0.ask("/api/qrcode/check", &[("id", id)]).await
    }

    pub async fn status(&self, id: &str) -> String {
        self.check(id).await.ok()["status"].as_str().unwrap().to_owned()
    }

    pub async fn wait(&self, id: &str, seen: &str) -> Answer {
        self.0.ask("/api/qrcode/wait", &[("id", id), ("status", seen)]).await
    }

    pub async fn redeem(&self, id: &str) -> Answer {
        self.0.post("/api/qrcode/redeem", &[("id", id)]).await
    }

    pub async fn abandon(&self, id: &str) -> Answer {
        self.0.post("/api/qrcode/abandon", &[("id", id)]).await
    }
}

/// A phone's app: known by its bearer token and device id.
#[derive(Clone, Debug)]
pub struct Phone {
    pub client: Client,
    pub token: String,
    pub device: String,
}

impl Phone {
    /// Signs in to the account, which is made if it is not there, on a new phone.
    pub async fn new(server: &Server, account: &str) -> Self {
        server.account(account).await;
        let answer =
            Client::new(server).post("/api/login", &[("username", account), ("password", PASSWORD)]).await.ok();
        let text = |field: &str| answer[field].as_str().unwrap().to_owned();
        Self::holding(server, &text("token"), &text("device_id"))
    }

    /// A phone that has this credential.
    pub fn holding(server: &Server, token: &str, device: &str) -> Self {
        let client = bearer(server, token).always("x-device-id", device);
        Self { client, token: token.to_owned(), device: device.to_owned() }
    }

    pub async fn scan(&self, id: &str) -> Answer {
        self.client.post("/api/qrcode/scan", &[("id", id)]).await
    }

    /// Scans and returns the confirm token.
    pub async fn token_for(&self, id: &str) -> String {
        self.scan(id).await.ok()["confirm_token"].as_str().unwrap().to_owned()
    }

    pub async fn confirm(&self, id: &str, token: &str) -> Answer {
        self.client.post("/api/qrcode/confirm", &[("id", id), ("confirm_token", token)]).await
    }

    pub async fn cancel(&self, id: &str, token: &str) -> Answer {
        self.client.post("/api/qrcode/cancel", &[("id", id), ("confirm_token", token)]).await
    }

    /// Scans and confirms.
    pub async fn approve(&self, id: &str) {
        let token = self.token_for(id).await;
        self.confirm(id, &token).await.ok();
    }

    pub async fn user_info(&self) -> Answer {
        self.client.get("/api/userinfo").await
    }

    pub async fn session_id(&self) -> String {
        self.user_info().await.ok()["session"]["id"].as_str().unwrap().to_owned()
    }
}

/// A client that has nothing but a bearer token.
pub fn bearer(server: &Server, token: &str) -> Client {
    Client::new(server).always(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
}

/// A phone's browser, signed in by a page: known by its cookies.
pub async fn browser_phone(server: &Server, account: &str) -> Client {
    server.account(account).await;
    let client = Client::new(server);
    let page = client.clone().always("sec-fetch-site", "same-origin");
    page.post("/api/login", &[("username", account), ("password", PASSWORD)]).await.ok();
    client
}

/// A PC signed in by a ticket that the phone approved: its browser, and a client with its token alone.
pub async fn signed_in_pc(server: &Server, phone: &Phone) -> (Pc, Client) {
    let pc = Pc::new(server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    let token = pc.redeem(&id).await.ok()["token"].as_str().unwrap().to_owned();
    (pc, bearer(server, &token))
}
