//! The page a phone opens by scanning: the requesting PC, a warning and two equal buttons; or why there is nothing to
//! decide.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

mod ending;
pub mod scan;

use super::app_card::{AppLogo, Shares};
use super::sign_in_form::{Attempt, SignInForm};
use super::{ago, error_text};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::components::outcome::Outcome;
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::islands::confirm_form::ConfirmForm;
use crate::routes;
use domain::account::Profile;
use domain::client::Scopes;
use domain::ids::{Secret, TicketId};
use domain::ticket::{AppView, Requester, UserCode};
use domain::time::Timestamp;
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
            <SignInForm locale attempt device_kind=kind page=Some(here.clone()) next=Some(here) scan/>
        }
        .into_any(),
        Step::Scan { id, manner, profile, error } => {
            view! { <ScanForm locale subject id manner profile error/> }.into_any()
        }
        Step::Decide(question) => view! { <Decide locale subject question=*question/> }.into_any(),
        Step::End(end) => {
            let (icon, good, texts) = ending::texts(locale, subject, end);
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

#[component]
fn Decide(locale: Locale, subject: Subject, question: Question) -> impl IntoView {
    let Question { id, confirm_token, expires_in, requester, requested_at, profile, app, error, .. } = question;
    let heading = match &app {
        Some(app) if subject == Subject::Device => text!(locale, device.heading, app = app.name.clone()),
        Some(app) => text!(locale, app.sign_in_to, app = app.name.clone()),
        None => text!(locale, confirm.heading),
    };
    let hint = question.login_hint.filter(|_| question.expects_another);
    let browser = match requester.browser {
        name if name.is_empty() && subject == Subject::Device => text!(locale, device.unknown),
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
                {question.user_code.map(|code| view! { <CompareCode locale code/> })}
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
                <Warning words=match subject {
                    Subject::Pc => text!(locale, confirm.warning),
                    Subject::Device => text!(locale, device.warning),
                }/>
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
            {after(locale, subject, "confirmed", End::Approved)}
            {after(locale, subject, "cancelled", End::Cancelled)}
        </div>
        <ConfirmForm/>
    }
}

/// Renders the code of a device, which people compare with what the device shows: a scanned code could be anybody's
/// (RFC 8628, section 3.3.1).
#[component]
fn CompareCode(locale: Locale, code: UserCode) -> impl IntoView {
    view! {
        <div class="user-code">
            <span>{text!(locale, device.compare)}</span>
            <strong>{code.to_string()}</strong>
        </div>
    }
}

/// Renders an outcome that is shown once its phase is active.
fn after(locale: Locale, subject: Subject, phase: &'static str, end: End) -> impl IntoView {
    let (icon, good, texts) = ending::texts(locale, subject, end);
    view! { <div class="after" data-outcome=phase><Outcome icon good texts/></div> }
}
