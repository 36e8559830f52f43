//! `/connections`, where a person connects services, and the endpoint that gives scripts their tokens.

use super::api::{self, error_response, take_cookies};
use super::form::{Fields, field, fields};
use super::navigation::see_other;
use super::pages::{MaybeQuery, read_query};
use super::render::{frame, page, unavailable};
use crate::error::{ApiError, ErrorCode};
use crate::pages::connections::{ConnectionsPage, Focus};
use crate::routes;
use crate::server::context::RequestContext;
use axum::extract::{OriginalUri, Path, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::connection::ConnectionState;
use domain::ids::{ConnectionId, Secret};
use leptos::prelude::*;
use service::audit::Event;
use service::qr;
use service::session::Caller;

fn address(id: Option<ConnectionId>, error: Option<ErrorCode>) -> String {
    let id = id.map(|id| format!("id={id}"));
    let query: Vec<_> = id.into_iter().chain(error.map(|error| format!("error={}", error.name()))).collect();
    if query.is_empty() {
        routes::CONNECTIONS.to_owned()
    } else {
        format!("{}?{}", routes::CONNECTIONS, query.join("&"))
    }
}

/// `GET /connections?id=`: the lists, and the attempt with that id if it is pending.
pub async fn show(cx: RequestContext, uri: OriginalUri, query: MaybeQuery) -> Response {
    let query = read_query(query);
    match cx.caller().await {
        Ok(caller) => {
            let id = query.id();
            let here = address(id, None).parse().unwrap_or(uri.0);
            match attempt(&cx, &caller, id).await {
                Ok(focus) => lists(&cx, &here, caller, focus, query.error()).await,
                Err(error) => unavailable(&cx, frame(&cx, &here), &error),
            }
        }
        Err(error) => no_caller(&cx, &error),
    }
}

/// Sends a visitor who is not signed in to the sign-in page, and back.
fn no_caller(cx: &RequestContext, error: &ApiError) -> Response {
    match error.code {
        ErrorCode::Unavailable => unavailable(cx, frame(cx, &Uri::from_static(routes::CONNECTIONS)), error),
        _ => see_other(&format!("{}?next={}", routes::PC_LOGIN, routes::CONNECTIONS)),
    }
}

async fn attempt(cx: &RequestContext, caller: &Caller, id: Option<ConnectionId>) -> Result<Focus, ApiError> {
    let Some(id) = id else { return Ok(Focus::Lists) };
    let found = match cx.app.connected_services.find(caller.account.id, id).await {
        Ok(found) => found,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(Focus::Lists),
        Err(error) => return Err(error.into()),
    };
    match found.prompt.filter(|_| found.state == ConnectionState::Pending) {
        Some(prompt) => {
            let svg = qr::svg(prompt.address()).unwrap_or_default();
            Ok(Focus::Attempt(id, prompt, svg))
        }
        None => Ok(Focus::Lists),
    }
}

async fn lists(cx: &RequestContext, here: &Uri, caller: Caller, focus: Focus, error: Option<ErrorCode>) -> Response {
    let frame = frame(cx, here);
    let services = cx.app.connected_services.services(&caller.account);
    match cx.app.connected_services.list(caller.account.id).await {
        Ok(connections) => page(cx, StatusCode::OK, || {
            let may_change = caller.may_end_others(cx.app.clock.now());
            let username = caller.account.username;
            view! { <ConnectionsPage frame username services connections focus may_change error/> }
        }),
        Err(error) => unavailable(cx, frame, &error.into()),
    }
}

/// Where a change leads.
enum Done {
    /// To the page, with that attempt.
    Show(Option<ConnectionId>),
    /// To a page that is shown once.
    Key(Box<Caller>, Secret, String),
}

/// `POST /connections`: one of the page's buttons.
pub async fn change(cx: RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        if cx.app.origins.is_foreign(&parts.method, &parts.headers, cx.client.secure) {
            return Err(ErrorCode::CrossOrigin.into());
        }
        let fields = fields(&api::read(&parts.headers, body).await?);
        apply(&cx, cx.caller().await?, &fields).await
    };
    let mut response = match outcome.await {
        Ok(Done::Show(id)) => see_other(&address(id, None)),
        Ok(Done::Key(caller, key, url)) => {
            let here = Uri::from_static(routes::CONNECTIONS);
            lists(&cx, &here, *caller, Focus::Key(key, url), None).await
        }
        Err(error) if error.code == ErrorCode::Unauthenticated => no_caller(&cx, &error),
        Err(error) if error.code == ErrorCode::Unavailable => no_caller(&cx, &error),
        Err(error) => see_other(&address(None, Some(error.code))),
    };
    take_cookies(&cx, &mut response);
    response
}

async fn apply(cx: &RequestContext, caller: Caller, fields: &Fields) -> Result<Done, ApiError> {
    let connections = &cx.app.connected_services;
    let account = Some(caller.account.id);
    let id = || Ok::<ConnectionId, ApiError>(field(fields, "id").unwrap_or_default().parse()?);
    match field(fields, "do") {
        Some("start") => {
            let service = field(fields, "service").unwrap_or_default();
            let outcome = connections.start(&caller, service).await.map_err(ApiError::from);
            cx.audit(Event::Connect, account, &outcome);
            outcome.map(|id| Done::Show(Some(id)))
        }
        Some("disconnect") => {
            let outcome = connections.disconnect(&caller, id()?).await.map_err(ApiError::from);
            cx.audit(Event::EndConnection, account, &outcome);
            outcome.map(|()| Done::Show(None))
        }
        Some("key") => {
            let id = id()?;
            let outcome = connections.new_key(&caller, id).await.map_err(ApiError::from);
            cx.audit(Event::ConnectionKey, account, &outcome);
            let path = routes::CONNECTION_TOKEN.replace("{id}", &id.to_string());
            let url = format!("{}{path}", cx.app.public_url.as_str().trim_end_matches('/'));
            outcome.map(|key| Done::Key(Box::new(caller), key, url))
        }
        Some("remove_key") => {
            let outcome = connections.remove_key(&caller, id()?).await.map_err(ApiError::from);
            cx.audit(Event::ConnectionKey, account, &outcome);
            outcome.map(|()| Done::Show(None))
        }
        _ => Err(ErrorCode::InvalidRequest.into()),
    }
}

/// `POST /api/connections/{id}/token`: a fresh access token, authenticated by the connection's key alone, never by a cookie.
pub async fn token(cx: RequestContext, Path(id): Path<String>) -> Response {
    let outcome = async {
        let key = cx.client.bearer.clone().ok_or(ErrorCode::Unauthenticated)?;
        let id: ConnectionId = id.parse()?;
        Ok::<_, ApiError>(cx.app.connected_services.token(id, &Secret::new(key), cx.client.ip).await?)
    };
    match outcome.await {
        Ok(token) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
            (headers, axum::Json(token)).into_response()
        }
        Err(error) => error_response(&error),
    }
}
