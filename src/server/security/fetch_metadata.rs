//! What a browser says about why it sends a request (Fetch Metadata Request Headers). Old browsers, plain http and programs
//! say nothing.
//!
//! A page of another site can make its visitor's browser send any GET, as an image, in a frame or ahead of a visit, and each
//! would count against the visitor's address.

use axum::http::{HeaderMap, HeaderValue};

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    headers.get(name).map(HeaderValue::as_bytes)
}

/// Returns whether the browser loads this in case the person wants to see it later. Other sites cause that with speculation
/// rules, and the browser sends such a request as if the person had typed the URL. On a real visit it asks again.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose"].iter().filter_map(|name| value(headers, name)).any(|why| why.starts_with(b"prefetch"))
}

/// Returns whether this may be what a tab or a window shows.
pub fn is_for_window(headers: &HeaderMap) -> bool {
    value(headers, "sec-fetch-dest").is_none_or(|destination| destination == b"document")
}

/// Returns whether this is what a frame shows.
pub fn is_for_frame(headers: &HeaderMap) -> bool {
    value(headers, "sec-fetch-dest") == Some(b"iframe")
}

/// Returns whether this is what a frame shows, and a page of another site says so. Such a frame gets none of our cookies, so
/// that a person cannot sign in there.
pub fn is_for_foreign_frame(headers: &HeaderMap) -> bool {
    is_for_frame(headers) && value(headers, "sec-fetch-site") == Some(b"cross-site")
}

/// Returns whether another page led here.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    value(headers, "sec-fetch-site").is_some_and(|site| site != b"none" && site != b"same-origin")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_browser_that_says_nothing_shows_a_page_in_a_window() {
        let nothing = headers(&[]);
        assert!(is_for_window(&nothing) && !is_for_frame(&nothing) && !is_prefetch(&nothing));
        assert!(!is_from_elsewhere(&nothing) && !is_for_foreign_frame(&nothing));
    }

    #[test]
    fn a_window_a_frame_and_everything_else_differ() {
        for (destination, window, frame) in
            [("document", true, false), ("iframe", false, true), ("image", false, false), ("", false, false)]
        {
            let headers = headers(&[("sec-fetch-dest", destination)]);
            assert_eq!((is_for_window(&headers), is_for_frame(&headers)), (window, frame), "{destination}");
        }
        for (site, foreign) in [("cross-site", true), ("same-site", false), ("same-origin", false), ("none", false)] {
            let headers = headers(&[("sec-fetch-dest", "iframe"), ("sec-fetch-site", site)]);
            assert_eq!(is_for_foreign_frame(&headers), foreign, "{site}");
        }
    }

    #[test]
    fn a_prefetch_says_so_in_one_of_two_headers() {
        for (name, why, is) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("purpose", "prefetch", true),
            ("purpose", "preview", false),
        ] {
            assert_eq!(is_prefetch(&headers(&[(name, why)])), is, "{name}: {why}");
        }
    }
}
