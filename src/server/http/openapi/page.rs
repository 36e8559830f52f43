//! `GET /docs`: the document as one page. Its HTML is written here, because it has none of the pages' islands, languages
//! and cookies, and is the same for everybody; it has no script, so that its policy allows none.

mod parts;
mod samples;

use super::operation::{id, name};
use super::{ABOUT, AREAS};
use crate::app::Site;
use crate::html::escape;
use crate::routes;
use crate::server::assets;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parts::{fields, prose, responses};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The styles of this page alone: the sign-in page must not load them.
const STYLE: &str = include_str!("../../../../style/docs.css");

/// Returns the page and its Content-Security-Policy.
pub(super) fn render(site: &Site, document: &Value) -> (String, String) {
    let style = format!("{}{STYLE}", site.css());
    let policy = format!(
        "default-src 'none'; style-src 'self' 'sha256-{}'; img-src 'self' data: https:; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(&style))
    );
    let root = assets::root();
    let title = escape(&format!("API · {}", site.name));
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\
         <title>{title}</title><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <meta name=\"theme-color\" media=\"(prefers-color-scheme: light)\" content=\"#f4f5f7\">\
         <meta name=\"theme-color\" media=\"(prefers-color-scheme: dark)\" content=\"#111317\">\
         <link rel=\"stylesheet\" href=\"{root}/pkg/qr-login.css\"><style>{style}</style>\
         <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"></head><body class=\"docs\">\
         <a class=\"skip\" href=\"#main\">Skip to content</a>\
         <header class=\"site\"><a class=\"brand\" href=\"{home}\">{logo}<span>{name}</span></a>\
         <a class=\"quiet\" href=\"{raw}\">openapi.json</a></header>\
         <div class=\"sheet\">{nav}<main id=\"main\">{intro}{areas}{types}</main></div></body></html>",
        home = routes::PC_LOGIN,
        raw = routes::OPENAPI,
        name = escape(&site.name),
        logo = logo(site),
        nav = nav(),
        intro = intro(document),
        areas = areas(document),
        types = types(document),
    );
    (html, policy)
}

fn logo(site: &Site) -> String {
    let (Some(url), dark) = site.logos() else { return String::new() };
    let dark = dark.map(|url| format!("<source srcset=\"{}\" media=\"(prefers-color-scheme: dark)\">", escape(url)));
    let dark = dark.unwrap_or_default();
    format!("<picture>{dark}<img src=\"{}\" alt=\"\" height=\"32\"></picture>", escape(url))
}

fn slug(name: &str) -> String {
    let words: Vec<_> =
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

fn nav() -> String {
    let areas: String = AREAS
        .iter()
        .map(|area| {
            format!(
                "<li><a href=\"#{}\">{} <span class=\"count\">{}</span></a></li>",
                slug(area.name),
                escape(area.name),
                area.endpoints.len()
            )
        })
        .collect();
    format!(
        "<nav aria-label=\"Contents\"><ol><li><a href=\"#main\">Overview</a></li>{areas}\
         <li><a href=\"#types\">Types</a></li></ol></nav>"
    )
}

fn intro(document: &Value) -> String {
    let server = document["servers"][0]["url"].as_str().unwrap_or_default();
    let version = document["info"]["version"].as_str().unwrap_or_default();
    let schemes = document["components"]["securitySchemes"].as_object();
    let schemes: String = schemes
        .into_iter()
        .flatten()
        .map(|(name, scheme)| {
            let how = match (scheme["scheme"].as_str(), scheme["name"].as_str()) {
                (Some("basic"), _) => "Authorization: Basic …".to_owned(),
                (Some(_), _) => "Authorization: Bearer …".to_owned(),
                (None, cookie) => format!("Cookie: {}=…", cookie.unwrap_or_default()),
            };
            format!(
                "<div id=\"scheme-{name}\"><dt>{}</dt><dd><code>{}</code> {}</dd></div>",
                parts::words(name),
                escape(&how),
                prose(scheme["description"].as_str().unwrap_or_default())
            )
        })
        .collect();
    format!(
        "<section class=\"intro\"><h1>API</h1><p class=\"lead\">{}</p>\
         <dl class=\"base\"><div><dt>Address</dt><dd><code>{}</code></dd></div>\
         <div><dt>Version</dt><dd>{}</dd></div></dl>\
         <h2>Credentials</h2><dl class=\"schemes\">{schemes}</dl></section>",
        prose(ABOUT),
        escape(server),
        escape(version),
    )
}

fn areas(document: &Value) -> String {
    let mut html = String::new();
    for area in AREAS {
        html += &format!(
            "<section class=\"area\" id=\"{}\"><h2>{}</h2><p class=\"lead\">{}</p>",
            slug(area.name),
            escape(area.name),
            prose(area.about)
        );
        for endpoint in area.endpoints {
            let Some(first) = endpoint.methods.first() else { continue };
            let path = endpoint.path();
            let verbs: Vec<_> = endpoint.methods.iter().map(name).collect();
            let verb = if verbs.len() > 2 { "any".to_owned() } else { verbs.join(" ") };
            html += &operation(document, &path, &verb, name(first), &id(endpoint, first));
        }
        html += "</section>";
    }
    html
}

/// One endpoint, closed until it is opened or linked to. The id is inside, because browsers open what a link leads into.
fn operation(document: &Value, path: &str, verb: &str, method: &str, id: &str) -> String {
    let operation = &document["paths"][path][method];
    let text = |key: &str| operation[key].as_str().unwrap_or_default();
    let badges: String =
        verb.split(' ').map(|verb| format!("<b class=\"verb {verb}\">{}</b>", verb.to_uppercase())).collect();
    format!(
        "<details class=\"operation\"><summary><span class=\"verbs\">{badges}</span><code class=\"path\">{}</code>\
         <span class=\"does\">{}</span></summary><div class=\"body\" id=\"{id}\"><div class=\"text\"><p>{}</p>{}{}{}\
         <p class=\"hint\"><a href=\"#{id}\">Link to this endpoint</a></p></div>\
         <div class=\"samples\">{}</div></div></details>",
        parts::breakable(path),
        escape(text("summary")),
        prose(text("description")),
        parts::callers(operation),
        fields(document, operation),
        responses(operation),
        samples::samples(document, path, method),
    )
}

fn types(document: &Value) -> String {
    let schemas = document["components"]["schemas"].as_object();
    let types: String = schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema["properties"].is_object())
        .map(|(name, schema)| {
            format!(
                "<details class=\"operation\"><summary><code class=\"path\">{name}</code></summary>\
                 <div class=\"body\" id=\"type-{name}\"><div class=\"text\">{}</div><div class=\"samples\">{}</div></div></details>",
                parts::properties(schema),
                samples::of_type(name)
            )
        })
        .collect();
    format!(
        "<section class=\"area\" id=\"types\"><h2>Types</h2><p class=\"lead\">What is in the JSON of answers.</p>{types}</section>"
    )
}
