//! The page a phone opens by scanning: the requesting PC, a warning and two equal buttons; or why there is nothing to
//! decide.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::app_card::{AppLogo, Shares};
use super::sign_in_form::{Attempt, SignInForm};
use super::{ago, error_text};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::components::outcome::{Outcome, OutcomeTexts};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::islands::confirm_form::ConfirmForm;
use crate::routes;
use crate::server::http::form::ELSEWHERE;
use domain::account::Profile;
use domain::client::Scopes;
use domain::ids::{Secret, TicketId};
use domain::ticket::{Requester, RequestingApp};
use domain::time::Timestamp;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// What the phone has to do, or why there is nothing to do.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sign this phone in first.
    SignIn {
        /// The previous attempt.
        attempt: Attempt,
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
    End(End),
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
    /// When the code was requested.
    pub requested_at: Timestamp,
    /// The account that would be signed in there.
    pub profile: Profile,
    /// The app that the sign-in is for, if it is for one.
    pub app: Option<RequestingApp>,
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
pub fn PhoneConfirmPage(frame: Frame, step: Step) -> impl IntoView {
    let locale = frame.locale;
    let here = frame.here.clone();
    let scripts = match step {
        Step::Decide(_) => Scripts::Islands,
        Step::Scan { manner: Manner::ByItself, .. } => Scripts::Leaving,
        _ => Scripts::None,
    };
    let title = match step {
        Step::SignIn { .. } => text!(locale, sign_in.phone_title),
        _ => text!(locale, confirm.title),
    };
    let body = match step {
        Step::SignIn { attempt, scan, from_elsewhere } => view! {
            <h1>{text!(locale, sign_in.phone_heading)}</h1>
            <p class="lead">{text!(locale, sign_in.phone_hint)}</p>
            {from_elsewhere.then(|| view! { <Warning words=text!(locale, sign_in.foreign_hint)/> })}
            <SignInForm locale attempt device_kind="phone" page=Some(here.clone()) next=Some(here) scan/>
        }
        .into_any(),
        Step::Scan { id, manner, profile, error } => view! { <ScanForm locale id manner profile error/> }.into_any(),
        Step::Decide(question) => view! { <Decide locale question=*question/> }.into_any(),
        Step::End(end) => {
            let (icon, good, texts) = ending(locale, end);
            view! { <Outcome icon good texts/> }.into_any()
        }
    };
    view! {
        <Shell frame title scripts>
            <section class="card phone">{body}</section>
        </Shell>
    }
}

/// Renders a one-sentence warning against phishing.
#[component]
fn Warning(words: Text) -> impl IntoView {
    view! { <p class="warning"><IconImage icon=Icon::Shield/><span>{words}</span></p> }
}

/// Renders one button. After a sign-in on this page, one line of script submits the form immediately.
#[component]
fn ScanForm(locale: Locale, id: TicketId, manner: Manner, profile: Profile, error: Option<ErrorCode>) -> impl IntoView {
    let nonce = use_nonce();
    let (heading, hint) = match manner {
        Manner::ByItself => (text!(locale, confirm.scan_heading), text!(locale, confirm.scan_hint)),
        Manner::ByTap => (text!(locale, confirm.scan_tap_heading), text!(locale, confirm.scan_tap_hint)),
        Manner::WithWarning => (text!(locale, confirm.scan_foreign_heading), text!(locale, confirm.scan_tap_hint)),
    };
    let is_foreign = manner == Manner::WithWarning;
    view! {
        <form class="scan" method="post" action=routes::SCAN id="scan">
            <span class="badge"><IconImage icon=Icon::Computer/></span>
            <h1>{heading}</h1>
            {match error {
                Some(code) => view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> }.into_any(),
                None => view! { <p class="lead">{hint}</p> }.into_any(),
            }}
            <p class="person"><Avatar profile=profile.clone()/><span>{profile.display_name}</span></p>
            {is_foreign.then(|| view! { <Warning words=text!(locale, confirm.scan_foreign_hint)/> })}
            {is_foreign.then(|| view! { <input type="hidden" name="from" value=ELSEWHERE/> })}
            <input type="hidden" name="id" value=id.to_string()/>
            <button class="button">{text!(locale, confirm.scan_continue)}</button>
        </form>
        {(manner == Manner::ByItself)
            .then(|| {
                view! { <script nonce=nonce inner_html="document.getElementById('scan').submit()"></script> }
            })}
    }
}

