//! Which path leads where.

use super::http::{api, assets, headers, health, host, language, pages, well_known, ws};
use super::state::AppState;
use crate::routes;
use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, get, on, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

/// All that the server answers.
pub fn router(app: AppState) -> Router {
    let mut endpoints = Router::new().route(routes::WATCH, get(ws::watch));
    for (path, method) in server_fn::axum::server_fn_paths() {
        let filter = if method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
        endpoints = endpoints.route(path, on(filter, api::server_function));
    }
    let endpoints = endpoints
        .route(routes::API, axum::routing::any(api::not_found))
        .route(&format!("{}/", routes::API), axum::routing::any(api::not_found))
        .route(&format!("{}/{{*path}}", routes::API), axum::routing::any(api::not_found))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app.clone(), api::layer));

    let operations = if app.config.ops_addr.is_none() { operations() } else { Router::new() };
    let pages = Router::new()
        .route(routes::PC_LOGIN, get(pages::pc_login))
        .route(routes::PHONE_CONFIRM, get(pages::confirm::phone_confirm))
        .route(routes::ACCOUNT, get(pages::account))
        .route_layer(from_fn(pages::refuse_prefetch))
        .route(routes::LANGUAGE, post(language::choose))
        .route(routes::JWKS, get(well_known::jwks))
        .route(routes::MANIFEST, get(well_known::manifest))
        .route(&format!("{}{{hash}}/{{*file}}", routes::STATIC), get(assets::versioned))
        .merge(operations)
        .merge(endpoints)
        .fallback(pages::file_or_not_found)
        .layer(from_fn_with_state(app.clone(), host::check));
    finish(pages, app)
}

/// What the listener for operations answers.
pub fn operations_router(app: AppState) -> Router {
    finish(operations(), app)
}

fn operations() -> Router<AppState> {
    Router::new()
        .route(routes::HEALTHZ, get(health::healthz))
        .route(routes::READYZ, get(health::readyz))
        .route(routes::METRICS, get(health::metrics))
}

/// Adds what surrounds everything.
fn finish(router: Router<AppState>, app: AppState) -> Router {
    router
        .layer(from_fn_with_state(app.clone(), headers::add))
        // The path alone: a query may hold a ticket's id or a name.
        .layer(TraceLayer::new_for_http().make_span_with(
            |request: &Request| tracing::debug_span!("request", method = %request.method(), path = request.uri().path()),
        ))
        .with_state(app)
}
