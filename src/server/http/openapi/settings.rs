//! What people change about their own accounts.

use super::account::{PASSWORD, change};
use super::endpoint::Body::Json;
use super::endpoint::{Answer, Area, SET_COOKIE, answer};
use super::field::{file, number, text};
use super::tickets::CREDENTIAL;
use crate::error::ErrorCode;
use crate::error::ErrorCode::{
    InvalidCredentials, InvalidPassword, NoPassword, PasswordMismatch, PictureDamaged, PictureFormat, PictureTooLarge,
    RateLimited, SelfServiceOff, StepUpRequired, WrongUsername,
};
use crate::routes;

const CHANGED: &[Answer] = &[answer(200, Json("Account"), "The account as it is now.")];
/// What every change of a name or a picture may fail by.
const CHANGE: &[ErrorCode] = &[SelfServiceOff, StepUpRequired, RateLimited];

pub(super) const AREA: Area = Area {
    name: "Settings",
    about: "What a person changes about the own account, unless the operator has turned that off.",
    endpoints: &[
        change(routes::SETTINGS_PROFILE, "Change the display name", "An empty one stands for the username.")
            .takes(&[text("display_name", "Dong", "At most 64 characters; the rest is cut off.")])
            .answers(CHANGED)
            .fails(&[CREDENTIAL, CHANGE]),
        change(
            routes::SETTINGS_PICTURE,
            "Change the picture",
            "PNG, JPEG or WebP of at most 8 MiB, of which a square is kept: the one described by `x`, `y` and `size`, or \
             the middle.",
        )
        .takes(&[
            file("picture", "The file."),
            number("x", "0", "Left edge of the square, in pixels of the picture as it is seen.").optional(),
            number("y", "0", "Upper edge.").optional(),
            number("size", "256", "Side. The three belong together.").optional(),
        ])
        .answers(CHANGED)
        .fails(&[CREDENTIAL, CHANGE, &[PictureTooLarge, PictureFormat, PictureDamaged]]),
        change(routes::SETTINGS_PICTURE_REMOVE, "Remove the picture", "The PC shows initials after a scan again.")
            .answers(CHANGED)
            .fails(&[CREDENTIAL, CHANGE]),
        change(
            routes::SETTINGS_PASSWORD,
            "Change the password",
            "Ends all other sessions of the account, and all that apps were granted.",
        )
        .takes(&[
            PASSWORD,
            text("new_password", "battery horse staple", "The new password, 8 to 1,024 bytes."),
            text("new_password_again", "battery horse staple", "Has to be the same, if it is there.").optional(),
        ])
        .fails(&[CREDENTIAL, &[InvalidCredentials, InvalidPassword, NoPassword, PasswordMismatch, RateLimited]]),
        change(
            routes::SETTINGS_DELETE,
            "Delete the account",
            "With its sessions, its picture and all that apps were granted. It cannot be undone.",
        )
        .takes(&[
            text("username", "dong", "The name of the account, to confirm which one is deleted."),
            PASSWORD.optional(),
        ])
        .answers(&[answer(200, Json("Status"), "Deleted, and signed out.").with(&[SET_COOKIE])])
        .fails(&[CREDENTIAL, &[InvalidCredentials, NoPassword, SelfServiceOff, WrongUsername, RateLimited]]),
    ],
};
