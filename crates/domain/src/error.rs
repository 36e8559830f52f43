//! The errors a client can see: code, HTTP status and message.

use crate::ticket::TransitionError;
use serde::{Deserialize, Serialize};

/// The machine-readable name of an error. Existing names never change; new ones may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A field is missing or malformed.
    InvalidRequest,
    /// The id is malformed.
    InvalidId,
    /// No credential, or an invalid one.
    Unauthenticated,
    /// Wrong username or wrong password: the response is the same.
    InvalidCredentials,
    /// The token has expired.
    TokenExpired,
    /// The session was revoked.
    TokenRevoked,
    /// The phone's credential was sent from another device.
    DeviceMismatch,
    /// The ticket belongs to another browser.
    WrongBrowser,
    /// The ticket belongs to another phone, or a PC called a phone's endpoint.
    WrongDevice,
    /// The confirm token is not valid.
    InvalidConfirmToken,
    /// The request was made by a page of another site (CSRF).
    CrossOrigin,
    /// A session that began by a code must verify the password first.
    StepUpRequired,
    /// A new password is too short or too long.
    InvalidPassword,
    /// The new password was typed twice, and not the same.
    PasswordMismatch,
    /// The account signs in without a password, so that none can be verified or changed.
    NoPassword,
    /// The username that was typed as a confirmation is not the account's.
    WrongUsername,
    /// The operator manages names, pictures and accounts elsewhere.
    SelfServiceOff,
    /// A picture has too many bytes or pixels.
    PictureTooLarge,
    /// A file is no picture of a format that is accepted.
    PictureFormat,
    /// A picture is damaged.
    PictureDamaged,
    /// There is no such ticket.
    TicketNotFound,
    /// There is no such resource.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// Another phone scanned the code first.
    AlreadyScanned,
    /// The ticket has been redeemed.
    AlreadyUsed,
    /// The ticket is not scanned yet.
    NotScanned,
    /// The ticket is not confirmed yet.
    NotConfirmed,
    /// The ticket has already been decided.
    AlreadyDecided,
    /// The service that the account was connected to no longer accepts the connection: the person has to connect again.
    ReconnectRequired,
    /// The ticket has expired.
    TicketExpired,
    /// The ticket was cancelled.
    TicketCancelled,
    /// The request body is larger than any valid form.
    BodyTooLarge,
    /// The request body is not a form.
    UnsupportedMediaType,
    /// The request is for a host that is not ours.
    MisdirectedRequest,
    /// This endpoint only supports WebSocket.
    UpgradeRequired,
    /// Too many requests; retry later.
    RateLimited,
    /// A service that this server is a client of is down, or answers wrongly.
    UpstreamUnavailable,
    /// A store is down; nothing was changed.
    Unavailable,
    /// Created only in the browser: the server could not be reached.
    Unreachable,
}

