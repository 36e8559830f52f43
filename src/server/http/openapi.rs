//! `GET /openapi.json`: a description of every endpoint (OpenAPI), for programs that generate clients and tests, and
//! `GET /docs`: the same for people.
//!
//! One file per heading says what there is; a test compares it with the router. `operation`, `responses` and `field`
//! translate that to OpenAPI, and `page` renders the result. Both are built once, at the first request.

mod account;
mod endpoint;
mod field;
mod oauth;
mod operation;
mod operations;
mod page;
mod pages;
mod programs;
mod responses;
mod schemas;
mod settings;
mod sites;
mod tickets;

use super::cors;
use crate::server::description::Sent;
use crate::server::security::cookie::Name;
use crate::server::state::{App, AppState};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use endpoint::Area;
use field::{Place, text};
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Required, ServerBuilder};

/// A session's token in `Authorization`, for programs.
const BEARER: &str = "session_token";
/// The cookie of a phone's browser.
const PHONE: &str = "phone_cookie";
/// The cookie of a PC's browser.
const PC: &str = "pc_cookie";
/// The id and the secret of an app.
const APP: &str = "app_secret";
/// An access token of an app.
const APP_TOKEN: &str = "access_token";
/// The key that a script has of a connected service.
const CONNECTION_KEY: &str = "connection_key";
/// The cookie that binds a ticket to a browser.
const BROWSER: &str = "browser_cookie";

const ABOUT: &str = "Scan to sign in. Input is a query or a form, in which each field may be once; output is JSON. Every error under `/api` has a `code` for \
                     programs and a `message` for people; those of OAuth have the format of RFC 6749. Paths, fields and \
                     codes are only added, never changed: expect more fields than are described. Times are in UTC. \
                     Unless it says otherwise, an answer must not be kept (`Cache-Control: no-store`).";

/// In the order of the document.
const AREAS: &[&Area] = &[
    &tickets::PC,
    &tickets::PHONE_SIDE,
    &account::AREA,
    &settings::AREA,
    &oauth::AREA,
    &programs::AREA,
    &sites::AREA,
    &operations::AREA,
    &pages::AREA,
    &pages::DESCRIPTION,
];

/// `GET /openapi.json`. Any page may read it.
pub async fn openapi(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let sent = app.description.document.get_or_init(|| {
        let document = describe(&app);
        Sent::new(serde_json::to_string(&document).unwrap_or_default(), None)
    });
    cors::public(sent.answer("application/json", &headers))
}

/// `GET /docs`
pub async fn docs(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let sent = app.description.page.get_or_init(|| {
        let document = serde_json::to_value(describe(&app)).unwrap_or_default();
        let (html, policy) = page::render(&app.site, &document);
        Sent::new(html, Some(policy))
    });
    sent.answer("text/html; charset=utf-8", &headers)
}

fn describe(app: &App) -> OpenApi {
    let mut paths = Paths::new();
    for area in AREAS {
        for endpoint in area.endpoints {
            for method in endpoint.methods {
                let operation = operation::operation(area.name, endpoint, method);
                paths.add_path_operation(endpoint.path(), vec![method.clone()], operation);
            }
        }
    }
    let tags = AREAS.iter().map(|area| TagBuilder::new().name(area.name).description(Some(area.about)).build());
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("qr-login").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT)))
        .servers(Some([ServerBuilder::new().url(app.public_url.as_str().trim_end_matches('/')).build()]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components(app.public_url.scheme() == "https")))
        .build()
}

fn components(is_secure: bool) -> Components {
    let cookie = |name: Name, about: &str| {
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name.as_str(is_secure), about)))
    };
    let http = |scheme, about| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(about)).build());
    let device = text("X-Device-Id", "", "The `device_id` of the sign-in: an app on a phone sends it with its token.");
    let device = ParameterBuilder::new()
        .name(device.name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(device.about))
        .schema(Some(device.at(Place::Header).schema()));
    let session = "The token of a sign-in or of a redeemed code. A phone's is valid with its `X-Device-Id` only.";
    let builder = ComponentsBuilder::new()
        .security_scheme(BEARER, http(HttpAuthScheme::Bearer, session))
        .security_scheme(PHONE, cookie(Name::Phone, "The session of a phone's browser."))
        .security_scheme(PC, cookie(Name::Pc, "The session of a PC's browser."))
        .security_scheme(APP, http(HttpAuthScheme::Basic, "The id and the secret of an app in `clients.toml`."))
        .security_scheme(APP_TOKEN, http(HttpAuthScheme::Bearer, "An access token of an app."))
        .security_scheme(CONNECTION_KEY, http(HttpAuthScheme::Bearer, "What `/connections` shows once, for a script."))
        .security_scheme(BROWSER, cookie(Name::Browser, "Binds a ticket to the browser that asked for it."))
        .parameter("DeviceId", device.build());
    schemas::add(builder).build()
}
