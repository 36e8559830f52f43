//! OpenID Connect as a browser goes through it, and what apps have to know first.

use super::endpoint::Body::{Empty, Json, Other};
use super::endpoint::{Answer, Area, BOTH, Endpoint, GET, HTML, Kind, LOCATION, POST, SET_COOKIE, answer};
use super::field::{Field, id, text};
use crate::error::ErrorCode::{BodyTooLarge, Unavailable, UnsupportedMediaType};
use crate::routes;

const REDIRECT_URI: &str = "https://app.example/callback";
const STATE: Field = text("state", "xyz", "Comes back unchanged. At most 4096 bytes.").optional();
pub(super) const PART: Answer =
    answer(403, Empty, "A browser that prefetches it, or loads it as a part of a page, is refused.");
const CLIENT: Field = text("client_id", "grafana", "The app.");

pub(super) const SEE_OTHER: Answer = answer(303, Empty, "The next page, or the app.").with(&[LOCATION, SET_COOKIE]);
pub(super) const OVER: Answer = answer(400, Other(HTML), "A page: the request is over, or belongs to another browser.");

const AUTHORIZATION: [Field; 16] = [
    CLIENT,
    text("redirect_uri", REDIRECT_URI, "Exactly one of those that are registered."),
    text("response_type", "code", "`code` is the only one.").optional(),
    text("scope", "openid profile email", "`openid`, and what else the app wants to learn.").optional(),
    STATE,
    text("nonce", "n-0S6_WzA2Mj", "Comes back in the ID token. At most 512 bytes.").optional(),
    text("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "PKCE (RFC 7636).").optional(),
    text("code_challenge_method", "S256", "`S256` is the only one.").optional(),
    text("response_mode", "query", "`query` or `form_post`.").optional(),
    text("prompt", "login", "`none`, `login`, `consent` or `select_account`.").optional(),
    text("max_age", "3600", "Maximum age of the sign-in, in seconds.").optional(),
    text("login_hint", "dong", "The account that the app expects: a username or an e-mail address.").optional(),
    text("id_token_hint", "", "An earlier ID token of the person whom the app expects.").optional(),
    text("ui_locales", "zh-CN en", "Without effect: pages have the language of the browser.").optional(),
    text("acr_values", "", "How the person should sign in; see the discovery document. A wish: check `acr`.")
        .optional(),
    text("resource", "https://api.example", "The API that the access token is for (RFC 8707).").optional(),
];

/// The same in a form, all of which is passed on: the `GET` says what is missing.
const PASSED_ON: [Field; 16] = {
    let mut fields = AUTHORIZATION;
    fields[0] = fields[0].optional();
    fields[1] = fields[1].optional();
    fields
};

const SIGN_OUT: &[Field] = &[
    text("id_token_hint", "", "An ID token of the session. Without one, a page asks first.").optional(),
    CLIENT.optional(),
    text("post_logout_redirect_uri", "https://app.example/", "Exactly one of those that are registered.").optional(),
    STATE,
];

const fn document(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::File, summary, about)
}

pub(super) const AREA: Area = Area {
    name: "OpenID Connect",
    about: "An app sends a browser to `/oauth/authorize`, gets it back with a code, and exchanges the code for tokens. \
            Nothing redirects before the app and its redirect URI are known to be registered.",
    endpoints: &[
        document(
            routes::OPENID_CONFIGURATION,
            "Discovery",
            "What clients have to know (OpenID Connect Discovery 1.0).",
        )
        .answers(&[answer(
            200,
            Json("Metadata"),
            "May be kept for five minutes. Has more members than these.",
        )]),
        document(routes::AUTHORIZATION_SERVER, "Discovery for OAuth", "The same document (RFC 8414).")
            .answers(&[answer(200, Json("Metadata"), "May be kept for five minutes. Has more members than these.")]),
        document(
            routes::OIDC_JWKS,
            "Keys of OpenID Connect",
            "RSA keys, which verify ID tokens and JWT access tokens.",
        )
        .answers(&[answer(200, Json("Keys"), "May be kept for five minutes.")])
        .fails(&[&[Unavailable]]),
        Endpoint::new(
            GET,
            routes::AUTHORIZE,
            Kind::Page,
            "Start a sign-in",
            "An app sends the browser here. Errors go back to the app in its redirect URI.",
        )
        .takes(&AUTHORIZATION)
        .answers(&[
            answer(200, Other(HTML), "With `form_post`: a page that posts the response to the app.")
                .with(&[SET_COOKIE]),
            SEE_OTHER,
            answer(400, Other(HTML), "A page: the app or its redirect URI is not registered."),
            PART,
        ]),
        Endpoint::new(
            POST,
            routes::AUTHORIZE,
            Kind::Page,
            "Start a sign-in by a form",
            "Redirects to the same request as a `GET`.",
        )
        .takes(&PASSED_ON)
        .answers(&[answer(303, Empty, "The same request as a `GET`.").with(&[LOCATION])])
        .fails(&[&[BodyTooLarge, UnsupportedMediaType]]),
        Endpoint::new(
            GET,
            routes::CONTINUE,
            Kind::Page,
            "Continue a sign-in",
            "Where our own pages go on. Decides the next step from what the server has stored for this browser.",
        )
        .takes(&[id("i", "The sign-in.")])
        .answers(&[
            answer(200, Other(HTML), "The question for consent, or a page that posts to the app."),
            SEE_OTHER,
            OVER,
            PART,
        ]),
        Endpoint::new(POST, routes::CONSENT, Kind::Page, "Answer the consent page", "The form of our own page.")
            .takes(&[id("i", "The sign-in."), text("answer", "allow", "`allow`; anything else declines.").optional()])
            .answers(&[
                answer(200, Other(HTML), "A page that moves on, to the app or to the next step.").with(&[SET_COOKIE]),
                OVER,
                answer(403, Other(HTML), "A page: the form is of another site."),
                answer(413, Other(HTML), "A page: the form is too large."),
            ]),
        Endpoint::new(
            BOTH,
            routes::END_SESSION,
            Kind::Page,
            "Sign out",
            "OpenID Connect RP-Initiated Logout 1.0. A form of an app is redirected to the same request as a `GET`.",
        )
        .takes(SIGN_OUT)
        .answers(&[
            answer(200, Other(HTML), "A page: signed out, or the question whether to.").with(&[SET_COOKIE]),
            SEE_OTHER,
            answer(400, Other(HTML), "A page: the redirect URI is not registered, or the hint is not ours."),
            answer(413, Other(HTML), "A page: the form is too large."),
        ]),
        Endpoint::new(
            GET,
            routes::SITE,
            Kind::Page,
            "Sign in to a site behind a proxy",
            "Where `/forward-auth` sends a visitor. What the visitor asked for is stored; the URL has only its id.",
        )
        .takes(&[id("r", "The visit.")])
        .answers(&[SEE_OTHER, OVER, PART]),
    ],
};
