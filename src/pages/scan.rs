//! The page that scans: with the camera, if its script runs, or from a photo.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::error_text;
use crate::app::{Frame, Scripts, Shell};
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::routes;
use leptos::prelude::*;

/// What was found in a photo, other than a code of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A link to this host.
    Foreign(String),
    /// A code that is no link, or leads to no page for codes.
    Other,
    /// No code.
    Nothing,
    /// No photo.
    Unreadable,
    /// Too many photos.
    Limited,
    /// A form of another site.
    Refused,
}

impl Finding {
    /// The phase of the page.
    fn phase(&self) -> &'static str {
        match self {
            Self::Foreign(_) => "foreign",
            Self::Other => "other",
            Self::Nothing => "nothing",
            Self::Unreadable => "unreadable",
            Self::Limited => "limited",
            Self::Refused => "refused",
        }
    }
}

/// What a note offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Nothing,
    /// The camera, in these words.
    Camera(Words),
}

/// How a button names the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Open,
    Again,
    Retry,
}

/// Renders the page. `browser` and `os` select how to allow the camera.
#[component]
pub fn ScanPage(frame: Frame, finding: Option<Finding>, browser: String, os: String) -> impl IntoView {
    let locale = frame.locale;
    let phase = finding.as_ref().map_or("plain", Finding::phase);
    let host = match &finding {
        Some(Finding::Foreign(host)) => host.clone(),
        _ => String::new(),
    };
    view! {
        <Shell frame title=text!(locale, scan.title) scripts=Scripts::Scanner>
            <section class="card phone scanner" data-phase=phase data-stop=text!(locale, common.full_stop)>
                <h1 tabindex="-1">{text!(locale, scan.heading)}</h1>
                <div class="view">
                    <video muted=true playsinline=true aria-hidden="true"></video>
                    <canvas aria-hidden="true"></canvas>
                    <span class="corners" aria-hidden="true"></span>
                    <Notes locale host denied=how_to_allow(locale, &browser, &os)/>
                </div>
                <p class="unseen" role="status" aria-live="polite" aria-atomic="true"></p>
                <div class="controls">
                    <button type="button" class="quiet" data-command="torch" aria-pressed="false" hidden=true>
                        {text!(locale, scan.torch)}
                    </button>
                    <button type="button" class="quiet" data-command="switch" hidden=true>
                        {text!(locale, scan.switch_camera)}
                    </button>
                    <button type="button" class="quiet stop" data-command="stop">{text!(locale, scan.stop)}</button>
                </div>
                <form method="post" action=routes::SCANNER enctype="multipart/form-data">
                    <label class="button secondary" for="photo">{text!(locale, scan.photo)}</label>
                    <input id="photo" name="photo" type="file" accept="image/*" capture="environment" required=true/>
                    <button class="button">{text!(locale, scan.photo_submit)}</button>
                    <p class="hint">{text!(locale, scan.photo_hint)}</p>
                </form>
            </section>
        </Shell>
    }
}

fn how_to_allow(locale: Locale, browser: &str, os: &str) -> Text {
    match (browser, os) {
        (_, "iOS" | "iPadOS") => text!(locale, scan.denied_safari),
        ("Firefox", _) => text!(locale, scan.denied_firefox),
        ("Chrome" | "Edge" | "Opera", _) => text!(locale, scan.denied_chrome),
        _ => text!(locale, scan.denied_other),
    }
}

/// Renders a note for each phase, of which the style sheet shows one.
#[component]
fn Notes(locale: Locale, host: String, denied: Text) -> impl IntoView {
    use Offer::Camera;
    use Words::{Again, Open, Retry};
    let none = Text::default();
    let note = |phase: &'static str, icon: Option<Icon>, heading: Text, text: Text, offer: Offer| {
        view! { <Note locale phase icon heading text offer/> }
    };
    view! {
        {note("ready", Some(Icon::Scan), text!(locale, scan.ready), text!(locale, scan.ready_text), Camera(Open))}
        {note("asking", None, text!(locale, scan.asking), text!(locale, scan.asking_text), Offer::Nothing)}
        {note("looking", None, text!(locale, scan.looking), none.clone(), Offer::Nothing)}
        {note("closer", None, text!(locale, scan.closer), none.clone(), Offer::Nothing)}
        {note("unseen", None, text!(locale, scan.unseen), text!(locale, scan.unseen_text), Offer::Nothing)}
        {note("found", Some(Icon::Check), text!(locale, scan.found), none.clone(), Offer::Nothing)}
        {note("reading", None, text!(locale, scan.reading), none, Offer::Nothing)}
        {note("denied", Some(Icon::Shield), text!(locale, scan.denied), denied, Camera(Retry))}
        {note("missing", Some(Icon::Cross), text!(locale, scan.missing), text!(locale, scan.missing_text), Offer::Nothing)}
        {note("taken", Some(Icon::Clock), text!(locale, scan.taken), text!(locale, scan.taken_text), Camera(Retry))}
        {note("insecure", Some(Icon::Shield), text!(locale, scan.insecure), text!(locale, scan.insecure_text), Offer::Nothing)}
        {note("stopped", Some(Icon::Offline), text!(locale, scan.stopped), text!(locale, scan.stopped_text), Camera(Retry))}
        {note("failed", Some(Icon::Cross), text!(locale, scan.failed), text!(locale, scan.failed_text), Camera(Retry))}
        {note("broken", Some(Icon::Offline), text!(locale, scan.broken), text!(locale, scan.broken_text), Camera(Retry))}
        <div class="note" data-note="foreign">
            <span class="badge"><IconImage icon=Icon::Shield/></span>
            <div class="words">
                <h2>{text!(locale, scan.foreign)}</h2>
                <p><bdi>{host}</bdi></p>
                <p>{text!(locale, scan.foreign_text)}</p>
            </div>
            <Button locale offer=Camera(Again)/>
        </div>
        {note("other", Some(Icon::Cross), text!(locale, scan.other), text!(locale, scan.other_text), Camera(Again))}
        {note("nothing", Some(Icon::Cross), text!(locale, scan.nothing), text!(locale, scan.nothing_text), Camera(Open))}
        {note("unreadable", Some(Icon::Cross), text!(locale, scan.unreadable), text!(locale, scan.unreadable_text), Camera(Open))}
        {note("limited", Some(Icon::Clock), text!(locale, scan.limited), error_text(locale, ErrorCode::RateLimited), Camera(Open))}
        {note("refused", Some(Icon::Shield), text!(locale, scan.failed_photo), error_text(locale, ErrorCode::CrossOrigin), Camera(Open))}
    }
}

#[component]
fn Note(
    locale: Locale,
    phase: &'static str,
    #[prop(optional_no_strip)] icon: Option<Icon>,
    heading: Text,
    text: Text,
    offer: Offer,
) -> impl IntoView {
    let icon = icon.map(|icon| view! { <span class="badge"><IconImage icon/></span> });
    view! {
        <div class="note" data-note=phase>
            {icon}
            <div class="words">
                <h2>{heading}</h2>
                {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            </div>
            <Button locale offer/>
        </div>
    }
}

/// Only works with the script; without, the style sheet hides it.
#[component]
fn Button(locale: Locale, offer: Offer) -> impl IntoView {
    let words = match offer {
        Offer::Nothing => return ().into_any(),
        Offer::Camera(Words::Open) => text!(locale, scan.start),
        Offer::Camera(Words::Again) => text!(locale, scan.again),
        Offer::Camera(Words::Retry) => text!(locale, outcome.try_again),
    };
    view! { <button type="button" class="button" data-command="start">{words}</button> }.into_any()
}
