//! Requests with the headers that browsers and phone apps send. Parsing them is part of the server's cost.

use std::fmt;

/// The client, and what it requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A browser on a PC that opens a page.
    Page,
    /// A script in that page.
    Script,
    /// The same with a POST, for which browsers send the page's origin.
    ScriptThatPosts,
    /// An app on a phone.
    App,
    /// A browser on a phone that opens a page.
    PhonePage,
    /// The same, submitting a form of that page.
    PhoneForm,
}

/// The headers of a client for this host.
#[derive(Clone, Copy, Debug)]
pub struct Headers {
    pub sender: Sender,
    pub host: &'static str,
}

/// Chromium on Windows.
pub const BROWSER: &str = "user-agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/142.0.0.0 Safari/537.36\r\n\
    sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Windows\"\r\n\
    accept-encoding: gzip, deflate, br, zstd\r\naccept-language: zh-CN,zh;q=0.9,en;q=0.8\r\n";
/// Chromium on Android.
const PHONE_BROWSER: &str = "user-agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/142.0.0.0 Mobile Safari/537.36\r\n\
    sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?1\r\nsec-ch-ua-platform: \"Android\"\r\n\
    accept-encoding: gzip, deflate, br, zstd\r\naccept-language: zh-CN,zh;q=0.9,en;q=0.8\r\n";
const NAVIGATION: &str = "upgrade-insecure-requests: 1\r\n\
    accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n\
    sec-fetch-mode: navigate\r\nsec-fetch-user: ?1\r\nsec-fetch-dest: document\r\n";
/// A navigation from the address bar or the camera.
const FROM_OUTSIDE: &str = "sec-fetch-site: none\r\n";
const FROM_HERE: &str = "sec-fetch-site: same-origin\r\n";
const FETCH: &str = "accept: application/json\r\n\
    sec-fetch-site: same-origin\r\nsec-fetch-mode: cors\r\nsec-fetch-dest: empty\r\n";
/// An app with Android's usual HTTP client.
const APP: &str = "user-agent: Example/3.2 (Linux; U; Android 15; Pixel 9 Build/BP1A) okhttp/5.1.0\r\n\
    accept: application/json\r\naccept-encoding: gzip\r\naccept-language: zh-CN\r\n";

impl Headers {
    /// Builds a whole request. `more` are additional headers, each with its line ending.
    pub fn get(self, target: &str, more: &str) -> String {
        format!("GET {target} HTTP/1.1\r\n{self}{more}\r\n")
    }

    pub fn post(self, target: &str, more: &str, form: &str) -> String {
        let length = form.len();
        format!(
            "POST {target} HTTP/1.1\r\n{self}{more}content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        )
    }
}

impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host;
        write!(f, "host: {host}\r\n")?;
        match self.sender {
            Sender::Page => write!(f, "{BROWSER}{NAVIGATION}{FROM_OUTSIDE}"),
            Sender::Script => write!(f, "{BROWSER}{FETCH}referer: http://{host}/\r\n"),
            Sender::ScriptThatPosts => {
                write!(f, "{BROWSER}{FETCH}origin: http://{host}\r\nreferer: http://{host}/\r\n")
            }
            Sender::App => f.write_str(APP),
            Sender::PhonePage => write!(f, "{PHONE_BROWSER}{NAVIGATION}{FROM_OUTSIDE}"),
            Sender::PhoneForm => {
                write!(f, "{PHONE_BROWSER}{NAVIGATION}{FROM_HERE}origin: http://{host}\r\nreferer: http://{host}/\r\n")
            }
        }
    }
}
