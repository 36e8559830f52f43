//! The page a phone opens by scanning: the requesting PC, a warning and two equal buttons; or why there is nothing to
//! decide.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

pub mod decide;
pub mod ending;
pub mod scan;

use super::sign_in_form::{Attempt, SignInForm};
use crate::app::{Frame, Scripts, Shell};
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::server::assets;
use decide::Decide;
use domain::account::Profile;
use domain::ids::{Secret, TicketId};
use domain::ticket::{AppView, Requester, UserCode};
use domain::time::Timestamp;
use ending::Ending;
use leptos::prelude::*;
use scan::ScanForm;

/// What the sign-in is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A PC's browser.
    Pc,
    /// A device that polls (RFC 8628).
    Device,
}

/// What the phone has to do, or why there is nothing to do.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sign this phone in first.
    SignIn {
        /// The previous attempt.
        attempt: Attempt,
        /// The kind of device that signs in.
        kind: &'static str,
        /// The ticket that is scanned without another tap after the sign-in.
        scan: Option<TicketId>,
        /// Whether the navigation came from another site.
        from_elsewhere: bool,
    },
    /// Report to the server that this phone scanned the code. From then on the PC shows who scanned.
    Scan {
        /// The ticket.
        id: TicketId,
        /// Which confirmation the scan requires.
        manner: Manner,
        /// The profile that the PC would show.
        profile: Profile,
        /// The error of an earlier attempt.
        error: Option<ErrorCode>,
    },
    /// Approve or decline.
    Decide(Box<Question>),
    /// There is nothing to decide.
    End {
        /// Why.
        end: End,
        /// The computer or device, if this phone knows it.
        requester: Option<Requester>,
    },
}

/// Which confirmation a scan requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// None: the person has just signed in on this very page.
    ByItself,
    /// A tap; otherwise the sender of a link to their own code would learn who opened it.
    ByTap,
    /// A tap, after a warning that the navigation came from another site.
    WithWarning,
}

/// The request that the person decides on.
#[derive(Clone, Debug)]
pub struct Question {
    /// The ticket.
    pub id: TicketId,
    /// Proves that this phone scanned it.
    pub confirm_token: Secret,
    /// Seconds until the code expires.
    pub expires_in: u64,
    /// The requesting PC.
    pub requester: Requester,
    /// Whether this phone's address counts as the same network.
    pub is_same_network: bool,
    /// When the code was requested.
    pub requested_at: Timestamp,
    /// The account that would be signed in there.
    pub profile: Profile,
    /// The app that the sign-in is for, if it is for one.
    pub app: Option<AppView>,
    /// The account that the app expects.
    pub login_hint: Option<String>,
    /// The code to compare with the device's.
    pub user_code: Option<UserCode>,
    /// Whether that app expects another account.
    pub expects_another: bool,
    /// The error of an earlier attempt.
    pub error: Option<ErrorCode>,
}

/// Why there is nothing to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This phone approved.
    Approved,
    /// This phone declined.
    Cancelled,
    /// Cancelled on the PC.
    CancelledAtPc,
    /// Too late.
    Expired,
    /// It was redeemed.
    Used,
    /// Another phone scanned it first.
    OtherPhone,
    /// There is no such code.
    Unknown,
}

/// The confirmation page. `here` in the frame is the URL a sign-in returns to.
#[component]
pub fn PhoneConfirmPage(frame: Frame, step: Step, subject: Subject) -> impl IntoView {
    let locale = frame.locale;
    let here = frame.here.clone();
    let providers = frame.providers.clone();
    let scripts = match step {
        Step::Decide(_) => Scripts::Islands,
        Step::Scan { manner: Manner::ByItself, .. } => Scripts::Leaving,
        _ => Scripts::None,
    };
    let may_approve = matches!(step, Step::Decide(_) | Step::End { end: End::Approved, .. });
    let title = match step {
        Step::SignIn { .. } => text!(locale, sign_in.phone_title),
        _ => text!(locale, confirm.title),
    };
    let body = match step {
        Step::SignIn { attempt, kind, scan, from_elsewhere } => view! {
            <h1>
                {match subject {
                    Subject::Pc => text!(locale, sign_in.phone_heading),
                    Subject::Device => text!(locale, device.sign_in_heading),
                }}
            </h1>
            <p class="lead">
                {match subject {
                    Subject::Pc => text!(locale, sign_in.phone_hint),
                    Subject::Device => text!(locale, device.sign_in_hint),
                }}
            </p>
            {from_elsewhere.then(|| view! { <Warning words=text!(locale, sign_in.foreign_hint)/> })}
            <SignInForm locale attempt device_kind=kind page=Some(here.clone()) next=Some(here) scan providers/>
        }
        .into_any(),
        Step::Scan { id, manner, profile, error } => {
            view! { <ScanForm locale subject id manner profile error/> }.into_any()
        }
        Step::Decide(question) => view! { <Decide locale subject question=*question/> }.into_any(),
        Step::End { end, requester } => {
            let about = requester.map(|requester| name_of(locale, subject, &requester));
            view! { <Ending locale subject end about/> }.into_any()
        }
    };
    view! {
        <Shell frame title scripts>
            <section class="card phone">{body}</section>
            {may_approve.then(|| view! { <script type="module" src=format!("{}/approved.js", assets::root())></script> })}
        </Shell>
    }
}

/// Renders a one-sentence warning against phishing.
#[component]
fn Warning(words: Text) -> impl IntoView {
    view! { <p class="warning"><IconImage icon=Icon::Shield/><span>{words}</span></p> }
}

/// Names the computer or the device for people, such as "Chrome · Windows".
fn name_of(locale: Locale, subject: Subject, requester: &Requester) -> Text {
    match (requester.browser.as_str(), requester.os.as_str()) {
        ("", _) if subject == Subject::Device => text!(locale, device.unknown),
        ("", _) => text!(locale, common.unknown_browser),
        (browser, "") => browser.to_owned().into(),
        (browser, os) => format!("{browser} · {os}").into(),
    }
}
