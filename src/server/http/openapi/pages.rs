//! Pages for people, and the files that they load.

use super::account::LANGUAGE;
use super::endpoint::Body::{Empty, Json, Object, Other};
use super::endpoint::{Answer, Area, ETAG, Endpoint, GET, HTML, Kind, LOCATION, POST, RETRY_AFTER, SET_COOKIE, answer};
use super::field::{Field, Of, Place, field, file as upload, text};
use crate::error::ErrorCode::{NotFound, Unavailable};
use crate::routes;

const FROM: Field = text("from", "", "Whether another site led here.").optional();
const NEXT: Field = text("next", routes::ACCOUNT, "The page of this site to go to after the sign-in.").optional();
const ERROR: Field = text("error", "", "The code of the error that the page shows.").optional();
const SHOWN: Answer = answer(200, Other(HTML), "The page.").with(&[SET_COOKIE]);
const UNCHANGED: Answer = answer(304, Empty, "It has not changed.");
const PREFETCH: Answer = answer(403, Empty, "A browser that prefetches a page is refused.");
const STRANGER: Answer = answer(303, Empty, "Not signed in.").with(&[LOCATION]);
const PROVIDER: Field = text("id", "example", "The provider, as the operator has named it.").at(Place::Path);
const SHORT_URL: &[Field] =
    &[text("code", "AGMPNML5BR5H5GSRD4XD2TC3NI", "The id of the ticket in base 32 (RFC 4648).").at(Place::Path), FROM];
const LEADS_TO_TICKET: &[Answer] = &[
    answer(303, Empty, "The page of the ticket.").with(&[LOCATION]),
    PREFETCH,
    answer(404, Other(HTML), "The page: there is no such code."),
];
const ANY_FILE: &str = "*/*";

/// Describes the short URL in a code, in capitals and in small letters: some scanners change them.
const fn code(path: &'static str) -> Endpoint {
    page(path, "The short URL in a code", "Leads to the page that a phone opens.")
        .followed_by("{code}")
        .takes(SHORT_URL)
        .answers(LEADS_TO_TICKET)
}

const fn page(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::Page, summary, about)
}

const fn file(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::File, summary, about)
}

