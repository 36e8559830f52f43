//! Chooses what the phone's page shows, by the ticket, the phone and where the navigation came from.

use super::device::kind_of;
use super::{MaybeQuery, PageQuery, attempt, forget, read_query};
use crate::error::{ApiError, ErrorCode};
use crate::pages::phone_confirm::{End, Manner, PhoneConfirmPage, Question, Step, Subject};
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::form;
use crate::server::http::render::{frame, page, unavailable};
use crate::server::security::cookie::Name;
use axum::extract::rejection::PathRejection;
use axum::extract::{OriginalUri, Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::TicketId;
use domain::network::network_of;
use domain::ticket::{Cancellation, Phone, Requester, Ticket, TicketState, TicketStatus};
use domain::time::Timestamp;
use leptos::prelude::*;
use std::net::IpAddr;

/// Where a navigation to a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// A scanner, an app, the address bar, or one of our own pages.
    Own,
    /// A page of another site.
    Elsewhere,
    /// The browser does not send it: it is old, or the connection is plain http.
    Unknown,
}

impl Arrival {
    /// Derived from Fetch Metadata (`Sec-Fetch-Site`), or from the URL, as an earlier page noted it there.
    fn of(headers: &HeaderMap, query: &PageQuery) -> Self {
        match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            _ if query.from == form::ELSEWHERE => Self::Elsewhere,
            Some(b"none" | b"same-origin") => Self::Own,
            Some(_) => Self::Elsewhere,
            None => Self::Unknown,
        }
    }
}

/// What the confirm page's URL has if another site led there.
fn noted() -> String {
    format!("&from={}", form::ELSEWHERE)
}

/// `GET /confirm?id=`
pub async fn phone_confirm(cx: RequestContext, uri: OriginalUri, query: MaybeQuery, headers: HeaderMap) -> Response {
    let query = read_query(query);
    let arrival = Arrival::of(&headers, &query);
    // Parameters of an earlier attempt are dropped, except where the navigation came from.
    let from = if arrival == Arrival::Elsewhere { noted() } else { String::new() };
    let here = match query.id.parse::<TicketId>() {
        Ok(id) => format!("{}?id={id}{from}", routes::PHONE_CONFIRM).parse().unwrap_or(uri.0),
        Err(_) => uri.0,
    };
    let frame = frame(&cx, &here);
    match step(&cx, &query, arrival).await {
        Ok(Chosen { step, found, subject }) => page(&cx, found, || view! { <PhoneConfirmPage frame step subject/> }),
        Err(error) => unavailable(&cx, frame, &error),
    }
}

/// `GET /C/{code}`, which QR codes encode: leads to the page of the ticket. A redirect does not change whether another site
/// led here: browsers say so in the same header again, and what an earlier page noted is passed on.
pub async fn by_code(
    cx: RequestContext,
    uri: OriginalUri,
    code: Result<Path<String>, PathRejection>,
    query: MaybeQuery,
    headers: HeaderMap,
) -> Response {
    // What is not UTF-8 is no code.
    match TicketId::of_code(&code.map(|code| code.0).unwrap_or_default()) {
        Ok(id) => {
            let from = if read_query(query).from == form::ELSEWHERE { noted() } else { String::new() };
            Redirect::to(&format!("{}?id={id}{from}", routes::PHONE_CONFIRM)).into_response()
        }
        Err(_) => phone_confirm(cx, uri, Ok(Query(PageQuery::default())), headers).await,
    }
}

/// What the page shows.
struct Chosen {
    step: Step,
    found: StatusCode,
    subject: Subject,
}

