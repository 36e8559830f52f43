//! A person's browser: signed in or not on our own host, and with cookies of its own for each site.

use super::gate::{Gate, Reply};
use super::https::headers;
use std::collections::BTreeMap;
use std::sync::Mutex;
use testkit::{Client, Phone};

/// What browsers send when they load a page.
pub const PAGE: [(&str, &str); 2] = [("Accept", "text/html,application/xhtml+xml"), ("Sec-Fetch-Mode", "navigate")];

/// A browser.
pub struct Visitor<'a> {
    pub gate: &'a Gate,
    /// Our own host.
    pub login: Client,
    cookies: Mutex<BTreeMap<(String, String), String>>,
}

impl<'a> Visitor<'a> {
    /// A browser that is not signed in.
    pub fn new(gate: &'a Gate) -> Self {
        Self { gate, login: Client::new(&gate.server), cookies: Mutex::default() }
    }

    /// A browser in which that person is signed in on our own host, by a scan.
    pub async fn signed_in(gate: &'a Gate, name: &str) -> Self {
        let visitor = Self::new(gate);
        visitor.scan(name).await;
        visitor
    }

    pub async fn scan(&self, name: &str) {
        let phone = Phone::new(&self.gate.server, name).await;
        let id = self.login.post("/api/qrcode/generate", &[]).await.text("id");
        phone.approve(&id).await;
        self.login.post("/api/qrcode/redeem", &[("id", &id)]).await.ok();
    }

    pub fn cookie(&self, host: &str, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(&(host.to_owned(), name.to_owned())).cloned()
    }

    pub fn set_cookie(&self, host: &str, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    /// Sends a request with the site's cookies, and keeps those of the response.
    pub async fn send(&self, method: &str, host: &str, path: &str, lines: &[(&str, &str)]) -> Reply {
        let cookies = self.cookies.lock().unwrap().clone();
        let own = cookies.iter().filter(|((of, _), _)| of == host).map(|((_, name), value)| format!("{name}={value}"));
        let line = own.collect::<Vec<_>>().join("; ");
        let cookie = [("Cookie", line.as_str())];
        let cookie: &[_] = if line.is_empty() { &[] } else { &cookie };
        let reply = self.gate.send(method, host, path, &[cookie, lines].concat()).await;
        for line in headers(&reply.head, "set-cookie") {
            assert!(
                line.starts_with("__Host-qr_") && line.contains("; HttpOnly") && line.contains("; Secure"),
                "{line}"
            );
            assert!(line.contains("Path=/") && !line.to_lowercase().contains("domain"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            let key = (host.to_owned(), name.to_owned());
            if line.contains("Max-Age=0") {
                self.cookies.lock().unwrap().remove(&key);
            } else {
                self.cookies.lock().unwrap().insert(key, value.to_owned());
            }
        }
        reply
    }

    /// Loads a page.
    pub async fn load(&self, host: &str, path: &str) -> Reply {
        self.send("GET", host, path, &PAGE).await
    }

    /// Loads a page that leads to the sign-in, and returns the path of the sign-in on our own host.
    pub async fn turned_away(&self, host: &str, path: &str) -> String {
        let reply = self.load(host, path).await;
        assert_eq!(reply.status, 302, "{reply:?}");
        self.own_path(reply.header("location"))
    }

    fn own_path(&self, location: &str) -> String {
        let path = location.strip_prefix(&self.gate.server.origin());
        path.unwrap_or_else(|| panic!("not our own host: {location:?}")).to_owned()
    }

    /// Signs in on our own host, where the person is signed in already, and returns the path of the callback with its
    /// query.
    pub async fn callback(&self, host: &str, path: &str) -> String {
        let start = self.turned_away(host, path).await;
        let reply = self.login.get(&start).await;
        assert_eq!(reply.status.as_u16(), 303, "{}", reply.body);
        let location = reply.header("location");
        let callback = location.strip_prefix(&format!("https://{host}")).unwrap_or_else(|| panic!("{location}"));
        assert!(callback.starts_with("/.qr-login/callback?"), "{callback}");
        callback.to_owned()
    }

    /// Opens a page, by the sign-in if necessary, and returns the head of the request that reaches the application.
    pub async fn open(&self, host: &str, path: &str) -> String {
        let callback = self.callback(host, path).await;
        let reply = self.load(host, &callback).await;
        assert_eq!((reply.status, reply.header("location")), (303, format!("https://{host}{path}").as_str()));
        self.seen(host, path).await
    }

    /// Returns the head of the request that reaches the application.
    pub async fn seen(&self, host: &str, path: &str) -> String {
        let reply = self.load(host, path).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.body.starts_with("GET "), "{reply:?}");
        reply.body
    }
}
