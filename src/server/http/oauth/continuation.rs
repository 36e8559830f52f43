//! What follows when a person has signed in or answered: `GET /oauth/continue` and `POST /oauth/consent`.

use super::authorize::{continuation, nonce, sign_in_page, to_app};
use crate::error::{ApiError, ErrorCode};
use crate::pages::consent::ConsentPage;
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::api::{self, take_cookies};
use crate::server::http::form::{field, fields};
use crate::server::http::navigation::{hop, keep_opener, respond, see_other};
use crate::server::http::render::{frame, over, page, unavailable};
use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::ids::InteractionId;
use leptos::prelude::*;
use service::audit::Event;
use service::oidc::{ConsentQuestion, InteractionError, Next};
use service::session::Caller;

/// Why a step cannot be taken.
enum Stop {
    Over,
    Failed(ApiError),
}

impl From<InteractionError> for Stop {
    fn from(error: InteractionError) -> Self {
        match error {
            InteractionError::Over => Self::Over,
            InteractionError::Service(error) => Self::Failed(error.into()),
        }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// Ends every step alike: the cookies, and a popup's opener.
fn finish(cx: &RequestContext, outcome: Result<Response, Stop>) -> Response {
    let mut response = match outcome {
        Ok(response) => response,
        Err(Stop::Over) => over(cx),
        Err(Stop::Failed(error)) => unavailable(cx, frame(cx, &Uri::from_static(routes::PC_LOGIN)), &error),
    };
    take_cookies(cx, &mut response);
    keep_opener(&mut response);
    response
}

/// `GET /oauth/continue?i=`: decides the next step from what is stored.
pub async fn proceed(cx: RequestContext, request: Request) -> Response {
    let outcome = next_page(&cx, request.uri()).await;
    finish(&cx, outcome)
}

async fn next_page(cx: &RequestContext, uri: &Uri) -> Result<Response, Stop> {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let id = routes::interaction_of(path).ok_or(Stop::Over)?;
    let caller = cx.person().await?;
    let next = cx.app.oidc.resume(id, &cx.browser(), caller.as_ref()).await?;
    Ok(match (next, caller) {
        (Next::Respond(response), caller) => {
            let account = caller.map(|caller| caller.account.id);
            cx.audit(Event::Authorize, account, &Ok::<_, ApiError>(()));
            to_app(cx, &response)
        }
        (Next::Consent(_), Some(caller)) => consent_page(cx, id, caller).await?,
        (Next::SignIn(_) | Next::Consent(_), _) => see_other(&sign_in_page(id)),
    })
}

async fn consent_page(cx: &RequestContext, id: InteractionId, caller: Caller) -> Result<Response, Stop> {
    let ConsentQuestion { interaction, client, scopes, returns_to } = cx.app.oidc.question(id, &cx.browser()).await?;
    let here = continuation(id).parse().unwrap_or(Uri::from_static(routes::PC_LOGIN));
    let frame = frame(cx, &here);
    let profile = caller.account.profile();
    Ok(page(cx, StatusCode::OK, || {
        view! { <ConsentPage frame interaction client scopes returns_to profile/> }
    }))
}

/// `POST /oauth/consent`: the answer of the consent page.
pub async fn consent(cx: RequestContext, request: Request) -> Response {
    let outcome = decide(&cx, request).await;
    finish(&cx, outcome)
}

async fn decide(cx: &RequestContext, request: Request) -> Result<Response, Stop> {
    let (parts, body) = request.into_parts();
    if cx.app.origins.is_foreign(&parts.method, &parts.headers, cx.client.secure) {
        return Err(ApiError::from(ErrorCode::CrossOrigin).into());
    }
    let form = fields(&api::read(&parts.headers, body).await?);
    let id = field(&form, "i").and_then(|id| id.parse().ok()).ok_or(Stop::Over)?;
    match field(&form, "answer") {
        Some("allow") => {
            // Another browser's answer is refused before the sign-in is looked at.
            cx.app.oidc.open(id, &cx.browser()).await?;
            let Some(caller) = cx.person().await? else { return Ok(hop(&sign_in_page(id))) };
            cx.app.oidc.allow(id, &cx.browser(), &caller).await?;
            Ok(hop(&continuation(id)))
        }
        _ => Ok(respond(&cx.app.oidc.deny(id, &cx.browser()).await?, &nonce(cx), true)),
    }
}
