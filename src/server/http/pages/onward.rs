//! Where the sign-in page leads on to (`next`).

use crate::routes;
use crate::server::http::form::ELSEWHERE;
use domain::account::local_path;
use url::Url;
use url::form_urlencoded::Serializer;

/// Returns where to go on. The sign-in page itself is no such place, so what it would lead to counts instead.
///
/// `from_elsewhere` is whether another site led here. The page of a code then shows its warning: a way round by this page,
/// however it is written, must not lose it.
pub(super) fn onward(next: &str, from_elsewhere: bool) -> Option<String> {
    let mut next = local_path(next)?;
    loop {
        // As browsers resolve it, dot segments and all. The host is never part of the result.
        let url = Url::parse("http://localhost").and_then(|here| here.join(&next)).ok()?;
        match url.path() {
            // Shorter each time, so that this ends.
            routes::PC_LOGIN => {
                let nested = url.query_pairs().find(|(name, _)| name == "next");
                next = nested.and_then(|(_, next)| local_path(&next))?;
            }
            path if from_elsewhere && leads_to_a_code(path) => return Some(warned(&url)),
            _ => return Some(next),
        }
    }
}

fn leads_to_a_code(path: &str) -> bool {
    path == routes::PHONE_CONFIRM
        || [routes::CODE, routes::CODE_IN_LOWER_CASE].into_iter().any(|prefix| path.starts_with(prefix))
}

/// Returns the path and the query with the note that another site led there.
fn warned(url: &Url) -> String {
    let kept = url.query_pairs().filter(|(name, _)| name != "from");
    let query = Serializer::new(String::new()).extend_pairs(kept).append_pair("from", ELSEWHERE).finish();
    format!("{}?{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_this_site_stays_as_it_is() {
        for page in
            ["/account", "/oauth/continue?i=1", "/confirm?id=1#top", "/C/ABC", "/a/./b", "/scan?x='", "/confirmed"]
        {
            assert_eq!(onward(page, false).as_deref(), Some(page));
        }
        for page in
            ["/account", "/oauth/continue?i=1", "/confirmed?id=1", "/confirm/?id=1", "/device?user_code=A", "/x/C/A"]
        {
            assert_eq!(onward(page, true).as_deref(), Some(page));
        }
        for elsewhere in
            ["", "//evil.example", "https://evil.example", "/?next=//evil.example", "/?next=https://evil.example"]
        {
            assert_eq!(onward(elsewhere, true), None, "{elsewhere}");
        }
    }

    #[test]
    fn the_page_of_a_code_learns_that_another_site_led_to_it() {
        for (page, noted) in [
            ("/confirm?id=1", "/confirm?id=1&from=elsewhere"),
            ("/confirm?id=1#top", "/confirm?id=1&from=elsewhere"),
            ("/confirm?from=x&id=1", "/confirm?id=1&from=elsewhere"),
            ("/confirm", "/confirm?from=elsewhere"),
            ("/C/ABC", "/C/ABC?from=elsewhere"),
            ("/c/abc?from=x#top", "/c/abc?from=elsewhere"),
            ("/./confirm?id=1", "/confirm?id=1&from=elsewhere"),
            ("/x/%2e%2E/confirm?id=1", "/confirm?id=1&from=elsewhere"),
            ("/./C//evil.example", "/C//evil.example?from=elsewhere"),
        ] {
            assert_eq!(onward(page, true).as_deref(), Some(noted));
        }
    }

    #[test]
    fn the_sign_in_page_leads_to_where_it_would_lead() {
        for (page, onwards) in [
            ("/", None),
            ("/?tab=password", None),
            ("/./", None),
            ("/?next=", None),
            ("/?next=/", None),
            ("/?next=%2Faccount", Some("/account")),
            ("/?tab=password&next=/?next=/?next=/account", Some("/account")),
            ("/x/..?next=%2F%3Fnext%3D%252Faccount", Some("/account")),
        ] {
            assert_eq!(onward(page, false).as_deref(), onwards, "{page}");
        }
        assert_eq!(onward("/?next=%2FC%2FABC", true).as_deref(), Some("/C/ABC?from=elsewhere"));
    }
}
