//! The schemas of OAuth, of errors, and of what operators ask.

use super::super::field::{Of, field, flag, id, number, object, text, word};
use super::{BEARER, JWT, SCOPE, Table};
use crate::error::ErrorCode;
use domain::oauth::OAuthErrorCode;

const OPAQUE: &str = "qla_4n8kq0rA2dEo6yC5mVtYb1s3uW7xZ9fGhJkLpNqRtUvXyA";
const UP: &[&str] = &["ok", "unavailable"];

pub(super) const TABLE: Table = &[
    (
        "Metadata",
        &[
            text("issuer", "https://login.example.com", "The public URL without a slash at its end."),
            text("authorization_endpoint", "https://login.example.com/oauth/authorize", "Where a sign-in begins."),
            text("token_endpoint", "https://login.example.com/oauth/token", "Where tokens are."),
            text("jwks_uri", "https://login.example.com/oauth/jwks.json", "Where the keys are."),
            field("scopes_supported", Of::Texts, "[\"openid\",\"profile\",\"email\"]", "What apps may ask for."),
            field(
                "grant_types_supported",
                Of::Texts,
                "[\"authorization_code\",\"refresh_token\"]",
                "How apps get tokens.",
            ),
        ],
    ),
    ("Keys", &[field("keys", Of::List("Key"), "", "The keys. The first one signs.")]),
    (
        "Key",
        &[
            word("kty", &["RSA", "OKP"], "The type of the key."),
            word("alg", &["RS256", "EdDSA"], "The algorithm."),
            word("use", &["sig"], "It verifies signatures."),
            text("kid", "nX3hVw1kq0rA2dEo", "Names the key in a token's header."),
            text("n", "0vx7agoebGcQSuuPiLJXZpt…", "The modulus of an RSA key.").optional(),
            text("e", "AQAB", "The exponent of an RSA key.").optional(),
            text("crv", "Ed25519", "The curve of an Ed25519 key.").optional(),
            text("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "The public part of an Ed25519 key.").optional(),
        ],
    ),
    (
        "Tokens",
        &[
            text("access_token", OPAQUE, "For userinfo and the app's own resources."),
            BEARER,
            number("expires_in", "3600", "Seconds until the access token expires. A phone's token has no end.")
                .optional(),
            text("scope", SCOPE, "What was granted.").optional(),
            text("id_token", JWT, "Who signed in: an RS256 JWT. With `openid`.").optional(),
            text("refresh_token", OPAQUE, "With `offline_access`. Each works once.").optional(),
            text(
                "device_id",
                "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a",
                "To be sent as `X-Device-Id`. By an assertion only.",
            )
            .or_null()
            .optional(),
            object("account", "Account", "Who is signed in. By an assertion only.").optional(),
        ],
    ),
    (
        "Claims",
        &[
            id("sub", "The account. Never reused."),
            text("name", "Dong", "With `profile`.").optional(),
            text("preferred_username", "dong", "With `profile`. May belong to another person later.").optional(),
            text("picture", "https://login.example.com/picture/6f1c….jpg", "With `profile`.").optional(),
            text("email", "dong@example.com", "With `email`.").optional(),
            flag("email_verified", "true", "With `email`.").optional(),
            field("groups", Of::Texts, "[\"staff\"]", "With `groups`.").optional(),
        ],
    ),
    (
        "Introspection",
        &[
            flag("active", "true", "Whether the token is valid now. If it is not, there is nothing else."),
            text("scope", SCOPE, "The scopes, separated by spaces.").optional(),
            text("client_id", "grafana", "The app.").optional(),
            text("username", "dong", "With `profile`. The name to sign in with.").optional(),
            word("token_type", &["Bearer"], "Of an access token.").optional(),
            number("exp", "1772361000", "When it expires, in seconds since the epoch.").optional(),
            number("iat", "1772357400", "When it was granted.").optional(),
            id("sub", "The account.").optional(),
            text("aud", "grafana", "The audience.").optional(),
            text("iss", "https://login.example.com", "The issuer.").optional(),
        ],
    ),
    (
        "DeviceAuthorization",
        &[
            text("device_code", "AZj2sX0MengAmlEfLj1MW2oBkq0rA2dEo6yC5mVtYb1s3uW7xZ9f", "What the device polls with."),
            text("user_code", "WDJB-MJHT", "What the device shows."),
            text("verification_uri", "https://login.example.com/device", "Where a person types it."),
            text(
                "verification_uri_complete",
                "https://login.example.com/confirm?id=0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a",
                "What the device shows as a QR code.",
            ),
            number("expires_in", "600", "Seconds until both codes expire."),
            number("interval", "5", "Seconds between two polls."),
        ],
    ),
    ("Nothing", &[]),
    (
        "Document",
        &[
            text("openapi", "3.1.0", "The version of OpenAPI."),
            field("info", Of::Json, "{}", "What this is."),
            field("paths", Of::Json, "{}", "The endpoints."),
        ],
    ),
    (
        "Ready",
        &[
            word("status", UP, "Whether all stores respond."),
            word("tickets", UP, "Whether the store of tickets responds."),
            word("database", UP, "Whether the database responds."),
        ],
    ),
    (
        "Error",
        &[
            text("code", ErrorCode::InvalidRequest.name(), "For programs. Codes may be added."),
            text("message", ErrorCode::InvalidRequest.message(), "For people."),
            number("retry_after", "7", "Seconds after which to try again.").optional(),
        ],
    ),
    (
        "OAuthError",
        &[
            text("error", OAuthErrorCode::InvalidRequest.as_str(), "For programs."),
            text("error_description", "grant_type is missing", "For developers."),
        ],
    ),
];
