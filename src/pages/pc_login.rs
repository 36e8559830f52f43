//! The page that a PC opens: the QR code, or the password form.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

pub mod panel;

use super::app_card::AppLogo;
use super::sign_in_form::{Attempt, SignInForm};
use crate::app::{Frame, Scripts, Shell};
use crate::error::ErrorCode;
use crate::i18n::{Locale, text};
use crate::routes;
use domain::ids::TicketId;
use domain::ticket::{RequestingApp, TicketStatus, TicketView};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use panel::CodePanel;

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
    let providers = frame.providers.clone();
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
                    <SignInForm locale attempt device_kind next focus=shown == Way::Password providers/>
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
        <h1>{whole_name(locale, name)}</h1>
    }
}

/// Renders the heading. A short name breaks at no hyphen.
fn whole_name(locale: Locale, name: String) -> AnyView {
    let heading = text!(locale, app.sign_in_to, app = name.clone());
    match heading.split_once(&name) {
        Some((before, after)) if name.contains('-') && name.chars().count() <= 16 => {
            view! { {before.to_owned()}<span class="whole">{name}</span>{after.to_owned()} }.into_any()
        }
        _ => heading.into_any(),
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
