//! `/device`: a person types the code that a device shows, and gets to the page that a scan leads to.

use super::{MaybeQuery, attempt, read_query};
use crate::error::{ApiError, ErrorCode};
use crate::pages::device::{DevicePage, DeviceStep};
use crate::pages::sign_in_form::Attempt;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::api::{self, take_cookies};
use crate::server::http::form;
use crate::server::http::navigation::see_other;
use crate::server::http::render::{frame, page, unavailable};
use axum::extract::{OriginalUri, Request};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::ids::TicketId;
use domain::limits::Key;
use domain::ticket::{Phone, UserCode};
use leptos::prelude::*;
use service::audit::Event;

/// Returns the page's URL. Only a well-formed code is repeated in it.
fn address(code: Option<UserCode>, error: Option<ErrorCode>) -> String {
    let code = code.map(|code| format!("user_code={code}"));
    let error = error.map(|error| format!("error={}", error.name()));
    let query: Vec<_> = code.into_iter().chain(error).collect();
    if query.is_empty() { routes::DEVICE.to_owned() } else { format!("{}?{}", routes::DEVICE, query.join("&")) }
}

/// Returns the kind of session that a sign-in on this device begins.
pub(in crate::server::http) fn kind_of(cx: &RequestContext) -> &'static str {
    if cx.client.agent().is_phone { "phone" } else { "pc" }
}

/// `GET /device?user_code=`. A code in the URL is only filled in: a link must not decide anything.
pub async fn show(cx: RequestContext, uri: OriginalUri, query: MaybeQuery) -> Response {
    let query = read_query(query);
    let code = query.user_code.parse().ok();
    let here: Uri = address(code, None).parse().unwrap_or(uri.0);
    let frame = frame(&cx, &here);
    let step = match cx.device_approver().await {
        Ok((_, account)) => DeviceStep::Type { profile: account.profile(), code, error: query.error() },
        Err(error) if error.code == ErrorCode::Unavailable => return unavailable(&cx, frame, &error),
        Err(error) => {
            let attempt = attempt(&cx, &query);
            let asks_again = Some(error.code).filter(|code| *code == ErrorCode::StepUpRequired);
            DeviceStep::SignIn {
                attempt: Attempt { error: attempt.error.or(asks_again), ..attempt },
                kind: kind_of(&cx),
            }
        }
    };
    page(&cx, StatusCode::OK, || view! { <DevicePage frame step/> })
}

/// `POST /device`: leads to the confirm page of the device that shows this code.
pub async fn enter(cx: RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        if cx.app.origins.is_foreign(&parts.method, &parts.headers, cx.client.secure) {
            return Err((None, ErrorCode::CrossOrigin.into()));
        }
        let fields = form::fields(&api::read(&parts.headers, body).await.map_err(|error| (None, error))?);
        let typed = form::field(&fields, "user_code").unwrap_or_default().parse::<UserCode>().ok();
        find_and_scan(&cx, typed).await.map_err(|error| (typed, error))
    };
    let mut response = match outcome.await {
        Ok(id) => see_other(&format!("{}?id={id}", routes::PHONE_CONFIRM)),
        Err((_, error)) if error.code == ErrorCode::Unavailable => {
            return unavailable(&cx, frame(&cx, &Uri::from_static(routes::DEVICE)), &error);
        }
        Err((typed, error)) => see_other(&address(typed, Some(error.code))),
    };
    take_cookies(&cx, &mut response);
    response
}

/// Finds the ticket and scans it. Every code that is typed counts, whether it is right or wrong, and a wrong one looks
/// the same whatever is wrong with it.
async fn find_and_scan(cx: &RequestContext, typed: Option<UserCode>) -> Result<TicketId, ApiError> {
    let (phone, _) = cx.device_approver().await?;
    let account = phone.account;
    let outcome = scan(cx, phone, typed).await;
    cx.audit(Event::UserCode, Some(account), &outcome);
    outcome
}

async fn scan(cx: &RequestContext, phone: Phone, typed: Option<UserCode>) -> Result<TicketId, ApiError> {
    cx.app.limits.charge(Key::UserCodeFrom(cx.client.ip)).await?;
    cx.app.limits.charge(Key::UserCodeBy(phone.account)).await?;
    let code = typed.ok_or(ErrorCode::TicketNotFound)?;
    let id = cx.app.tickets.by_user_code(code).await?.id;
    match cx.app.tickets.scan(id, phone).await {
        Ok(scanned) => cx.keep_confirm_token(id, scanned.confirm_token.reveal())?,
        // The confirm page says what happened to it.
        Err(error) if error.code() != ErrorCode::Unavailable => {}
        Err(error) => return Err(error.into()),
    }
    Ok(id)
}
