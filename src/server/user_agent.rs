//! Browser and operating system from the `User-Agent`, in words that users know.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use woothee::parser::Parser;

/// Longer user agents are truncated: nothing after this is useful.
const LONGEST: usize = 512;

/// Number of cached headers: less than a megabyte.
const KEPT: usize = 1024;

/// The client software, as described by its `User-Agent`. It can be forged; it is displayed, never trusted.
///
/// Both names come from woothee's own list and never from the header: users base their decision on them, so the
/// requester must not be able to inject text there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// The browser, or empty if it is unknown.
    pub browser: String,
    /// The operating system, or empty if it is unknown.
    pub os: String,
    /// Whether it is a phone.
    pub is_phone: bool,
    /// The app whose built-in browser it is, if it is one that scans codes.
    pub in_app: Option<InApp>,
}

/// An app with a scanner, which opens what it scanned in a browser of its own, with cookies of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InApp {
    /// 微信
    WeChat,
    /// 支付宝
    Alipay,
    /// 钉钉
    DingTalk,
    /// LINE
    Line,
}

impl InApp {
    /// Each app's own mark in its `User-Agent`.
    const MARKS: [(&'static str, Self); 4] = [
        ("MicroMessenger/", Self::WeChat),
        ("AlipayClient/", Self::Alipay),
        ("DingTalk/", Self::DingTalk),
        (" Line/", Self::Line),
    ];

    fn of(header: &str) -> Option<Self> {
        Self::MARKS.into_iter().find(|(mark, _)| header.contains(mark)).map(|(_, app)| app)
    }
}

impl Agent {
    /// Parses a `User-Agent` header. There are few distinct ones, so results are cached: woothee takes some 10 µs.
    pub fn parse(header: &str) -> Self {
        static KNOWN: LazyLock<Mutex<HashMap<String, Agent>>> = LazyLock::new(Mutex::default);
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = known().get(header) {
            return agent.clone();
        }
        let agent = Self::read(header);
        if header.len() <= LONGEST {
            let mut known = known();
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(header.to_owned(), agent.clone());
        }
        agent
    }

    fn read(header: &str) -> Self {
        let header: String = header.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let known = Parser::new().parse(&header);
        let is_browser = |category| matches!(category, "pc" | "smartphone" | "mobilephone" | "appliance");
        let browser = known.as_ref().filter(|agent| is_browser(agent.category)).map_or("UNKNOWN", |agent| agent.name);
        let os = known.as_ref().map_or("UNKNOWN", |agent| agent.os);
        Self {
            browser: match browser {
                "UNKNOWN" => String::new(),
                name => name.to_owned(),
            },
            os: match os {
                "UNKNOWN" => String::new(),
                "Mac OSX" => "macOS".to_owned(),
                "iPhone" | "iPod" => "iOS".to_owned(),
                "iPad" => "iPadOS".to_owned(),
                // Browsers no longer reveal the version of Windows.
                name if name.starts_with("Windows") && !name.contains("Phone") => "Windows".to_owned(),
                name => name.to_owned(),
            },
            is_phone: known.is_some_and(|agent| agent.category == "smartphone") && os != "iPad",
            in_app: InApp::of(&header),
        }
    }

    /// Returns both in one line, the same in every language.
    pub fn name(&self) -> String {
        [self.browser.as_str(), self.os.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_named() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        for (header, name) in [
            (format!("{windows} Chrome/140.0.0.0 Safari/537.36"), "Chrome · Windows"),
            (format!("{windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"), "Edge · Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.0 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Safari · iOS",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
                "Firefox · macOS",
            ),
            ("okhttp/4.12.0".to_owned(), ""),
            ("Verified-by-IT,OK! x".to_owned(), ""),
            ("Mozilla/5.0 (Windows Verified-by-IT; Win64) Chrome/1.0 Safari/1.0".to_owned(), "Chrome · Windows"),
            (String::new(), ""),
        ] {
            assert_eq!(Agent::parse(&header).name(), name, "{header}");
        }
    }

    #[test]
    fn what_is_kept_is_what_was_read() {
        let header = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(Agent::parse(header), Agent::read(header));
        assert_eq!(Agent::parse(header), Agent::read(header));
        for number in 0..2 * KEPT {
            Agent::parse(&format!("{header} {number}"));
        }
        assert_eq!(Agent::parse(header).name(), "Firefox · Linux");
    }

    #[test]
    fn a_phone_is_recognised() {
        let android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/140.0.0.0 Mobile Safari/537.36";
        assert!(Agent::parse(android).is_phone);
        assert!(!Agent::parse("curl/8.0").is_phone);
    }

    #[test]
    fn the_browsers_of_apps_that_scan_are_told_apart() {
        let phone = "Mozilla/5.0 (Linux; Android 14; 23013RK75C) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36";
        for (mark, app) in [
            (
                " XWEB/1260117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64",
                Some(InApp::WeChat),
            ),
            (
                " NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI) AliApp(AP/10.6.0) AlipayClient/10.6.0",
                Some(InApp::Alipay),
            ),
            (" AliApp(DingTalk/7.6.0) com.alibaba.android.rimet/1 DingTalk/7.6.0", Some(InApp::DingTalk)),
            (" Line/14.9.0/IAB", Some(InApp::Line)),
            (" Online/1.0", None),
            ("", None),
        ] {
            assert_eq!(Agent::parse(&format!("{phone}{mark}")).in_app, app, "{mark}");
        }
    }
}
