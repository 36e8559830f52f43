//! Every component in every state on one page, for those who design. Debug builds alone have it.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::app_card::{AppLogo, Shares};
use super::pc_login::Code;
use super::pc_login::panel::CodePanel;
use super::phone_confirm::decide::Link;
use super::phone_confirm::ending::Ending;
use super::phone_confirm::{End, Subject};
use super::sign_in_form::{Attempt, SignInForm};
use super::sure::{Sure, SureButton};
use crate::app::{Frame, Scripts, Shell};
use crate::components::avatar::Avatar;
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{Locale, Text, text};
use crate::routes;
use crate::server::user_agent::InApp;
use domain::account::Profile;
use domain::client::Scopes;
use domain::ids::TicketId;
use domain::ticket::{TicketStatus, TicketView};
use leptos::prelude::*;

/// The page. `svg` is the picture of a code.
#[component]
pub fn GalleryPage(frame: Frame, svg: String) -> impl IntoView {
    let locale = frame.locale;
    view! {
        <Shell frame title=Text::from("Gallery") scripts=Scripts::None>
            <div class="gallery">
                <Codes locale svg/>
                <Endings locale/>
                <Parts locale/>
                <section class="card"><SignInForm locale attempt=Attempt::default() device_kind="phone" focus=false/></section>
                <section class="card">
                    <SignInForm
                        locale
                        attempt=Attempt {
                            username: "ada".to_owned(),
                            error: Some(ErrorCode::InvalidCredentials),
                            in_app: Some(InApp::WeChat),
                        }
                        device_kind="phone"
                        focus=false
                    />
                </section>
            </div>
        </Shell>
    }
}

fn person(name: &str) -> Profile {
    Profile { display_name: name.to_owned(), avatar_url: None }
}

/// Renders the code in each phase.
#[component]
fn Codes(locale: Locale, svg: String) -> impl IntoView {
    let view = |status, account: Option<Profile>, confirm_person| {
        let id = "00000000-0000-4000-8000-000000000000".parse::<TicketId>().map_err(|_| ErrorCode::InvalidId)?;
        Ok(TicketView { id, status, expires_in: 60, account, confirm_person })
    };
    let long = "Adélaïde-Philippine de Saint-Exupéry-Montmorency";
    let tickets = [
        view(TicketStatus::Pending, None, false),
        view(TicketStatus::Scanned, Some(person("Ada")), false),
        view(TicketStatus::Scanned, Some(person(long)), false),
        view(TicketStatus::Confirmed, Some(person("王小明")), true),
        view(TicketStatus::Confirmed, Some(person("Ada")), false),
        view(TicketStatus::Cancelled, None, false),
        view(TicketStatus::Expired, None, false),
        Err(ErrorCode::Unavailable),
        Err(ErrorCode::RateLimited),
    ];
    tickets
        .into_iter()
        .map(|ticket| {
            let code = Code { asked: None, ticket, svg: svg.clone(), renewals: 0, error: None };
            view! { <section class="card login solo"><CodePanel locale code next=None/></section> }
        })
        .collect_view()
}

/// Renders how a request can end on the phone.
#[component]
fn Endings(locale: Locale) -> impl IntoView {
    let about = |end| matches!(end, End::Approved | End::Cancelled).then(|| Text::from("Firefox · Windows"));
    [End::Approved, End::Cancelled, End::CancelledAtPc, End::Expired, End::Used, End::OtherPhone, End::Unknown]
        .map(|end| {
            view! {
                <section class="card phone"><Ending locale subject=Subject::Pc end about=about(end)/></section>
            }
        })
        .collect_view()
}

/// Renders the small components.
#[component]
fn Parts(locale: Locale) -> impl IntoView {
    let icons = [
        Icon::Check,
        Icon::Cross,
        Icon::Clock,
        Icon::Computer,
        Icon::Phone,
        Icon::Shield,
        Icon::Offline,
        Icon::Eye,
        Icon::Share,
        Icon::Globe,
    ];
    let sure = Sure {
        id: "gallery".to_owned(),
        class: "button danger",
        words: text!(locale, account.revoke_others),
        yes: Some(text!(locale, account.revoke)),
        label: None,
        question: text!(locale, account.revoke_others_sure),
        consequence: text!(locale, account.revoke_others_text),
        action: routes::REVOKE_OTHERS,
        field: None,
    };
    view! {
        <section class="card narrow">
            <Link profile=person("Ada")/>
            <div class="ways-out">
                <a class="button" href="#">{text!(locale, confirm.confirm)}</a>
                <a class="button secondary" href="#">{text!(locale, confirm.cancel)}</a>
                <a class="quiet" href="#">{text!(locale, account.revoke)}</a>
                <SureButton locale sure/>
            </div>
            <p class="person">
                {["Ada", "Ben", "王", "Émile", "Ольга", "ليلى"].map(|name| view! { <Avatar profile=person(name)/> }).collect_view()}
            </p>
            <p class="person">
                <span class="badge"><IconImage icon=Icon::Clock/></span>
                <span class="badge good"><IconImage icon=Icon::Check/></span>
                <AppLogo name="Wiki".to_owned() logo_url=None/>
                <span class="tag">{text!(locale, account.current)}</span>
            </p>
            <p class="person">{icons.map(|icon| view! { <IconImage icon/> }).collect_view()}</p>
            <Shares locale name="Wiki".to_owned() scopes=Scopes::parse("openid profile email groups offline_access")/>
            <p class="form-error">{text!(locale, error.invalid_credentials)}</p>
        </section>
    }
}
