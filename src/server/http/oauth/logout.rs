//! `GET` and `POST /oauth/logout`: a person signs out at an app, and with that here.

use super::Pairs;
use crate::app::Frame;
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::error::{ApiError, ErrorCode};
use crate::i18n::text;
use crate::pages::message::MessagePage;
use crate::pages::sign_out::SignOutPage;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::api::{self, take_cookies};
use crate::server::http::navigation::{hop, keep_opener, see_other};
use crate::server::http::render::{frame, page, unavailable};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use domain::authorization::Parameters;
use leptos::prelude::*;
use service::audit::Event;
use service::oidc::{Logout, LogoutRequest};
use service::session::Caller;
use url::form_urlencoded::{Serializer, parse};

/// Handles a request to sign out. A `POST` from an app is answered by a redirect to the same request as a `GET`, because
/// a browser sends our cookies with a `GET` from another site only; a `POST` of our own page is the confirmation.
pub async fn logout(cx: RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = async {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        if parts.method != Method::POST {
            return sign_out(&cx, parse(query).into_owned().collect(), false).await;
        }
        let body = api::read(&parts.headers, body).await?;
        let pairs: Pairs = parse(&body).into_owned().collect();
        if is_confirmation(&cx, &parts.headers, &pairs) {
            return sign_out(&cx, pairs, true).await;
        }
        let query = Serializer::new(String::new()).extend_pairs(pairs.iter().filter(|(k, _)| k != CONFIRM)).finish();
        Ok(see_other(&format!("{}?{query}", routes::END_SESSION)))
    };
    let mut response = match outcome.await {
        Ok(response) => response,
        Err(error) => unavailable(&cx, frame(&cx, &Uri::from_static(routes::PC_LOGIN)), &error),
    };
    take_cookies(&cx, &mut response);
    keep_opener(&mut response);
    response
}

/// The field of our own form.
const CONFIRM: &str = "confirm";

fn is_confirmation(cx: &RequestContext, headers: &HeaderMap, pairs: &Pairs) -> bool {
    Parameters::new(pairs).get(CONFIRM).is_some()
        && !cx.app.origins.is_foreign(&Method::POST, headers, cx.client.secure)
}

async fn sign_out(cx: &RequestContext, pairs: Pairs, is_confirmed: bool) -> Result<Response, ApiError> {
    let parameters = Parameters::new(&pairs);
    let text = |name: &str| parameters.get(name).map(str::to_owned);
    if parameters.repeated().is_some() {
        return Ok(message(cx, StatusCode::BAD_REQUEST, false));
    }
    let request = LogoutRequest {
        hint: text("id_token_hint"),
        client_id: text("client_id"),
        redirect_uri: text("post_logout_redirect_uri"),
        state: parameters.given("state").map(str::to_owned),
        is_confirmed,
    };
    let caller = cx.person().await?;
    let (caller, continue_at) = match (cx.app.oidc.logout(&request, caller.as_ref()).await?, caller) {
        (Logout::Refuse, _) => return Ok(message(cx, StatusCode::BAD_REQUEST, false)),
        (Logout::Ask, Some(caller)) => return Ok(question(cx, &caller, &pairs)),
        (Logout::End(continue_at), caller) => (caller, continue_at),
        (Logout::Nobody(continue_at), _) => (None, continue_at),
        (Logout::Ask, None) => return Err(ErrorCode::Unavailable.into()),
    };
    if let Some(caller) = caller {
        let outcome = cx.app.sessions.revoke(&caller, caller.session.id).await.map_err(ApiError::from);
        cx.audit(Event::SignOut, Some(caller.account.id), &outcome);
        outcome?;
        cx.forget_session(caller.session.kind)?;
    }
    Ok(match continue_at {
        Some(url) if is_confirmed => hop(&url),
        Some(url) => see_other(&url),
        None => message(cx, StatusCode::OK, true),
    })
}

fn question(cx: &RequestContext, caller: &Caller, pairs: &Pairs) -> Response {
    let frame = Frame { here: routes::PC_LOGIN.to_owned(), ..frame(cx, &Uri::from_static(routes::PC_LOGIN)) };
    let profile = caller.account.profile();
    let kind = caller.session.kind;
    let fields = pairs.clone();
    page(cx, StatusCode::OK, || view! { <SignOutPage frame profile kind fields/> })
}

fn message(cx: &RequestContext, status: StatusCode, good: bool) -> Response {
    let frame = Frame { here: routes::PC_LOGIN.to_owned(), ..frame(cx, &Uri::from_static(routes::PC_LOGIN)) };
    let locale = frame.locale;
    let (icon, heading, text) = if good {
        (Icon::Check, text!(locale, app.signed_out_heading), text!(locale, app.signed_out_text))
    } else {
        (Icon::Cross, text!(locale, app.logout_invalid_heading), text!(locale, app.logout_invalid_text))
    };
    let texts = OutcomeTexts { heading, text, link: None };
    page(cx, status, || view! { <MessagePage frame icon good texts/> })
}