impl ErrorCode {
    /// Returns the HTTP status of this code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::InvalidId
            | Self::InvalidPassword
            | Self::PasswordMismatch
            | Self::WrongUsername
            | Self::PictureDamaged => 400,
            Self::Unauthenticated
            | Self::InvalidCredentials
            | Self::TokenExpired
            | Self::TokenRevoked
            | Self::DeviceMismatch => 401,
            Self::WrongBrowser
            | Self::WrongDevice
            | Self::InvalidConfirmToken
            | Self::CrossOrigin
            | Self::StepUpRequired
            | Self::SelfServiceOff => 403,
            Self::TicketNotFound | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyScanned
            | Self::AlreadyUsed
            | Self::NotScanned
            | Self::NotConfirmed
            | Self::AlreadyDecided
            | Self::ReconnectRequired
            | Self::NoPassword => 409,
            Self::TicketExpired | Self::TicketCancelled => 410,
            Self::BodyTooLarge | Self::PictureTooLarge => 413,
            Self::UnsupportedMediaType | Self::PictureFormat => 415,
            Self::MisdirectedRequest => 421,
            Self::UpgradeRequired => 426,
            Self::RateLimited => 429,
            Self::UpstreamUnavailable | Self::Unavailable | Self::Unreachable => 503,
        }
    }

    /// Returns a message for people who read a response. The pages have their own texts, in both languages.
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
            Self::InvalidPassword => "A password must have at least 8 characters and at most 1024 bytes.",
            Self::PasswordMismatch => "The two new passwords differ.",
            Self::NoPassword => "This account has no password.",
            Self::WrongUsername => "That is not the username of this account.",
            Self::SelfServiceOff => "This site manages names, pictures and accounts elsewhere.",
            Self::PictureTooLarge => {
                "A picture must have at most 8 MiB, 10,000 pixels on each side and 40 million in all."
            }
            Self::PictureFormat => "A picture must be a PNG, JPEG or WebP file.",
            Self::PictureDamaged => "The picture is damaged.",
            Self::TicketNotFound => "There is no such code.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "This method is not allowed here.",
            Self::AlreadyScanned => "Another phone has scanned this code.",
            Self::AlreadyUsed => "This code has been used.",
            Self::NotScanned => "This code has not been scanned.",
            Self::NotConfirmed => "This sign-in has not been confirmed.",
            Self::AlreadyDecided => "This sign-in has already been decided.",
            Self::ReconnectRequired => "The service no longer accepts this connection. Connect again.",
            Self::TicketExpired => "This code has expired.",
            Self::TicketCancelled => "This sign-in was cancelled.",
            Self::BodyTooLarge => "The request body is too large.",
            Self::UnsupportedMediaType => "Send application/x-www-form-urlencoded.",
            Self::MisdirectedRequest => "This server does not answer for that host. See QR_LOGIN_PUBLIC_URL.",
            Self::UpgradeRequired => "Connect with WebSocket.",
            Self::RateLimited => "Too many requests. Wait a moment.",
            Self::UpstreamUnavailable => "The connected service does not answer as it should. Try again later.",
            Self::Unavailable => "The service is unavailable. Nothing is lost; try again.",
            Self::Unreachable => "The server could not be reached.",
        }
    }

    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidId => "invalid_id",
            Self::Unauthenticated => "unauthenticated",
            Self::InvalidCredentials => "invalid_credentials",
            Self::TokenExpired => "token_expired",
            Self::TokenRevoked => "token_revoked",
            Self::DeviceMismatch => "device_mismatch",
            Self::WrongBrowser => "wrong_browser",
            Self::WrongDevice => "wrong_device",
            Self::InvalidConfirmToken => "invalid_confirm_token",
            Self::CrossOrigin => "cross_origin",
            Self::StepUpRequired => "step_up_required",
            Self::InvalidPassword => "invalid_password",
            Self::PasswordMismatch => "password_mismatch",
            Self::NoPassword => "no_password",
            Self::WrongUsername => "wrong_username",
            Self::SelfServiceOff => "self_service_off",
            Self::PictureTooLarge => "picture_too_large",
            Self::PictureFormat => "picture_format",
            Self::PictureDamaged => "picture_damaged",
            Self::TicketNotFound => "ticket_not_found",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::AlreadyScanned => "already_scanned",
            Self::AlreadyUsed => "already_used",
            Self::NotScanned => "not_scanned",
            Self::NotConfirmed => "not_confirmed",
            Self::AlreadyDecided => "already_decided",
            Self::ReconnectRequired => "reconnect_required",
            Self::TicketExpired => "ticket_expired",
            Self::TicketCancelled => "ticket_cancelled",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MisdirectedRequest => "misdirected_request",
            Self::UpgradeRequired => "upgrade_required",
            Self::RateLimited => "rate_limited",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::Unavailable => "unavailable",
            Self::Unreachable => "unreachable",
        }
    }
}

impl From<TransitionError> for ErrorCode {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::Expired => Self::TicketExpired,
            TransitionError::Cancelled => Self::TicketCancelled,
            TransitionError::AlreadyScanned => Self::AlreadyScanned,
            TransitionError::AlreadyUsed => Self::AlreadyUsed,
            TransitionError::NotScanned => Self::NotScanned,
            TransitionError::NotConfirmed => Self::NotConfirmed,
            TransitionError::AlreadyDecided | TransitionError::NotExpired => Self::AlreadyDecided,
            TransitionError::WrongBrowser => Self::WrongBrowser,
            TransitionError::WrongDevice => Self::WrongDevice,
            TransitionError::InvalidConfirmToken => Self::InvalidConfirmToken,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_serde_writes() {
        let mut count = 0;
        for name in NAMES {
            let code: ErrorCode = serde_json::from_value((*name).into()).unwrap();
            assert_eq!((code.name(), serde_json::to_value(code).unwrap()), (*name, (*name).into()));
            count += 1;
        }
        assert_eq!(count, ErrorCode::Unreachable as usize + 1, "a name is missing above");
    }

    const NAMES: &[&str] = &[
        "invalid_request",
        "invalid_id",
        "unauthenticated",
        "invalid_credentials",
        "token_expired",
        "token_revoked",
        "device_mismatch",
        "wrong_browser",
        "wrong_device",
        "invalid_confirm_token",
        "cross_origin",
        "step_up_required",
        "invalid_password",
        "password_mismatch",
        "no_password",
        "wrong_username",
        "self_service_off",
        "picture_too_large",
        "picture_format",
        "picture_damaged",
        "ticket_not_found",
        "not_found",
        "method_not_allowed",
        "already_scanned",
        "already_used",
        "not_scanned",
        "not_confirmed",
        "already_decided",
        "reconnect_required",
        "ticket_expired",
        "ticket_cancelled",
        "body_too_large",
        "unsupported_media_type",
        "misdirected_request",
        "upgrade_required",
        "rate_limited",
        "upstream_unavailable",
        "unavailable",
        "unreachable",
    ];
}
