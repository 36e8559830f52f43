//! For those who operate the server.

use crate::server::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a probe's result is reused.
const FRESH: Duration = Duration::from_secs(1);

/// `GET /healthz`: the process is up.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the stores answer; if one does not, which. The result is up to a second old, so frequent requests cause no
/// further probes.
pub async fn readyz(State(app): State<AppState>) -> Response {
    let ask = async || {
        let (tickets, database) = tokio::join!(app.tickets.ping(), app.accounts.ping());
        Stores { tickets: tickets.is_ok(), database: database.is_ok() }
    };
    let Stores { tickets, database } = app.readiness.or_ask(ask).await;
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

/// Which stores answered.
#[derive(Clone, Copy, Debug)]
struct Stores {
    tickets: bool,
    database: bool,
}

/// The last probe's result. Locked during a probe, so that at most one runs and concurrent callers share its result.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Stores)>>);

impl Readiness {
    async fn or_ask(&self, ask: impl AsyncFnOnce() -> Stores) -> Stores {
        let mut last = self.0.lock().await;
        if let Some((at, stores)) = *last
            && at.elapsed() < FRESH
        {
            return stores;
        }
        let stores = ask().await;
        *last = Some((Instant::now(), stores));
        stores
    }
}

/// `GET /metrics`: counters in the Prometheus text format.
pub async fn metrics(State(app): State<AppState>) -> Response {
    match app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Barrier;

    #[tokio::test]
    async fn a_thousand_concurrent_requests_cause_one_probe() {
        let readiness = Readiness::default();
        let (asked, answer) = (AtomicU32::new(0), Barrier::new(2));
        let ask = async || {
            asked.fetch_add(1, Ordering::Relaxed);
            answer.wait().await;
            Stores { tickets: true, database: false }
        };
        let callers = join_all((0..1_000).map(|_| readiness.or_ask(ask)));
        let (heard, _) = tokio::join!(callers, answer.wait());
        assert!(heard.iter().all(|stores| stores.tickets && !stores.database));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_cancelled_probe_is_repeated_by_the_next_caller() {
        let readiness = Readiness::default();
        assert!(futures::FutureExt::now_or_never(readiness.or_ask(std::future::pending)).is_none());
        let stores = readiness.or_ask(async || Stores { tickets: true, database: true }).await;
        assert!(stores.tickets && stores.database);
    }
}