async fn step(cx: &RequestContext, query: &PageQuery, arrival: Arrival) -> Result<Chosen, ApiError> {
    let end = |end, found| Ok(Chosen { step: Step::End { end, requester: None }, found, subject: Subject::Pc });
    let Ok(id) = query.id.parse::<TicketId>() else {
        return end(End::Unknown, StatusCode::NOT_FOUND);
    };
    let now = cx.app.clock.now();
    let ticket = match cx.app.tickets.find(id).await {
        Ok(ticket) => ticket,
        Err(error) if error.code() == ErrorCode::TicketNotFound => return end(End::Unknown, StatusCode::NOT_FOUND),
        Err(error) => return Err(error.into()),
    };
    let subject = if ticket.device.is_some() { Subject::Device } else { Subject::Pc };
    let chosen = |step| Ok(Chosen { step, found: StatusCode::OK, subject });
    let (phone, account) = match cx.approver(&ticket).await {
        Ok(found) => found,
        Err(error) if error.code == ErrorCode::Unavailable => return Err(error),
        Err(_) if ticket.status_at(now).is_final() => return chosen(ending(&ticket, None, now)),
        Err(error) => {
            let mut attempt = attempt(cx, query);
            if error.code == ErrorCode::StepUpRequired {
                attempt.error.get_or_insert(error.code);
            }
            // A device is never scanned without a tap (RFC 8628, section 5.4).
            let scan = (arrival == Arrival::Own && subject == Subject::Pc).then_some(id);
            let kind = if subject == Subject::Pc { "phone" } else { kind_of(cx) };
            return chosen(Step::SignIn { attempt, kind, scan, from_elsewhere: arrival == Arrival::Elsewhere });
        }
    };
    let has_signed_in_here =
        arrival != Arrival::Elsewhere && cx.client.cookie(Name::Scan).is_some_and(|ticket| ticket.parse() == Ok(id));
    if has_signed_in_here {
        forget(cx, Name::Scan);
    }
    let is_own = ticket.state.phone().is_none_or(|owner| owner.is(phone.account, &phone.device));
    let step = match (ticket.status_at(now), cx.client.confirm_token(id)) {
        (TicketStatus::Scanned, Some(confirm_token)) if is_own => Step::Decide(Box::new(Question {
            id,
            confirm_token,
            expires_in: ticket.expires_in(now),
            requester: ticket.requester.clone(),
            is_same_network: is_same_network(&ticket.requester, cx.client.ip),
            requested_at: ticket.created_at,
            expects_another: ticket.app.as_ref().is_some_and(|app| app.expects_another(&account)),
            login_hint: ticket.app.as_ref().and_then(|app| app.login_hint.clone()),
            app: ticket.app_view(),
            user_code: ticket.device.as_ref().map(|device| device.user_code),
            profile: phone.profile,
            error: query.error(),
        })),
        (TicketStatus::Pending | TicketStatus::Scanned, _) if is_own => {
            let manner = match arrival {
                Arrival::Elsewhere => Manner::WithWarning,
                _ if has_signed_in_here && subject == Subject::Pc && query.error.is_empty() => Manner::ByItself,
                _ => Manner::ByTap,
            };
            Step::Scan { id, manner, profile: phone.profile, error: query.error() }
        }
        _ => ending(&ticket, Some(&phone), now),
    };
    chosen(step)
}

/// Returns whether the requester's address counts as the same network as the phone's.
fn is_same_network(requester: &Requester, phone: IpAddr) -> bool {
    requester.ip.parse().is_ok_and(|ip: IpAddr| network_of(ip) == network_of(phone))
}

/// Returns the ending, which names the computer to the phone that decided alone.
fn ending(ticket: &Ticket, phone: Option<&Phone>, now: Timestamp) -> Step {
    let is_own = match (ticket.state.phone(), phone) {
        (Some(owner), Some(phone)) => owner.is(phone.account, &phone.device),
        _ => false,
    };
    let end = match &ticket.state {
        TicketState::Redeemed { .. } if is_own => End::Approved,
        TicketState::Redeemed { .. } => End::Used,
        TicketState::Cancelled { by: Cancellation::Phone { .. } } if is_own => End::Cancelled,
        TicketState::Cancelled { .. } => End::CancelledAtPc,
        _ if ticket.status_at(now) == TicketStatus::Expired => End::Expired,
        TicketState::Confirmed { .. } if is_own => End::Approved,
        _ => End::OtherPhone,
    };
    Step::End { end, requester: is_own.then(|| ticket.requester.clone()) }
}