#[component]
fn Decide(locale: Locale, question: Question) -> impl IntoView {
    let Question { id, confirm_token, expires_in, requester, requested_at, profile, app, expects_another, error } =
        question;
    let heading = match &app {
        Some(app) => text!(locale, app.sign_in_to, app = app.name.clone()),
        None => text!(locale, confirm.heading),
    };
    let hint = app.as_ref().and_then(|app| app.login_hint.clone()).filter(|_| expects_another);
    let browser = match requester.browser {
        name if name.is_empty() => text!(locale, common.unknown_browser),
        name => name.into(),
    };
    view! {
        <div class="ask" data-phase="open" data-expires-in=expires_in.to_string()>
            <form class="question" method="post" action=routes::CONFIRM>
                {error.map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
                {app
                    .as_ref()
                    .map(|app| view! { <AppLogo name=app.name.clone() logo_url=app.logo_url.clone()/> })}
                <h1>{heading}</h1>
                {hint.map(|account| view! { <Warning words=text!(locale, app.other_account, account = account)/> })}
                <div class="requester">
                    <span class="badge"><IconImage icon=Icon::Computer/></span>
                    <div>
                        <strong>{browser}</strong>
                        <span class="hint">{requester.os}</span>
                    </div>
                </div>
                <dl class="facts">
                    <div><dt>{text!(locale, confirm.from)}</dt><dd>{requester.ip}</dd></div>
                    <div><dt>{text!(locale, confirm.when)}</dt><dd>{ago(locale, requested_at)}</dd></div>
                    <div>
                        <dt>{text!(locale, confirm.account)}</dt>
                        <dd class="person"><Avatar profile=profile.clone()/><span>{profile.display_name}</span></dd>
                    </div>
                </dl>
                {app.map(|app| view! { <Shares locale name=app.name scopes=Scopes::parse(&app.scope)/> })}
                <Warning words=text!(locale, confirm.warning)/>
                <p class="form-error not-sent" role="alert">{text!(locale, confirm.offline)}</p>
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="confirm_token" value=confirm_token.reveal().to_owned()/>
                <div class="decide">
                    <button class="button cancel" formaction=routes::CANCEL>
                        <span class="idle">{text!(locale, confirm.cancel)}</span>
                        <span class="busy">{text!(locale, confirm.working)}</span>
                    </button>
                    <button class="button confirm">
                        <span class="idle">{text!(locale, confirm.confirm)}</span>
                        <span class="busy">{text!(locale, confirm.working)}</span>
                    </button>
                </div>
            </form>
            {after(locale, "confirmed", End::Approved)}
            {after(locale, "cancelled", End::Cancelled)}
        </div>
        <ConfirmForm/>
    }
}

/// Renders an outcome that is shown once its phase is active.
fn after(locale: Locale, phase: &'static str, end: End) -> impl IntoView {
    let (icon, good, texts) = ending(locale, end);
    view! { <div class="after" data-outcome=phase><Outcome icon good texts/></div> }
}

fn ending(locale: Locale, end: End) -> (Icon, bool, OutcomeTexts) {
    let (icon, heading, text) = match end {
        End::Approved => (Icon::Check, text!(locale, outcome.approved), text!(locale, outcome.approved_text)),
        End::Cancelled => (Icon::Cross, text!(locale, outcome.cancelled), text!(locale, outcome.cancelled_text)),
        End::CancelledAtPc => {
            (Icon::Cross, text!(locale, outcome.cancelled_pc), text!(locale, outcome.cancelled_pc_text))
        }
        End::Expired => (Icon::Clock, text!(locale, outcome.expired), text!(locale, outcome.expired_text)),
        End::Used => (Icon::Check, text!(locale, outcome.used), text!(locale, outcome.used_text)),
        End::OtherPhone => (Icon::Phone, text!(locale, outcome.other_phone), text!(locale, outcome.other_phone_text)),
        End::Unknown => (Icon::Cross, text!(locale, outcome.unknown), text!(locale, outcome.unknown_text)),
    };
    let link = (end == End::Approved).then(|| (routes::ACCOUNT.to_owned(), text!(locale, outcome.approved_not_you)));
    (icon, end == End::Approved, OutcomeTexts { heading, text, link })
}
