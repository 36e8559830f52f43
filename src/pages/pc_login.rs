//! The page that a PC opens: the QR code, or the password form.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::app_card::AppLogo;
use super::error_text;
use super::sign_in_form::{Attempt, SignInForm};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, text};
use crate::islands::ticket_feed::{Phase, TicketFeed};
use crate::routes;
use domain::account::Profile;
use domain::ids::TicketId;
use domain::ticket::{RequestingApp, TicketStatus, TicketView};
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Number of codes that may expire unused before a page without script stops renewing.
const RENEWALS: u32 = 5;

/// The ways to sign in that the page offers. Side by side where there is room; otherwise `shown` is the one that a narrow
/// window, or a browser without script, shows.
#[derive(Clone, Debug)]
pub struct Ways {
    /// The code; not on a phone, which cannot scan its own screen.
    pub code: Option<Code>,
    /// The previous attempt at the password form.
    pub attempt: Attempt,
    /// The kind of session that the password form begins: `pc` or `phone`.
    pub device_kind: &'static str,
    /// The selected one.
    pub shown: Way,
}

/// One way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The code.
    Code,
    /// The password.
    Password,
}

impl Way {
    /// Returns the value of `data-way`.
    const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Password => "password",
        }
    }
}

/// The data of the QR code view.
#[derive(Clone, Debug)]
pub struct Code {
    /// The ticket that the URL asked to keep.
    pub asked: Option<TicketId>,
    /// The ticket, or why the server issued none.
    pub ticket: Result<TicketView, ErrorCode>,
    /// The QR code as SVG.
    pub svg: String,
    /// How often a page without script has renewed its code.
    pub renewals: u32,
    /// The error that led to this page.
    pub error: Option<ErrorCode>,
}

/// The sign-in page. `app` is the app that the person wants to sign in to.
#[component]
pub fn PcLoginPage(
    frame: Frame,
    ways: Ways,
    #[prop(optional_no_strip)] next: Option<String>,
    #[prop(optional_no_strip)] app: Option<RequestingApp>,
) -> impl IntoView {
    let locale = frame.locale;
    let Ways { code, attempt, device_kind, shown } = ways;
    let scripts = if code.is_some() { Scripts::Islands } else { Scripts::None };
    // A page that reloads itself would lose what is typed.
    let refresh = code.as_ref().filter(|_| shown == Way::Code).and_then(|code| code.refresh(next.as_deref()));
    let class = if code.is_some() { "card login" } else { "card login solo" };
    let site = frame.site.name.to_string();
    let stage = code.map(|code| view! { <CodePanel locale code next=next.clone()/> });
    view! {
        <Shell frame title=text!(locale, pc.title) scripts refresh>
            <OneWayWithoutScript/>
            <section class=class data-way=shown.name()>
                <div class="head">
                    <Purpose locale app site/>
                    <Tabs locale shown next=next.clone()/>
                </div>
                {stage}
                <div class="with-password">
                    <h2>{text!(locale, pc.password_heading)}</h2>
                    <SignInForm locale attempt device_kind next focus=shown == Way::Password/>
                </div>
                <details class="what">
                    <summary>{text!(locale, pc.what)}</summary>
                    <p>{text!(locale, pc.what_answer)}</p>
                </details>
            </section>
        </Shell>
    }
}

/// Says what the sign-in is for: an app, or this site.
#[component]
fn Purpose(locale: Locale, app: Option<RequestingApp>, site: String) -> impl IntoView {
    let logo = app.as_ref().map(|app| view! { <AppLogo name=app.name.clone() logo_url=app.logo_url.clone()/> });
    let name = app.map_or(site, |app| app.name);
    view! {
        {logo}
        <h1>{text!(locale, app.sign_in_to, app = name)}</h1>
    }
}

/// Renders the links between the ways, for windows that have room for one.
#[component]
fn Tabs(locale: Locale, shown: Way, next: Option<String>) -> impl IntoView {
    let tab = |way: Way, words| {
        let address = address(&[("tab", Some(way.name())), ("next", next.as_deref())]);
        view! { <a href=address aria-current=(way == shown).then_some("page")>{words}</a> }
    };
    view! {
        <nav class="tabs" aria-label=text!(locale, pc.ways)>
            {tab(Way::Code, text!(locale, pc.tab_qr))}
            {tab(Way::Password, text!(locale, pc.tab_password))}
        </nav>
    }
}

