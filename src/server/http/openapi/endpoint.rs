//! What the document says of one endpoint.

use super::field::{Field, number, text};
use crate::error::ErrorCode;
use crate::routes;
use domain::oauth::OAuthErrorCode;
use utoipa::openapi::HttpMethod;

pub(super) const GET: &[HttpMethod] = &[HttpMethod::Get];
pub(super) const POST: &[HttpMethod] = &[HttpMethod::Post];
pub(super) const BOTH: &[HttpMethod] = &[HttpMethod::Get, HttpMethod::Post];
pub(super) const PREFLIGHT: &[HttpMethod] = &[HttpMethod::Options];
/// Every method: an endpoint that does not look at it.
pub(super) const ANY: &[HttpMethod] = &[
    HttpMethod::Get,
    HttpMethod::Head,
    HttpMethod::Post,
    HttpMethod::Put,
    HttpMethod::Delete,
    HttpMethod::Options,
    HttpMethod::Patch,
    HttpMethod::Trace,
];

pub(super) const HTML: &str = "text/html";
pub(super) const PLAIN: &str = "text/plain";

pub(super) const LOCATION: Field = text("Location", routes::ACCOUNT, "Where to go on.");
pub(super) const SET_COOKIE: Field =
    text("Set-Cookie", "qr_…=…; Path=/; HttpOnly; SameSite=Lax", "What the browser has to keep.").optional();
pub(super) const ETAG: Field =
    text("ETag", "\"6f1c0a3e52d97b84\"", "Changes with the content: send it back in `If-None-Match`.");
pub(super) const RETRY_AFTER: Field = number("Retry-After", "7", "Seconds after which to try again.");

/// Which errors and answers an endpoint has besides its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Under `/api`: errors have `code` and `message`.
    Api,
    /// For programs, by the specifications of OAuth: errors have `error` and `error_description`.
    Program,
    /// For browsers: errors are pages.
    Page,
    /// A public file.
    File,
    /// For any host name: probes, and proxies.
    AnyHost,
}

/// The body of an answer.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// None.
    Empty,
    /// JSON by a schema of the document.
    Json(&'static str),
    /// A list of a schema of the document.
    List(&'static str),
    /// Anything else, by its media type.
    Other(&'static str),
    /// JSON of a media type of its own, which is not described further.
    Object(&'static str),
}

/// One answer that is not an error with a code.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    pub(super) body: Body,
    pub(super) headers: &'static [Field],
}

/// Describes an answer without headers of its own.
pub(super) const fn answer(status: u16, body: Body, about: &'static str) -> Answer {
    Answer { status, about, body, headers: &[] }
}

impl Answer {
    /// Has these headers.
    pub(super) const fn with(self, headers: &'static [Field]) -> Self {
        Self { headers, ..self }
    }
}

/// One endpoint.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) methods: &'static [HttpMethod],
    /// The path, as in `routes`, and what follows it: its parameters are in braces.
    pub(super) path: (&'static str, &'static str),
    pub(super) kind: Kind,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    /// The names of security schemes, of which one is enough. The empty name: none is.
    pub(super) callers: &'static [&'static str],
    pub(super) input: &'static [Field],
    pub(super) answers: &'static [Answer],
    /// Errors with a `code`, beside those of its kind.
    pub(super) fails: &'static [&'static [ErrorCode]],
    /// Errors of OAuth.
    pub(super) refuses: &'static [OAuthErrorCode],
}

impl Endpoint {
    /// What all others begin with.
    const NONE: Self = Self {
        methods: GET,
        path: ("", ""),
        kind: Kind::File,
        summary: "",
        about: "",
        callers: &[],
        input: &[],
        answers: &[],
        fails: &[],
        refuses: &[],
    };

    /// Describes an endpoint that has a path of its own.
    pub(super) const fn new(
        methods: &'static [HttpMethod],
        path: &'static str,
        kind: Kind,
        summary: &'static str,
        about: &'static str,
    ) -> Self {
        Self { methods, path: (path, ""), kind, summary, about, ..Self::NONE }
    }

    pub(super) const fn followed_by(self, rest: &'static str) -> Self {
        Self { path: (self.path.0, rest), ..self }
    }

    pub(super) const fn by(self, callers: &'static [&'static str]) -> Self {
        Self { callers, ..self }
    }

    pub(super) const fn takes(self, input: &'static [Field]) -> Self {
        Self { input, ..self }
    }

    pub(super) const fn answers(self, answers: &'static [Answer]) -> Self {
        Self { answers, ..self }
    }

    pub(super) const fn fails(self, fails: &'static [&'static [ErrorCode]]) -> Self {
        Self { fails, ..self }
    }

    pub(super) const fn refuses(self, refuses: &'static [OAuthErrorCode]) -> Self {
        Self { refuses, ..self }
    }

    /// Returns the path as OpenAPI writes it.
    pub(super) fn path(&self) -> String {
        format!("{}{}", self.path.0, self.path.1)
    }
}

/// A heading of the document and what is under it.
pub(super) struct Area {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) endpoints: &'static [Endpoint],
}
