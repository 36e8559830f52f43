//! Translates the answers and the errors of an endpoint.

use super::endpoint::{Answer, Body, Endpoint, HTML, Kind, LOCATION, PLAIN, RETRY_AFTER, SET_COOKIE, answer};
use super::field::{Field, text};
use super::schemas::{example, named};
use crate::error::{ApiError, ErrorCode};
use domain::oauth::OAuthErrorCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, HttpMethod, Ref, Response, ResponseBuilder};

const JSON: &str = "application/json";
const CHALLENGE: Field = text("WWW-Authenticate", "Bearer error=\"invalid_token\"", "How to authenticate.").optional();

/// What all endpoints under `/api` may fail by.
const ALWAYS: &[ErrorCode] = &[ErrorCode::MisdirectedRequest, ErrorCode::Unavailable];
/// The same for a change.
const OF_CHANGE: &[ErrorCode] =
    &[ErrorCode::InvalidRequest, ErrorCode::CrossOrigin, ErrorCode::BodyTooLarge, ErrorCode::UnsupportedMediaType];
const TO_FORM: Answer = answer(
    303,
    Body::Empty,
    "To a form of a page (`Accept` has `text/html`), whether it succeeds or not: the page that shows the outcome.",
)
.with(&[LOCATION, SET_COOKIE]);
const WRONG_HOST: Answer = answer(421, Body::Other(PLAIN), "The request is for a host that is not ours.");
const BUSY: Answer = answer(429, Body::Other(HTML), "A page: too many requests.").with(&[RETRY_AFTER.optional()]);
const DOWN: Answer = answer(503, Body::Other(HTML), "A page: a store is down. Nothing is lost.");

/// One status, as it is put together.
#[derive(Default)]
struct Draft {
    about: Vec<String>,
    contents: BTreeMap<&'static str, ContentBuilder>,
    headers: BTreeMap<&'static str, Field>,
    /// An example for each error of this status.
    errors: Vec<(&'static str, Value)>,
}

/// Returns all responses of an endpoint to a request by `method`, by status.
pub(super) fn responses(endpoint: &Endpoint, method: &HttpMethod) -> Vec<(String, Response)> {
    let mut drafts: BTreeMap<u16, Draft> = BTreeMap::new();
    for answer in endpoint.answers.iter().chain(usual_answers(endpoint, method)) {
        drafts.entry(answer.status).or_default().add(answer);
    }
    for code in codes(endpoint, method) {
        drafts.entry(code.status()).or_default().add_error(code);
    }
    for code in endpoint.refuses {
        drafts.entry(code.status()).or_default().add_refusal(*code);
    }
    drafts.into_iter().map(|(status, draft)| (status.to_string(), draft.build())).collect()
}

/// Answers that all endpoints of a kind have.
fn usual_answers(endpoint: &Endpoint, method: &HttpMethod) -> &'static [Answer] {
    match endpoint.kind {
        Kind::Api if *method == HttpMethod::Post => &[TO_FORM],
        Kind::Api | Kind::AnyHost => &[],
        Kind::Page => &[WRONG_HOST, BUSY, DOWN],
        Kind::Program | Kind::File => &[WRONG_HOST],
    }
}

/// Errors with a code: those of its own, then the usual ones.
fn codes(endpoint: &Endpoint, method: &HttpMethod) -> Vec<ErrorCode> {
    let mut codes: Vec<_> = endpoint.fails.iter().copied().flatten().copied().collect();
    if endpoint.kind == Kind::Api {
        codes.extend(ALWAYS);
        match *method == HttpMethod::Post {
            true => codes.extend(OF_CHANGE),
            false if !endpoint.input.is_empty() => codes.push(ErrorCode::InvalidRequest),
            false => {}
        }
    }
    codes
}

impl Draft {
    fn add(&mut self, answer: &Answer) {
        self.about.push(answer.about.to_owned());
        self.headers.extend(answer.headers.iter().map(|header| (header.name, *header)));
        let plain = |of| ObjectBuilder::new().schema_type(of);
        let (media_type, content) = match answer.body {
            Body::Empty => return,
            Body::Json(name) => (JSON, ContentBuilder::new().schema(Some(named(name))).example(Some(example(name)))),
            Body::List(name) => {
                let list = ArrayBuilder::new().items(named(name));
                (JSON, ContentBuilder::new().schema(Some(list)).example(Some(json!([example(name)]))))
            }
            Body::Other(media_type) => (media_type, ContentBuilder::new().schema(Some(plain(Type::String)))),
            Body::Object(media_type) => (media_type, ContentBuilder::new().schema(Some(plain(Type::Object)))),
        };
        self.contents.insert(media_type, content);
    }

    fn add_error(&mut self, code: ErrorCode) {
        let mut error = ApiError::from(code);
        if code == ErrorCode::RateLimited {
            error.retry_after = Some(7);
            self.headers.insert(RETRY_AFTER.name, RETRY_AFTER.optional());
        }
        self.about.push(format!("`{}`: {}", code.name(), code.message()));
        self.contents.entry(JSON).or_insert_with(|| ContentBuilder::new().schema(Some(named("Error"))));
        self.errors.push((code.name(), json!(error)));
    }

    fn add_refusal(&mut self, code: OAuthErrorCode) {
        match code {
            OAuthErrorCode::InvalidClient | OAuthErrorCode::InvalidToken | OAuthErrorCode::InsufficientScope => {
                self.headers.insert(CHALLENGE.name, CHALLENGE);
            }
            OAuthErrorCode::TemporarilyUnavailable => {
                self.headers.insert(RETRY_AFTER.name, RETRY_AFTER.optional());
            }
            _ => {}
        }
        self.about.push(format!("`{}`", code.as_str()));
        self.contents.entry(JSON).or_insert_with(|| ContentBuilder::new().schema(Some(named("OAuthError"))));
        let value = json!({ "error": code.as_str(), "error_description": "Says more to the app's developer." });
        self.errors.push((code.as_str(), value));
    }

    fn build(mut self) -> Response {
        if !self.errors.is_empty()
            && let Some(content) = self.contents.remove(JSON)
        {
            let examples =
                self.errors.into_iter().map(|(name, value)| (name, ExampleBuilder::new().value(Some(value))));
            self.contents.insert(JSON, content.examples_from_iter(examples));
        }
        let mut response = ResponseBuilder::new().description(self.about.join("\n\n"));
        for (media_type, content) in self.contents {
            response = response.content(media_type, content.build());
        }
        for (name, field) in self.headers {
            response = response.header(name, header(&field));
        }
        response.build()
    }
}

fn header(field: &Field) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .description(Some(field.about))
        .schema(Some(field.schema()))
        .example(Some(field.example(&example)))
        .build()
}

/// Refers to the parameter that all calls of a phone's app may have.
pub(super) fn device_id() -> Ref {
    Ref::new("#/components/parameters/DeviceId")
}
