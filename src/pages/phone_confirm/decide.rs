//! The question: who asks, as whom, what follows, and two equal buttons.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::ending::Ending;
use super::{End, Question, Subject, Warning, name_of};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::i18n::{Locale, Text, text};
use crate::islands::confirm_form::ConfirmForm;
use crate::pages::app_card::{AppLogo, Shares};
use crate::pages::{ago, error_text};
use crate::routes;
use domain::client::Scopes;
use domain::ticket::{AppView, UserCode};
use leptos::prelude::*;

/// Renders the question and, hidden until one of the buttons was pressed, both outcomes.
#[component]
pub fn Decide(locale: Locale, subject: Subject, question: Question) -> impl IntoView {
    let about = name_of(locale, subject, &question.requester);
    let expires_in = question.expires_in.to_string();
    let after = |phase: &'static str, end: End| {
        let about = Some(about.clone());
        view! { <div class="after" data-outcome=phase><Ending locale subject end about/></div> }
    };
    let (approved, cancelled) = (after("confirmed", End::Approved), after("cancelled", End::Cancelled));
    view! {
        <div class="ask" data-phase="open" data-expires-in=expires_in>
            <form class="question" method="post" action=routes::CONFIRM>
                <Asked locale subject question about/>
                <div class="decide">
                    <p class="form-error not-sent" role="alert">{text!(locale, confirm.offline)}</p>
                    <Choice class="cancel" icon=Icon::Cross words=text!(locale, confirm.cancel) locale action=routes::CANCEL/>
                    <Choice class="confirm" icon=Icon::Check words=text!(locale, confirm.confirm) locale/>
                </div>
            </form>
            {approved}
            {cancelled}
        </div>
        <ConfirmForm/>
    }
}

/// Renders what the person decides on.
#[component]
fn Asked(locale: Locale, subject: Subject, question: Question, about: Text) -> impl IntoView {
    let Question { id, confirm_token, profile, app, error, .. } = question;
    let heading = match &app {
        Some(app) if subject == Subject::Device => text!(locale, device.heading, app = app.name.clone()),
        Some(app) => text!(locale, app.sign_in_to, app = app.name.clone()),
        None => text!(locale, confirm.heading),
    };
    let hint = question.login_hint.filter(|_| question.expects_another);
    let (requester, consequence, warning) = match subject {
        Subject::Pc => {
            (text!(locale, confirm.computer), text!(locale, confirm.consequence), text!(locale, confirm.warning))
        }
        Subject::Device => {
            (text!(locale, confirm.device), text!(locale, confirm.consequence_device), text!(locale, device.warning))
        }
    };
    let network = match question.is_same_network {
        true => view! { {question.requester.ip}" · "<span class="hint">{text!(locale, confirm.same_network)}</span> }
            .into_any(),
        false => question.requester.ip.into_any(),
    };
    view! {
        {error.map(|code| view! { <p class="form-error" role="alert">{error_text(locale, code)}</p> })}
        <Link profile=profile.clone() app=app.clone()/>
        <h1>{heading}</h1>
        {hint.map(|account| view! { <Warning words=text!(locale, app.other_account, account = account)/> })}
        {question.user_code.map(|code| view! { <CompareCode locale code/> })}
        <dl class="facts">
            <div class="requester"><dt>{requester}</dt><dd><bdi>{about}</bdi></dd></div>
            <div><dt>{text!(locale, confirm.from)}</dt><dd>{network}</dd></div>
            <div><dt>{text!(locale, confirm.when)}</dt><dd>{ago(locale, question.requested_at)}</dd></div>
            <div><dt>{text!(locale, confirm.account)}</dt><dd><bdi>{profile.display_name}</bdi></dd></div>
        </dl>
        {app.map(|app| view! { <Shares locale name=app.name scopes=Scopes::parse(&app.scope)/> })}
        <p class="hint">{consequence}</p>
        <Warning words=warning/>
        <input type="hidden" name="id" value=id.to_string()/>
        <input type="hidden" name="confirm_token" value=confirm_token.reveal().to_owned()/>
    }
}

/// Draws who would be connected with what: the person, and the app or the computer. Decorative: the text says it.
#[component]
pub fn Link(profile: domain::account::Profile, #[prop(optional_no_strip)] app: Option<AppView>) -> impl IntoView {
    view! {
        <div class="link" aria-hidden="true">
            <Avatar profile/>
            {match app {
                Some(app) => view! { <AppLogo name=app.name logo_url=app.logo_url/> }.into_any(),
                None => view! { <span class="badge"><IconImage icon=Icon::Computer/></span> }.into_any(),
            }}
        </div>
    }
}

/// Renders a button of the form, and what it shows while the server answers. `action` if it is not the form's own.
#[component]
fn Choice(
    class: &'static str,
    icon: Icon,
    words: Text,
    locale: Locale,
    #[prop(optional)] action: Option<&'static str>,
) -> impl IntoView {
    view! {
        <button class=format!("button {class}") formaction=action>
            <IconImage icon/>
            <span class="idle">{words}</span>
            <span class="busy">{text!(locale, confirm.working)}</span>
        </button>
    }
}

/// Renders the code of a device, which people compare with what the device shows: a scanned code could be anybody's
/// (RFC 8628, section 3.3.1).
#[component]
fn CompareCode(locale: Locale, code: UserCode) -> impl IntoView {
    view! {
        <div class="user-code">
            <span>{text!(locale, device.compare)}</span>
            <strong><bdi>{code.to_string()}</bdi></strong>
        </div>
    }
}
