//! `GET /settings`, and what is left of it after an account was deleted.

use super::{MaybeQuery, read_query, signed_in};
use crate::components::icon::Icon;
use crate::components::outcome::OutcomeTexts;
use crate::i18n::text;
use crate::pages::message::MessagePage;
use crate::pages::settings::{Outcome, Part, Rights, SettingsPage};
use crate::routes;
use crate::server::context::RequestContext;
use crate::server::http::render::{frame, page, unavailable};
use axum::extract::OriginalUri;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::account::SessionKind;
use leptos::prelude::*;

/// `GET /settings`
pub async fn settings(cx: RequestContext, uri: OriginalUri, query: MaybeQuery) -> Response {
    let query = read_query(query);
    // Another language does not repeat what was said.
    let mut frame = frame(&cx, &uri.0);
    frame.here = routes::SETTINGS.to_owned();
    let caller = match signed_in(&cx, &frame).await {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let has_password = match cx.app.accounts.has_password(&caller.account).await {
        Ok(has_password) => has_password,
        Err(error) => return unavailable(&cx, frame, &error.into()),
    };
    let rights = Rights {
        self_service: cx.app.settings.is_on,
        may_change: caller.may_end_others(cx.app.clock.now()),
        has_password,
        is_phone: caller.session.kind == SessionKind::Phone,
    };
    let outcome = Outcome { done: Part::by_name(&query.done), error: query.error(), at: Part::by_name(&query.at) };
    page(&cx, StatusCode::OK, || view! { <SettingsPage frame account=caller.account rights outcome/> })
}

/// `GET /settings/deleted`
pub async fn deleted(cx: RequestContext) -> Response {
    let frame = frame(&cx, &Uri::from_static(routes::DELETED));
    let locale = frame.locale;
    let texts = OutcomeTexts {
        heading: text!(locale, settings.deleted),
        text: text!(locale, settings.deleted_text),
        link: Some((routes::PC_LOGIN.to_owned(), text!(locale, outcome.not_found_action))),
    };
    page(&cx, StatusCode::OK, || view! { <MessagePage frame icon=Icon::Check good=true texts/> })
}
