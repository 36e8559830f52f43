//! As much of a browser as sign-ins need: cookies, redirects, and forms of hidden fields.

use crate::headers::{Headers, Sender};
use crate::line::{Answer, Line};
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;

/// Maximum number of redirects in a row. Signing in takes two.
const REDIRECTS: usize = 4;

/// A phone's browser with one keep-alive connection.
pub struct Browser {
    line: Line,
    host: &'static str,
    cookies: Cookies,
}

impl Browser {
    pub async fn open_at(server: SocketAddr, host: &'static str) -> Result<Self> {
        Ok(Self { line: Line::open(server).await?, host, cookies: Cookies::default() })
    }

    pub fn with(self, cookies: Cookies) -> Self {
        Self { cookies, ..self }
    }

    pub fn cookies(self) -> Cookies {
        self.cookies
    }

    /// Opens a URL and returns its page.
    pub async fn open(&mut self, address: &str) -> Result<String> {
        let target = self.target(address)?;
        let headers = Headers { sender: Sender::PhonePage, host: self.host };
        self.follow(headers.get(&target, &self.cookies.header(&target))).await
    }

    /// Submits the form of a page and returns the resulting page.
    pub async fn send(&mut self, page: &str) -> Result<String> {
        let form = Form::of(page)?;
        let target = self.target(form.action)?;
        let headers = Headers { sender: Sender::PhoneForm, host: self.host };
        self.follow(headers.post(&target, &self.cookies.header(&target), &form.fields)).await
    }

    /// Submits fields to a path, as a script of the site.
    pub async fn post(&mut self, target: &str, fields: &str) -> Result<()> {
        let headers = Headers { sender: Sender::ScriptThatPosts, host: self.host };
        let answer = self.line.ask(&headers.post(target, &self.cookies.header(target), fields)).await?;
        self.cookies.take(&answer);
        answer.ok()?;
        Ok(())
    }

    /// Opens a path and follows redirects until one leads to another site. Returns its URL.
    pub async fn leave(&mut self, target: &str) -> Result<String> {
        let mut target = target.to_owned();
        for _ in 0..=REDIRECTS {
            let headers = Headers { sender: Sender::Page, host: self.host };
            let answer = self.line.ask(&headers.get(&target, &self.cookies.header(&target))).await?;
            self.cookies.take(&answer);
            ensure!(answer.status == 303, "{target} is no redirect: {}", String::from_utf8_lossy(answer.body));
            let location = answer.headers("location").next().context("a redirect says not where to")?.to_owned();
            match self.target(&location) {
                Ok(here) => target = here,
                Err(_) => return Ok(location),
            }
        }
        bail!("more than {REDIRECTS} redirects")
    }

    async fn follow(&mut self, mut request: String) -> Result<String> {
        for _ in 0..=REDIRECTS {
            let answer = self.line.ask(&request).await?;
            self.cookies.take(&answer);
            if answer.status != 303 {
                return Ok(String::from_utf8_lossy(answer.ok()?.body).into_owned());
            }
            let location = answer.headers("location").next().context("a redirect says not where to")?.to_owned();
            let target = self.target(&location)?;
            let headers = Headers { sender: Sender::PhonePage, host: self.host };
            request = headers.get(&target, &self.cookies.header(&target));
        }
        bail!("more than {REDIRECTS} redirects")
    }

    /// Returns the path and query of a URL, which must be of this host.
    fn target(&self, address: &str) -> Result<String> {
        let here = address.strip_prefix("http://").and_then(|rest| rest.strip_prefix(self.host)).unwrap_or(address);
        ensure!(here.starts_with('/'), "{address} is not at {}", self.host);
        Ok(here.to_owned())
    }
}

/// A form with all its fields.
struct Form<'a> {
    action: &'a str,
    fields: String,
}

impl<'a> Form<'a> {
    /// Parses the only form of a page.
    fn of(page: &'a str) -> Result<Self> {
        let form = page.split_once("<form ").and_then(|(_, rest)| rest.split_once("</form>"));
        let (form, _) = form.with_context(|| format!("no form: {page}"))?;
        let (head, inputs) = form.split_once('>').with_context(|| format!("no form: {page}"))?;
        let mut fields = String::new();
        for input in inputs.split("<input ").skip(1) {
            let (Some(name), Some(value)) = (attribute(input, "name"), attribute(input, "value")) else { continue };
            // The provider's fields contain nothing that would need encoding.
            ensure!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name} has {value}");
            let separator = if fields.is_empty() { "" } else { "&" };
            fields.extend([separator, name, "=", value]);
        }
        Ok(Self { action: attribute(head, "action").context("the form has no action")?, fields })
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut values = tag.split(' ').filter_map(|word| word.strip_prefix(name)?.strip_prefix("=\""));
    values.next()?.split('"').next()
}

#[derive(Default)]
pub struct Cookies(Vec<Cookie>);

struct Cookie {
    path: String,
    name: String,
    value: String,
}

impl Cookies {
    /// Stores the cookies that a response sets. An empty value removes a cookie.
    fn take(&mut self, answer: &Answer<'_>) {
        for line in answer.headers("set-cookie") {
            let mut words = line.split("; ");
            let Some((name, value)) = words.next().and_then(|pair| pair.split_once('=')) else { continue };
            let path = words.find_map(|word| word.strip_prefix("path=")).unwrap_or("/");
            self.0.retain(|cookie| !(cookie.name == name && cookie.path == path));
            if !value.is_empty() {
                self.0.push(Cookie { path: path.to_owned(), name: name.to_owned(), value: value.to_owned() });
            }
        }
    }

    /// Returns the `Cookie` header for that target, or "".
    fn header(&self, target: &str) -> String {
        let mut header = String::new();
        for Cookie { name, value, .. } in self.0.iter().filter(|cookie| target.starts_with(&cookie.path)) {
            header.push_str(if header.is_empty() { "cookie: " } else { "; " });
            header.extend([name.as_str(), "=", value]);
        }
        if header.is_empty() { header } else { header + "\r\n" }
    }
}
