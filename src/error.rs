//! Every failure a client can see: its code, its HTTP status, its text.

use domain::account::InvalidUsername;
use domain::ids::MalformedId;
use domain::ticket::TransitionError;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::fmt;

/// The name of a failure, for programs. Names never change; new ones may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A field is missing or malformed.
    InvalidRequest,
    /// The id has not the form of one.
    InvalidId,
    /// No credential, or not one of ours.
    Unauthenticated,
    /// Wrong username or wrong password: the answer is the same.
    InvalidCredentials,
    /// The token's time is over.
    TokenExpired,
    /// The session was ended.
    TokenRevoked,
    /// The phone credential came from another device.
    DeviceMismatch,
    /// The ticket belongs to another browser.
    WrongBrowser,
    /// The ticket belongs to another phone, or a PC tried to do a phone's part.
    WrongDevice,
    /// The confirm token is not the valid one.
    InvalidConfirmToken,
    /// A page of another site asked.
    CrossOrigin,
    /// A session that began by a code has to give the password first.
    StepUpRequired,
    /// No such ticket.
    TicketNotFound,
    /// No such thing.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// Another phone was first.
    AlreadyScanned,
    /// The ticket has been redeemed.
    AlreadyUsed,
    /// Not scanned yet.
    NotScanned,
    /// Not confirmed yet.
    NotConfirmed,
    /// It has been decided.
    AlreadyDecided,
    /// The ticket's time is over.
    TicketExpired,
    /// The ticket was cancelled.
    TicketCancelled,
    /// The body is larger than any form of ours.
    BodyTooLarge,
    /// The body is not a form.
    UnsupportedMediaType,
    /// The request names a host that is not ours.
    MisdirectedRequest,
    /// This endpoint speaks WebSocket alone.
    UpgradeRequired,
    /// Too many requests; try after a while.
    RateLimited,
    /// A store is down; nothing is lost.
    Unavailable,
    /// Only ever made in the browser: the server was not reached.
    Unreachable,
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::InvalidId => 400,
            Self::Unauthenticated
            | Self::InvalidCredentials
            | Self::TokenExpired
            | Self::TokenRevoked
            | Self::DeviceMismatch => 401,
            Self::WrongBrowser
            | Self::WrongDevice
            | Self::InvalidConfirmToken
            | Self::CrossOrigin
            | Self::StepUpRequired => 403,
            Self::TicketNotFound | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyScanned | Self::AlreadyUsed | Self::NotScanned | Self::NotConfirmed | Self::AlreadyDecided => {
                409
            }
            Self::TicketExpired | Self::TicketCancelled => 410,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::MisdirectedRequest => 421,
            Self::UpgradeRequired => 426,
            Self::RateLimited => 429,
            Self::Unavailable | Self::Unreachable => 503,
        }
    }

    /// What happened, for a person who reads a response. The pages have their own words, in both languages.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is malformed.",
            Self::InvalidId => "The id is malformed.",
            Self::Unauthenticated => "Sign in first.",
            Self::InvalidCredentials => "The username or the password is wrong.",
            Self::TokenExpired => "The session has expired. Sign in again.",
            Self::TokenRevoked => "The session was signed out. Sign in again.",
            Self::DeviceMismatch => "This credential belongs to another device.",
            Self::WrongBrowser => "This code belongs to another browser.",
            Self::WrongDevice => "Only the phone that scanned this code may do that.",
            Self::InvalidConfirmToken => "The confirm token is not valid. Scan again.",
            Self::CrossOrigin => "Requests from other sites are refused.",
            Self::StepUpRequired => "Enter the account's password first.",
            Self::TicketNotFound => "There is no such code.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "This method is not allowed here.",
            Self::AlreadyScanned => "Another phone has scanned this code.",
            Self::AlreadyUsed => "This code has been used.",
            Self::NotScanned => "This code has not been scanned.",
            Self::NotConfirmed => "This sign-in has not been confirmed.",
            Self::AlreadyDecided => "This sign-in has already been decided.",
            Self::TicketExpired => "This code has expired.",
            Self::TicketCancelled => "This sign-in was cancelled.",
            Self::BodyTooLarge => "The request body is too large.",
            Self::UnsupportedMediaType => "Send application/x-www-form-urlencoded.",
            Self::MisdirectedRequest => "This server does not answer for that host. See QR_LOGIN_PUBLIC_URL.",
            Self::UpgradeRequired => "Connect with WebSocket.",
            Self::RateLimited => "Too many requests. Wait a moment.",
            Self::Unavailable => "The service is unavailable. Nothing is lost; try again.",
            Self::Unreachable => "The server could not be reached.",
        }
    }

    /// The name on the wire.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// The body of every error under `/api`. Holds no secret, for it may end in a log or a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Seconds after which a rate-limited caller may try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ApiError {
    /// `invalid_request`, saying which field.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, message: message.into(), retry_after: None }
    }

    /// `rate_limited` for `seconds`.
    pub fn rate_limited(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..ErrorCode::RateLimited.into() }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: code.message().to_owned(), retry_after: None }
    }
}

impl From<MalformedId> for ApiError {
    fn from(_: MalformedId) -> Self {
        ErrorCode::InvalidId.into()
    }
}

impl From<InvalidUsername> for ApiError {
    fn from(error: InvalidUsername) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<TransitionError> for ApiError {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::Expired => ErrorCode::TicketExpired,
            TransitionError::Cancelled => ErrorCode::TicketCancelled,
            TransitionError::AlreadyScanned => ErrorCode::AlreadyScanned,
            TransitionError::AlreadyUsed => ErrorCode::AlreadyUsed,
            TransitionError::NotScanned => ErrorCode::NotScanned,
            TransitionError::NotConfirmed => ErrorCode::NotConfirmed,
            TransitionError::AlreadyDecided | TransitionError::NotExpired => ErrorCode::AlreadyDecided,
            TransitionError::WrongBrowser => ErrorCode::WrongBrowser,
            TransitionError::WrongDevice => ErrorCode::WrongDevice,
            TransitionError::InvalidConfirmToken => ErrorCode::InvalidConfirmToken,
        }
        .into()
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => Self::invalid(detail),
            ServerFnErrorErr::Deserialization(_) => Self::invalid("The body is malformed."),
            ServerFnErrorErr::Request(detail) => {
                Self { code: ErrorCode::Unreachable, message: detail, retry_after: None }
            }
            _ => Self {
                code: ErrorCode::Unavailable,
                message: "The server function did not run.".to_owned(),
                retry_after: None,
            },
        }
    }
}
