//! Maps paths to handlers.

use super::http::forward_auth::{self, Contract};
use super::http::oauth::{authorize, continuation, device, discovery, logout, programs};
use super::http::{
    api, assets, connections, cors, headers, health, host, language, manifest, openapi, pages, picture, providers,
    site as sites, upload, well_known, ws,
};
use super::listener::Answer;
use super::state::AppState;
use crate::routes;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, any, get, on, post};
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

/// The routes and what is common to all of them. Not a tower middleware, which would cost one to three allocations per
/// request.
#[derive(Clone, Debug)]
pub struct Site {
    routes: Router,
    app: AppState,
    /// Whether the host of a request is checked.
    checks_host: bool,
}

impl Answer for Site {
    async fn answer(mut self, request: Request) -> Response {
        let refused = if self.checks_host { host::refuse(&self.app, &request) } else { None };
        let mut response = match refused {
            Some(response) => response,
            None => {
                let Ok(response) = self.routes.call(request).await;
                response
            }
        };
        headers::add(&self.app, &mut response);
        response
    }
}

/// Builds the main site.
pub fn site(app: AppState) -> Site {
    let mut endpoints = Router::new().route(routes::WATCH, get(ws::watch));
    for (path, method) in server_fn::axum::server_fn_paths() {
        let filter = if method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
        endpoints = endpoints.route(path, on(filter, api::server_function));
    }
    let endpoints = endpoints
        .route(routes::CONNECTION_TOKEN, post(connections::token))
        .route(routes::SETTINGS_PICTURE, post(upload::picture))
        .route(routes::API, any(api::not_found))
        .route(&format!("{}/", routes::API), any(api::not_found))
        .route(&format!("{}/{{*path}}", routes::API), any(api::not_found))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app.clone(), api::layer));

    let operations = if app.config.ops_addr.is_none() { operations() } else { Router::new() };
    let ways_in = Router::new()
        .route(routes::AUTHORIZE, get(authorize::authorize).post(authorize::authorize))
        .route(routes::CONTINUE, get(continuation::proceed))
        .route(routes::SITE, get(authorize::site))
        .route(routes::SITE_START, get(sites::start))
        .route_layer(from_fn(pages::refuse_parts));
    let pages = Router::new()
        .route(routes::PC_LOGIN, get(pages::sign_in::pc_login))
        .route(routes::PHONE_CONFIRM, get(pages::confirm::phone_confirm))
        .route(&format!("{}{{code}}", routes::CODE), get(pages::confirm::by_code))
        .route(&format!("{}{{code}}", routes::CODE_IN_LOWER_CASE), get(pages::confirm::by_code))
        .route(routes::ACCOUNT, get(pages::account))
        .route(routes::CONNECTIONS, get(connections::show).post(connections::change))
        .route(routes::SCANNER, get(pages::scan::show).post(pages::scan::read).layer(DefaultBodyLimit::disable()))
        .route(routes::SETTINGS, get(pages::settings::settings))
        .route(routes::DELETED, get(pages::settings::deleted))
        .route(routes::DEVICE, get(pages::device::show).post(pages::device::enter))
        .merge(ways_in)
        .route_layer(from_fn(pages::refuse_prefetch))
        .route(routes::LANGUAGE, post(language::choose))
        .route(routes::PROVIDER, post(providers::begin))
        .route(routes::PROVIDER_CALLBACK, get(providers::callback))
        .route(routes::OPENID_CONFIGURATION, get(discovery::metadata))
        .route(routes::AUTHORIZATION_SERVER, get(discovery::metadata))
        .route(routes::CONSENT, post(continuation::consent))
        .route(routes::TOKEN, post(programs::token).options(cors::preflight))
        .route(routes::DEVICE_AUTHORIZATION, post(device::authorize).options(cors::preflight))
        .route(routes::USERINFO, get(programs::user_info).post(programs::user_info).options(cors::preflight))
        .route(routes::INTROSPECT, post(programs::introspect))
        .route(routes::REVOKE_TOKEN, post(programs::revoke).options(cors::preflight))
        .route(routes::END_SESSION, get(logout::logout).post(logout::logout))
        .route(routes::SITE_CALLBACK, get(sites::callback))
        .route(routes::SITE_LOGOUT, get(sites::logout))
        .merge(forward_auth())
        .route(routes::JWKS, get(well_known::jwks))
        .route(routes::OIDC_JWKS, get(well_known::oidc_jwks))
        .route(routes::OPENAPI, get(openapi::openapi))
        .route(routes::DOCS, get(openapi::docs))
        .route(routes::MANIFEST, get(manifest::manifest))
        .route(&format!("{}{{hash}}/{{*file}}", routes::STATIC), get(assets::versioned))
        .route(&format!("{}{{file}}", routes::PICTURE), get(picture::picture))
        .merge(operations)
        .merge(endpoints)
        .fallback(pages::file_or_not_found);
    #[cfg(debug_assertions)]
    let pages = pages.route(routes::GALLERY, get(pages::gallery));
    finish(pages, app, true)
}

/// The questions of proxies, each by its own contract.
fn forward_auth() -> Router<AppState> {
    let envoy = || any(|app, request| forward_auth::decide(Contract::Envoy, app, request));
    Router::new()
        .route(routes::FORWARD_NGINX, any(|app, request| forward_auth::decide(Contract::Nginx, app, request)))
        .route(routes::FORWARD_CADDY, any(|app, request| forward_auth::decide(Contract::Caddy, app, request)))
        .route(routes::FORWARD_TRAEFIK, any(|app, request| forward_auth::decide(Contract::Traefik, app, request)))
        .route(&format!("{}/", routes::FORWARD_ENVOY), envoy())
        .route(&format!("{}/{{*path}}", routes::FORWARD_ENVOY), envoy())
}

/// Builds the site of the listener for operations.
pub fn operations_site(app: AppState) -> Site {
    finish(operations(), app, false)
}

fn operations() -> Router<AppState> {
    Router::new()
        .route(routes::HEALTHZ, get(health::healthz))
        .route(routes::READYZ, get(health::readyz))
        .route(routes::METRICS, get(health::metrics))
}

fn finish(router: Router<AppState>, app: AppState, checks_host: bool) -> Site {
    // Without ids: a query may contain one, or a name.
    let trace = TraceLayer::new_for_http().make_span_with(
        |request: &Request| tracing::debug_span!("request", method = %request.method(), path = routes::without_id(request.uri().path())),
    );
    Site { routes: router.layer(trace).with_state(app.clone()), app, checks_host }
}