pub(super) const AREA: Area = Area {
    name: "Pages",
    about: "For people with a browser. Their markup may change with every version: programs use the endpoints above.",
    endpoints: &[
        page(routes::PC_LOGIN, "The sign-in page", "Shows a QR code on a PC, and the password form on a phone.")
            .takes(&[
                NEXT,
                text("tab", "password", "Shows the password form, or with `code` the QR code.").optional(),
                text("ticket", "", "The code to go on showing.").optional(),
                text("renewals", "", "How often the page has renewed its code.").optional(),
                ERROR,
            ])
            .answers(&[
                SHOWN,
                answer(303, Empty, "Signed in already.").with(&[LOCATION]),
                answer(400, Other(HTML), "A page: the sign-in that it continues is over."),
                answer(403, Empty, "A browser that prefetches it, or does not load it as a page, is refused."),
                answer(429, Other(HTML), "The page, without a code.").with(&[RETRY_AFTER.optional()]),
            ]),
        page(
            routes::PHONE_CONFIRM,
            "The page that a phone opens",
            "What the QR code encodes. Shows who asks, and two buttons.",
        )
        .takes(&[text("id", "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a", "The ticket.").optional(), FROM, ERROR])
        .answers(&[SHOWN, PREFETCH, answer(404, Other(HTML), "The page: there is no such code.")]),
        page(routes::ACCOUNT, "The account", "Sessions and apps, and how to end them.")
            .takes(&[ERROR])
            .answers(&[SHOWN, STRANGER, PREFETCH]),
        page(routes::SETTINGS, "The settings", "Name, picture, password, language, and deletion of the account.")
            .takes(&[
                text("done", "name", "What has just been changed.").optional(),
                text("at", "", "The form that the error belongs to.").optional(),
                ERROR,
            ])
            .answers(&[SHOWN, STRANGER, PREFETCH]),
        page(routes::DELETED, "The account is deleted", "What is left to say afterwards.").answers(&[SHOWN, PREFETCH]),
        page(routes::SCANNER, "The page that scans", "Scans by the camera, or takes a photo of a code.")
            .answers(&[SHOWN, STRANGER, PREFETCH]),
        Endpoint::new(POST, routes::SCANNER, Kind::Page, "Read a code in a photo", "For browsers that cannot do it.")
            .takes(&[upload("photo", "PNG, JPEG or WebP of at most 8 MiB. It is not kept.").usual()])
            .answers(&[
                answer(200, Other(HTML), "The page: why the photo leads nowhere.").with(&[SET_COOKIE]),
                answer(303, Empty, "The page of the code, or the sign-in.").with(&[LOCATION, SET_COOKIE]),
                answer(400, Other(HTML), "The page: the form is malformed."),
                answer(403, Other(HTML), "The form is of another site, or a browser prefetches it."),
                answer(413, Other(HTML), "The page: the file is too large."),
                answer(415, Other(HTML), "The page: it is not a form with a file."),
            ]),
        code(routes::CODE),
        code(routes::CODE_IN_LOWER_CASE),
        Endpoint::new(
            POST,
            routes::PROVIDER,
            Kind::Page,
            "Sign in by another provider",
            "Sends the browser to a provider of OpenID Connect that the operator has set up.",
        )
        .takes(&[PROVIDER, NEXT])
        .answers(&[
            answer(200, Other(HTML), "A page that moves on to the provider.").with(&[SET_COOKIE]),
            answer(400, Other(HTML), "A page: the form is malformed."),
            answer(403, Other(HTML), "A page: the form is of another site."),
            answer(404, Other(HTML), "A page: there is no such provider."),
            answer(413, Other(HTML), "A page: the form is too large."),
            answer(415, Other(HTML), "A page: it is not a form."),
            answer(502, Other(HTML), "A page: the provider is down, or answers wrongly."),
        ]),
        page(
            routes::PROVIDER_CALLBACK,
            "Come back from another provider",
            "The redirect URI to register there. Ends the sign-in that this browser began.",
        )
        .takes(&[
            PROVIDER,
            text("code", "", "What the provider grants.").optional(),
            text("state", "", "Which sign-in it belongs to.").optional(),
            text("iss", "", "Which provider it is from (RFC 9207).").optional(),
            text("error", "", "Why the provider grants nothing.").optional(),
        ])
        .answers(&[
            answer(200, Other(HTML), "A page that moves on, or says that the person declined.").with(&[SET_COOKIE]),
            answer(400, Other(HTML), "A page: this browser has begun no such sign-in."),
            answer(403, Other(HTML), "A page: there is no account for the person."),
            answer(502, Other(HTML), "A page: the provider is down, or answers wrongly.").with(&[SET_COOKIE]),
        ]),
        page(
            routes::CONNECTIONS,
            "Connected services",
            "Those whose tokens scripts fetch, and how to connect and end them.",
        )
        .takes(&[text("id", "", "The connection that is about to be approved.").optional(), ERROR])
        .answers(&[SHOWN, STRANGER, PREFETCH]),
        Endpoint::new(POST, routes::CONNECTIONS, Kind::Page, "Change a connection", "The form of that page.")
            .takes(&[
                text("do", "start", "`start`, `disconnect`, `key` or `remove_key`.").usual(),
                text("service", "forge", "The service to connect.").usual(),
                text("id", "", "The connection to change.").optional(),
            ])
            .answers(&[
                answer(200, Other(HTML), "The page, which shows a new key once.").with(&[SET_COOKIE]),
                answer(303, Empty, "Back to the page, or to the sign-in.").with(&[LOCATION, SET_COOKIE]),
                PREFETCH,
            ]),
        page(routes::DEVICE, "Type the code of a device", "A code in the URL is only filled in.")
            .takes(&[text("user_code", "WDJB-MJHT", "The code.").optional(), ERROR])
            .answers(&[SHOWN, PREFETCH]),
        Endpoint::new(POST, routes::DEVICE, Kind::Page, "Enter the code of a device", "The form of that page.")
            .takes(&[text("user_code", "WDJB-MJHT", "The code.").usual()])
            .answers(&[
                answer(303, Empty, "The page that shows who asks, or what is wrong.").with(&[LOCATION, SET_COOKIE]),
                PREFETCH,
            ]),
        Endpoint::new(POST, routes::LANGUAGE, Kind::File, "Choose the language of the pages", "Sets a cookie.")
            .takes(&[LANGUAGE, text("next", routes::ACCOUNT, "The page to return to.").optional()])
            .answers(&[
                answer(303, Empty, "Back to that page.").with(&[LOCATION, SET_COOKIE]),
                answer(400, Empty, "There is no such language."),
                answer(403, Empty, "The form is of another site."),
                answer(413, Empty, "The form is too large."),
            ]),
        file(routes::MANIFEST, "The manifest", "The name and the icons on a phone's home screen.").answers(&[answer(
            200,
            Object("application/manifest+json"),
            "May be kept for five minutes.",
        )]),
        file(routes::STATIC, "A file of this build", "Scripts and styles. The path has a hash of all of them.")
            .followed_by("{hash}/{file}")
            .takes(&[
                text("hash", "6f1c0a3e52d97b84", "The build. With another one, this build's file is not kept.")
                    .at(Place::Path),
                text("file", "pkg/qr-login.css", "The file, with its slashes.").at(Place::Path),
            ])
            .answers(&[answer(200, Other(ANY_FILE), "The file.").with(&[ETAG]), UNCHANGED])
            .fails(&[&[NotFound]]),
        file(routes::PICTURE, "A person's picture", "256 by 256 pixels. A new picture has another path.")
            .followed_by("{file}")
            .takes(&[field(
                "file",
                Of::Text,
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.jpg",
                "The SHA-256 of the picture, and `.jpg`.",
            )
            .at(Place::Path)])
            .answers(&[answer(200, Other("image/jpeg"), "Browsers keep it for a year.")])
            .fails(&[&[NotFound, Unavailable]]),
    ],
};

pub(super) const DESCRIPTION: Area = Area {
    name: "Description",
    about: "What you are reading, for programs and for people.",
    endpoints: &[
        file(routes::OPENAPI, "This description", "OpenAPI 3.1. Generate clients and tests from it.")
            .answers(&[answer(200, Json("Document"), "The document.").with(&[ETAG]), UNCHANGED]),
        file(routes::DOCS, "This page", "The same description, to read.")
            .answers(&[answer(200, Other(HTML), "The page.").with(&[ETAG]), UNCHANGED]),
    ],
};