/// Without script the page with the code reloads every few seconds, so the form is on a page of its own.
#[component]
fn OneWayWithoutScript() -> impl IntoView {
    let nonce = use_nonce();
    let rules = ".login .tabs{display:flex}[data-way=code] .with-password,[data-way=password] .stage{display:none}";
    view! { <noscript><style nonce=nonce inner_html=rules></style></noscript> }
}

/// Renders the panel in all its states; the style sheet shows the one that `data-phase` names.
#[component]
fn CodePanel(locale: Locale, code: Code, next: Option<String>) -> impl IntoView {
    let Code { ticket, svg, error, .. } = code;
    let phase = ticket.as_ref().map_or_else(|error| Phase::without_ticket(*error), Phase::of).name();
    let ticket = ticket.ok();
    let without_script = ticket.as_ref().map(|ticket| without_script(locale, ticket, next.as_deref()));
    let fields = redeem(ticket.as_ref().map(|ticket| ticket.id), next.as_deref());
    let renew = address(&[("next", next.as_deref())]);
    let here = renew.clone();
    let next = next.unwrap_or_else(|| routes::ACCOUNT.to_owned());
    let seconds = ticket.as_ref().map_or(1, |ticket| ticket.expires_in.max(1));
    let profile = ticket.as_ref().and_then(|ticket| ticket.account.clone());
    let stop = text!(locale, common.full_stop);
    let json = ticket.as_ref().and_then(|ticket| serde_json::to_string(ticket).ok()).unwrap_or_default();
    view! {
        <div class="stage">
            <h2>{text!(locale, pc.heading)}</h2>
            {error.map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
            <div class="panel" data-phase=phase data-ticket=json data-here=here data-next=next data-stop=stop>
                <div class="tile">
                    <div class="code" role="img" aria-label=text!(locale, pc.code_label) inner_html=svg></div>
                    <TimeLeft seconds/>
                    <Notes locale profile renew redeem=fields/>
                    <button
                        type="button"
                        class="enlarge"
                        hidden=true
                        aria-pressed="false"
                        aria-label=text!(locale, pc.enlarge)
                    ></button>
                </div>
                <p class="unseen" role="status"></p>
                <ol class="steps">
                    <li>{text!(locale, pc.step_open)}</li>
                    <li>{text!(locale, pc.step_scan)}</li>
                    <li>{text!(locale, pc.step_confirm)}</li>
                </ol>
                <noscript>{without_script}</noscript>
            </div>
            <TicketFeed/>
        </div>
    }
}

/// Renders a thin line around the tile that shrinks until the code expires. The browser animates it without script.
#[component]
fn TimeLeft(seconds: u64) -> impl IntoView {
    view! {
        <svg class="time-left" viewBox="0 0 336 336" aria-hidden="true">
            <rect x="2" y="2" width="332" height="332" rx="26" pathLength="100">
                <animate
                    attributeName="stroke-dashoffset"
                    from="0"
                    to="100"
                    dur=format!("{seconds}s")
                    fill="freeze"
                ></animate>
            </rect>
        </svg>
    }
}

/// Renders the overlay of each state. Its links and `redeem`, a form's hidden fields, also work without script.
#[component]
fn Notes(locale: Locale, profile: Option<Profile>, renew: String, redeem: AnyView) -> impl IntoView {
    let profile = profile.unwrap_or(Profile { display_name: String::new(), avatar_url: None });
    let name = profile.display_name.clone();
    let (abandon, not_me) = (renew.clone(), renew.clone());
    let new_code = || {
        let renew = renew.clone();
        view! { <a class="button" href=renew data-command="renew">{text!(locale, feed.new_code)}</a> }.into_any()
    };
    let note = |phase: Phase, icon, heading, hint, action: Option<AnyView>| {
        view! {
            <div class="note" data-note=phase.name()>
                <span class="badge" class:good=phase == Phase::Confirmed><IconImage icon/></span>
                <strong>{heading}</strong>
                <span class="hint">{hint}</span>
                {action}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="over">
            <p class="unseen" data-note="waiting">{text!(locale, feed.waiting)}</p>
            <p class="unseen" data-note="renewed">{text!(locale, feed.renewed)}</p>
            <div class="note" data-note="scanned">
                <Avatar profile=profile.clone()/>
                <strong class="name">{name.clone()}</strong>
                <span class="hint">{text!(locale, feed.scanned)}</span>
                <a class="quiet" href=abandon data-command="abandon">{text!(locale, feed.not_you)}</a>
            </div>
            <div class="note" data-note="asking">
                <Avatar profile/>
                <strong class="name">{name}</strong>
                <span class="hint">{text!(locale, feed.asking)}</span>
                <form class="choices" method="post" action=routes::REDEEM>
                    {redeem}
                    <button class="button" data-command="agree">{text!(locale, feed.agree)}</button>
                    <a class="button" href=not_me data-command="renew">{text!(locale, feed.not_me)}</a>
                </form>
            </div>
            {note(Phase::Confirmed, Icon::Check, text!(locale, feed.confirmed), "".into(), None)}
            {note(
                Phase::Cancelled,
                Icon::Cross,
                text!(locale, feed.cancelled),
                text!(locale, feed.cancelled_hint),
                Some(new_code()),
            )}
            {note(
                Phase::Resting,
                Icon::Clock,
                text!(locale, feed.resting),
                text!(locale, feed.resting_hint),
                Some(new_code()),
            )}
            {note(
                Phase::Offline,
                Icon::Offline,
                text!(locale, feed.offline),
                text!(locale, feed.offline_hint),
                None,
            )}
            {note(Phase::Busy, Icon::Clock, text!(locale, feed.busy), text!(locale, feed.busy_hint), None)}
        </div>
    }
}

/// Without script the last step needs a button, because a GET must not change state.
fn without_script(locale: Locale, ticket: &TicketView, next: Option<&str>) -> AnyView {
    match ticket.status {
        // The overlay has this button already, beside the one for "someone else".
        TicketStatus::Confirmed if ticket.confirm_person => ().into_any(),
        TicketStatus::Confirmed => view! {
            <form method="post" action=routes::REDEEM>
                {redeem(Some(ticket.id), next)}
                <button class="button">{text!(locale, pc.proceed)}</button>
            </form>
        }
        .into_any(),
        TicketStatus::Pending | TicketStatus::Scanned => {
            view! { <p class="hint">{text!(locale, pc.refresh_hint)}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// Renders the hidden fields of a form that redeems the ticket.
fn redeem(ticket: Option<TicketId>, next: Option<&str>) -> AnyView {
    view! {
        {ticket.map(|id| view! { <input type="hidden" name="id" value=id.to_string()/> })}
        {next.map(|next| view! { <input type="hidden" name="next" value=next.to_owned()/> })}
    }
    .into_any()
}

impl Code {
    /// Returns the URL that a page without script refreshes to: the same ticket, or a new one after its expiry or a
    /// refusal, but only [`RENEWALS`] times.
    fn refresh(&self, next: Option<&str>) -> Option<String> {
        let (kept, is_over) = match &self.ticket {
            Ok(TicketView { status: TicketStatus::Pending | TicketStatus::Scanned, id, .. }) => {
                (Some(id.to_string()), false)
            }
            Ok(TicketView { status: TicketStatus::Expired, .. }) if self.renewals < RENEWALS => (None, true),
            Ok(_) => return None,
            Err(_) => (self.asked.map(|id| id.to_string()), false),
        };
        let renewals = self.renewals + u32::from(is_over);
        let renewals = (renewals > 0).then(|| renewals.to_string());
        Some(address(&[("ticket", kept.as_deref()), ("renewals", renewals.as_deref()), ("next", next)]))
    }
}

/// Builds this page's URL with those query parameters that have a value.
pub fn address(query: &[(&str, Option<&str>)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.iter().filter_map(|(name, value)| Some((name, (*value)?))));
    match text.finish() {
        text if text.is_empty() => routes::PC_LOGIN.to_owned(),
        text => format!("{}?{text}", routes::PC_LOGIN),
    }
}
