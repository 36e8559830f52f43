//! An HTTP client and its responses.

use crate::patience::PATIENCE;
use crate::place::Place;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;

/// The fields of a form or a query.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Returns the JSON of a successful response.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert!(self.header("content-type").starts_with("application/json"), "{self:?}");
        self.json()
    }

    /// Returns the JSON of any response.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// Returns a string field of the JSON of a successful response.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        self.ok()[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }

    /// Returns the error code, or "".
    pub fn code(&self) -> String {
        let body = serde_json::from_str::<Value>(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Checks that this is an error with that status and code, in the common error format.
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

    /// Checks that the response says that an engine is down, and nothing more.
    #[track_caller]
    pub fn unavailable(&self) {
        self.refused(503, "unavailable");
        for detail in ["redis", "postgres", "sqlite", "127.0.0.1"] {
            assert!(!self.body.to_lowercase().contains(detail), "{}", self.body);
        }
    }

    /// Checks that a form was redirected, and returns the target.
    #[track_caller]
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// Returns a header's value, or "".
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// Returns the `Set-Cookie` line of that cookie.
    pub fn set_cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).map(str::to_owned)
    }
}

/// An HTTP client with its cookies and default headers. Never follows redirects. Cookies belong to a host, so they are
/// sent to all of its ports.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub jar: Arc<Jar>,
    headers: HeaderMap,
}

impl Client {
    /// Creates a client of this place.
    pub fn new(place: &(impl Place + ?Sized)) -> Self {
        Self::of(place.origin(), reqwest::Client::builder())
    }

    /// Creates a client without a place; set one with [`Self::at`].
    pub fn anywhere() -> Self {
        Self::of(String::new(), reqwest::Client::builder())
    }

    /// Creates a client that opens a connection per request, which a busy server must accept each time.
    pub fn connecting_anew(place: &(impl Place + ?Sized)) -> Self {
        Self::of(place.origin(), reqwest::Client::builder().pool_max_idle_per_host(0))
    }

    /// Creates a client with another local address.
    pub fn from(address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        Self::of(String::new(), reqwest::Client::builder().local_address(address))
    }

    fn of(base: String, builder: reqwest::ClientBuilder) -> Self {
        let jar = Arc::new(Jar::default());
        let http = builder
            .no_proxy()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar))
            .build()
            .unwrap();
        Self { http, base, jar, headers: HeaderMap::new() }
    }

    /// Returns the same client, with its cookies, for another place.
    pub fn at(&self, place: &(impl Place + ?Sized)) -> Self {
        Self { base: place.origin(), ..self.clone() }
    }

    /// Returns the base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Adds a default header.
    pub fn always(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// Sends requests as a browser sends a form without script.
    pub fn plain_forms(self) -> Self {
        self.always("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// Removes a default header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub async fn send(&self, method: Method, path: &str, media_type: Option<&str>, body: Vec<u8>) -> Answer {
        self.try_send(method, path, media_type, body).await.unwrap()
    }

    async fn try_send(
        &self,
        method: Method,
        path: &str,
        media_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type).body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// Sends a GET; `None` if no server responds.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_send(Method::GET, path, None, Vec::new()).await.ok()
    }

    /// Sends a GET with a query.
    pub async fn ask(&self, path: &str, query: Fields<'_>) -> Answer {
        self.get(&format!("{path}?{}", encode(query))).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, form: Fields<'_>) -> Answer {
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), encode(form).into_bytes()).await
    }

    /// Sends a form; `None` if the server dies meanwhile.
    pub async fn try_post(&self, path: &str, form: Fields<'_>) -> Option<Answer> {
        let media_type = Some("application/x-www-form-urlencoded");
        self.try_send(Method::POST, path, media_type, encode(form).into_bytes()).await.ok()
    }

    /// Returns the `Cookie` header that this client would send.
    pub fn cookies(&self) -> Option<HeaderValue> {
        self.headers.get(COOKIE).cloned().or_else(|| self.jar.cookies(&self.base.parse::<Url>().unwrap()))
    }

    /// Returns the same as text.
    pub fn cookie_line(&self) -> String {
        self.cookies().map(|line| String::from_utf8(line.as_bytes().to_vec()).unwrap()).unwrap_or_default()
    }

    /// Returns the value of one of its cookies.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let all = self.cookies()?;
        let pairs = all.to_str().unwrap().split("; ").filter_map(|pair| pair.split_once('=')).collect::<Vec<_>>();
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// Sets a cookie.
    pub fn plant(&self, name: &str, value: &str) {
        self.jar.add_cookie_str(&format!("{name}={value}; Path=/"), &self.base.parse::<Url>().unwrap());
    }
}

pub fn encode(fields: Fields<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Creates a client that has nothing but a bearer token.
pub fn bearer(place: &(impl Place + ?Sized), token: &str) -> Client {
    Client::new(place).always(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
}
