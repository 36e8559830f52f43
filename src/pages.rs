//! Whole pages: pure functions from the data of a page to its document.

pub mod account;
pub mod app_card;
pub mod connections;
pub mod consent;
pub mod device;
#[cfg(debug_assertions)]
pub mod gallery;
pub mod install_hint;
pub mod message;
pub mod pc_login;
pub mod phone_confirm;
pub mod scan;
pub mod scan_link;
pub mod settings;
pub mod sign_in_form;
pub mod sign_out;
pub mod sure;

use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use clock::now;
use domain::time::Timestamp;

/// Returns the message for an error that led to this page.
pub fn error_text(locale: Locale, code: ErrorCode) -> Text {
    match code {
        ErrorCode::InvalidRequest | ErrorCode::InvalidId => text!(locale, error.invalid_request),
        ErrorCode::InvalidCredentials => text!(locale, error.invalid_credentials),
        ErrorCode::InvalidConfirmToken => text!(locale, error.invalid_confirm_token),
        ErrorCode::RateLimited => text!(locale, error.rate_limited),
        ErrorCode::CrossOrigin => text!(locale, error.cross_origin),
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::TokenRevoked | ErrorCode::DeviceMismatch => {
            text!(locale, error.session)
        }
        ErrorCode::UpstreamUnavailable => text!(locale, error.upstream),
        ErrorCode::StepUpRequired => text!(locale, error.step_up),
        ErrorCode::InvalidPassword => text!(locale, error.invalid_password),
        ErrorCode::PasswordMismatch => text!(locale, error.password_mismatch),
        ErrorCode::NoPassword => text!(locale, error.no_password),
        ErrorCode::WrongUsername => text!(locale, error.wrong_username),
        ErrorCode::SelfServiceOff => text!(locale, error.self_service_off),
        ErrorCode::PictureTooLarge => text!(locale, error.picture_too_large),
        ErrorCode::PictureFormat => text!(locale, error.picture_format),
        ErrorCode::PictureDamaged => text!(locale, error.picture_damaged),
        ErrorCode::Unavailable | ErrorCode::Unreachable => text!(locale, error.unavailable),
        _ => text!(locale, error.other),
    }
}

/// Formats how long ago something was, computed without the client's clock.
pub fn ago(locale: Locale, then: Timestamp) -> Text {
    let minutes = now().saturating_duration_since(then).as_secs() / 60;
    match minutes {
        0 => text!(locale, account.now),
        1..60 => text!(locale, account.minutes, count = minutes),
        60..1440 => text!(locale, account.hours, count = minutes / 60),
        _ => text!(locale, account.days, count = minutes / 1440),
    }
}
