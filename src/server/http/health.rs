//! Health, readiness and metrics, for operators.

use crate::server::readiness::Answered;
use crate::server::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// `GET /healthz`: the process is up.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: whether the stores respond, and if not, which one. The result is cached for a second, so frequent
/// requests cause no further probes.
pub async fn readyz(State(app): State<AppState>) -> Response {
    let ask = async || {
        let (tickets, database) = tokio::join!(app.tickets.ping(), app.accounts.ping());
        Answered { tickets: tickets.is_ok(), database: database.is_ok() }
    };
    let Answered { tickets, database } = app.readiness.or_ask(ask).await;
    let word = |is_up: bool| if is_up { "ok" } else { "unavailable" };
    let is_ready = tickets && database;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": word(is_ready),
        "tickets": word(tickets),
        "database": word(database),
    });
    (status, Json(body)).into_response()
}

/// `GET /metrics`: counters in the Prometheus text format.
pub async fn metrics(State(app): State<AppState>) -> Response {
    match app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
