//! The web app's manifest: what a phone shows once the site is on its home screen.

use crate::i18n::{Locale, tag, text};
use crate::routes;
use crate::server::context::RequestContext;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use leptos_i18n::Locale as _;
use serde_json::{Value, json};

/// The site's language is in a cookie, so only the browser itself may keep the answer.
const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("private, max-age=300");

/// `GET /manifest.webmanifest`: name, icons, a shortcut to the scanner, and screenshots, in the language of the pages.
///
/// `id` is the start page's path, as browsers derived it before there was an `id`: what is installed stays the same app.
pub async fn manifest(cx: RequestContext) -> Response {
    let locale = cx.client.locale;
    let mut response = describe(locale, &cx.app.site.name).to_string().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    headers.insert(header::CACHE_CONTROL, FIVE_MINUTES);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag(locale)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}

fn describe(locale: Locale, name: &str) -> Value {
    let picture = |src: &str, sizes: &str, kind: &str| json!({ "src": src, "sizes": sizes, "type": kind });
    let icon = |src: &str, sizes: &str, kind: &str, purpose: &str| {
        let mut icon = picture(src, sizes, kind);
        icon["purpose"] = purpose.into();
        icon
    };
    // Taken in two languages, by scripts/pictures.sh.
    let language = if locale == Locale::zh_CN { "zh-CN" } else { "en" };
    let screenshot = |name: &str, label: &str| {
        let mut screenshot = picture(&format!("/screenshot-{name}.{language}.webp"), "780x1560", "image/webp");
        screenshot["form_factor"] = "narrow".into();
        screenshot["label"] = label.into();
        screenshot
    };
    json!({
        "id": routes::ACCOUNT,
        "name": name,
        "short_name": name,
        "description": text!(locale, pc.heading),
        "lang": tag(locale),
        "dir": locale.direction().as_str(),
        "start_url": routes::ACCOUNT,
        "scope": "/",
        "display": "standalone",
        "categories": ["security", "utilities"],
        "launch_handler": { "client_mode": ["navigate-existing", "auto"] },
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [
            icon("/icon.svg", "any", "image/svg+xml", "any"),
            icon("/icon-192.png", "192x192", "image/png", "any"),
            icon("/icon-512.png", "512x512", "image/png", "any"),
            icon("/icon-maskable.png", "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [{
            "name": text!(locale, scan.link),
            "url": routes::SCANNER,
            "icons": [picture("/icon-scan.png", "96x96", "image/png")],
        }],
        "screenshots": [
            screenshot("scan", &text!(locale, scan.heading)),
            screenshot("confirm", &text!(locale, confirm.heading)),
        ],
    })
}
