//! The endpoints of OAuth that apps and devices call themselves.

use super::endpoint::Body::{Empty, Json, Other};
use super::endpoint::{Answer, Area, Endpoint, GET, Kind, PLAIN, POST, PREFLIGHT, answer};
use super::field::{Field, Place, text};
use super::{APP, APP_TOKEN};
use crate::routes;
use domain::oauth::OAuthErrorCode::{self, *};

const CLIENT: Field = text("client_id", "grafana", "The app, unless it authenticates by Basic.").optional();
const SECRET: Field = text("client_secret", "", "Its secret, unless it authenticates by Basic or has none.").optional();
const TOKEN: Field = text("token", "qla_4n8kq0rA2dEo6yC5mVtYb1s3uW7xZ9f", "An access or refresh token.");
const HINT: Field = text("token_type_hint", "refresh_token", "Which of the two it is. Ignored.").optional();

/// What every program may be refused by.
const PROGRAM: &[OAuthErrorCode] =
    &[InvalidRequest, InvalidClient, UnauthorizedClient, TemporarilyUnavailable, ServerError];
const OF_TOKEN: &[OAuthErrorCode] =
    &[InvalidToken, InsufficientScope, InvalidRequest, TemporarilyUnavailable, ServerError];

const CLAIMS: &[Answer] = &[
    answer(200, Json("Claims"), "What the person has let the app know."),
    answer(401, Other(PLAIN), "There is no token."),
];

const fn program(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(POST, path, Kind::Program, summary, about).by(&[APP, ""]).refuses(PROGRAM)
}

/// The question of a browser whether a page of another origin may call an endpoint.
const fn preflight(path: &'static str) -> Endpoint {
    Endpoint::new(
        PREFLIGHT,
        path,
        Kind::File,
        "May a page call it?",
        "The preflight of a browser (CORS): any page may.",
    )
    .answers(ALLOWED)
}

const ALLOWED: &[Answer] = &[answer(204, Empty, "It may, without cookies.").with(&[
    text("Access-Control-Allow-Origin", "*", "Any page."),
    text("Access-Control-Allow-Methods", "GET, POST", "The methods."),
    text("Access-Control-Allow-Headers", "Authorization, Content-Type", "The headers."),
])];

pub(super) const AREA: Area = Area {
    name: "OAuth for programs",
    about: "Called by apps and devices, not by browsers. An app authenticates by Basic, by `client_id` and \
            `client_secret` in the form, or, if it is public, by its `client_id` alone. Parameters in the URL are refused.",
    endpoints: &[
        program(
            routes::TOKEN,
            "Get tokens",
            "For a code, a refresh token, a device's code, or an assertion of an app's own backend (RFC 6749, section \
             3.2; RFC 8628; RFC 7523).",
        )
        .takes(&[
            text("grant_type", "authorization_code", "One of those in the discovery document."),
            text("code", "qlc_4n8kq0rA2dEo6yC5mVtYb1s3uW7xZ9f", "The code.").usual(),
            text("redirect_uri", "https://app.example/callback", "That of the authorization request.").usual(),
            text("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "PKCE (RFC 7636).").usual(),
            text("refresh_token", "", "The refresh token.").optional(),
            text("scope", "openid", "Fewer scopes than before, with a refresh token.").optional(),
            text("resource", "https://api.example", "The API that the access token is for (RFC 8707).").optional(),
            text("device_code", "", "The device's code.").optional(),
            text("assertion", "", "A JWT of the app's own backend.").optional(),
            text("device_id", "", "The phone, with an assertion.").optional(),
            text("device_name", "", "A name for the list of sessions, with an assertion.").optional(),
            text("device_kind", "", "What the device is, with an assertion.").optional(),
            CLIENT,
            SECRET,
            text("Prefer", "wait=25", "Holds a device's poll until the person has decided (RFC 7240).").at(Place::Header).optional(),
        ])
        .answers(&[answer(200, Json("Tokens"), "The tokens.").with(&[text(
            "Preference-Applied",
            "wait=25",
            "How long the poll was willing to wait.",
        )
        .optional()])])
        .refuses(&[
            InvalidRequest,
            InvalidClient,
            InvalidGrant,
            UnauthorizedClient,
            UnsupportedGrantType,
            InvalidScope,
            InvalidTarget,
            AuthorizationPending,
            SlowDown,
            AccessDenied,
            ExpiredToken,
            TemporarilyUnavailable,
            ServerError,
        ]),
        preflight(routes::TOKEN),
        program(
            routes::DEVICE_AUTHORIZATION,
            "Get codes for a device",
            "Begins a sign-in on a device without a browser (RFC 8628). It shows `verification_uri_complete` as a QR code, \
             or `user_code`, and polls the token endpoint.",
        )
        .takes(&[
            text("scope", "openid profile", "What the app wants to learn.").usual(),
            text("nonce", "n-0S6_WzA2Mj", "Comes back in the ID token.").optional(),
            CLIENT,
            SECRET,
        ])
        .answers(&[answer(200, Json("DeviceAuthorization"), "The codes.")])
        .refuses(&[
            InvalidRequest,
            InvalidClient,
            UnauthorizedClient,
            InvalidScope,
            TemporarilyUnavailable,
            ServerError,
        ]),
        preflight(routes::DEVICE_AUTHORIZATION),
        Endpoint::new(
            GET,
            routes::USERINFO,
            Kind::Program,
            "Who signed in",
            "OpenID Connect Core, section 5.3. A JWT access token for a `resource` is refused: it is for that API only.",
        )
        .by(&[APP_TOKEN])
        .answers(CLAIMS)
        .refuses(OF_TOKEN),
        Endpoint::new(POST, routes::USERINFO, Kind::Program, "Who signed in, by a form", "The token may be in the form.")
            .by(&[APP_TOKEN, ""])
            .takes(&[text("access_token", "", "The token, if it is not in the header.").optional()])
            .answers(CLAIMS)
            .refuses(OF_TOKEN),
        preflight(routes::USERINFO),
        program(routes::INTROSPECT, "Is a token valid?", "RFC 7662. Of an app's own tokens only.")
            .takes(&[TOKEN, HINT, CLIENT, SECRET])
            .answers(&[answer(200, Json("Introspection"), "Whether it is.")]),
        program(routes::REVOKE_TOKEN, "End a token's grant", "RFC 7009.")
            .takes(&[TOKEN, HINT, CLIENT, SECRET])
            .answers(&[answer(200, Json("Nothing"), "The token is not valid, now or ever before.")]),
        preflight(routes::REVOKE_TOKEN),
    ],
};
