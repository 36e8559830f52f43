//! The description of the endpoints as it is sent: made at the first request, and the same until the process ends.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::OnceLock;

/// The document for programs and the page for people.
#[derive(Debug, Default)]
pub struct Description {
    /// The document (OpenAPI).
    pub document: OnceLock<Sent>,
    /// The page.
    pub page: OnceLock<Sent>,
}

/// A text that is sent again and again.
#[derive(Debug)]
pub struct Sent {
    bytes: Bytes,
    tag: HeaderValue,
    policy: Option<HeaderValue>,
}

impl Sent {
    /// Keeps `text`. `policy` is its Content-Security-Policy, if it is a page.
    pub fn new(text: String, policy: Option<String>) -> Self {
        let mut tag = "\"".to_owned();
        for byte in &Sha256::digest(&text)[..8] {
            // Writing to a string cannot fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        Self {
            bytes: text.into(),
            tag: HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")),
            policy: policy.and_then(|policy| HeaderValue::from_str(&policy).ok()),
        }
    }

    /// Answers a request: without the text if the caller has it. It may be kept, but not used unasked, because an update
    /// of the server changes it.
    pub fn answer(&self, media_type: &'static str, headers: &HeaderMap) -> Response {
        let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| is_among(&self.tag, known));
        let mut response = match is_known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => ([(header::CONTENT_TYPE, media_type)], self.bytes.clone()).into_response(),
        };
        let out = response.headers_mut();
        out.insert(header::ETAG, self.tag.clone());
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(policy) = &self.policy {
            out.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        }
        response
    }
}

/// Returns whether a tag is one of those that the caller knows (RFC 9110, section 13.1.2).
fn is_among(tag: &HeaderValue, known: &HeaderValue) -> bool {
    let (Ok(tag), Ok(known)) = (tag.to_str(), known.to_str()) else { return false };
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        let sent = Sent::new("text".to_owned(), None);
        let status = |known: Option<&str>| {
            let known = known.and_then(|known| HeaderValue::from_str(known).ok());
            let headers = known.map(|known| (header::IF_NONE_MATCH, known)).into_iter().collect();
            let response = sent.answer("text/plain", &headers);
            assert_eq!(response.headers()[header::ETAG], sent.tag);
            response.status()
        };
        let tag = sent.tag.to_str().unwrap_or_default();
        for known in [None, Some("\"x\""), Some("")] {
            assert_eq!(status(known), StatusCode::OK, "{known:?}");
        }
        for known in [tag.to_owned(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            assert_eq!(status(Some(&known)), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_ne!(Sent::new("another".to_owned(), None).tag, sent.tag);
    }
}
