//! The settings of a person's own account: name, picture, password, language, and its deletion. Every part is a plain form.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

pub mod password;
pub mod picture;

use super::error_text;
use crate::app::{Frame, Scripts, Shell};
use crate::components::icon::{Icon, IconImage};
use crate::error::ErrorCode;
use crate::i18n::{LANGUAGES, Locale, Text, dir, tag, text};
use crate::pages::account::StepUpForm;
use crate::routes;
use domain::account::Account;
use leptos::prelude::*;
use password::{DeleteForm, PasswordForm};
use picture::PictureForm;

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The display name.
    Name,
    /// The picture.
    Picture,
    /// The removal of the picture, which has no errors of its own.
    PictureRemoved,
    /// The password.
    Password,
    /// The deletion.
    Delete,
}

impl Part {
    /// Returns the part of that name in the page's address.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "picture" => Self::Picture,
            "picture_removed" => Self::PictureRemoved,
            "password" => Self::Password,
            "delete" => Self::Delete,
            _ => return None,
        })
    }

    /// Returns what to say after a success.
    fn done(self, locale: Locale) -> Option<Text> {
        Some(match self {
            Self::Name => text!(locale, settings.name_done),
            Self::Picture => text!(locale, settings.picture_done),
            Self::PictureRemoved => text!(locale, settings.picture_removed),
            Self::Password => text!(locale, settings.password_done),
            Self::Delete => return None,
        })
    }
}

/// What the person may do here.
#[derive(Clone, Copy, Debug)]
pub struct Rights {
    /// The operator lets people change names and pictures and delete accounts.
    pub self_service: bool,
    /// This session may change them now; otherwise it has to verify the password first.
    pub may_change: bool,
    /// The account has a password.
    pub has_password: bool,
    /// This is a phone, which may delete an account that has no password.
    pub is_phone: bool,
}

/// What the last form led to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// What was done.
    pub done: Option<Part>,
    /// What failed.
    pub error: Option<ErrorCode>,
    /// Where it failed.
    pub at: Option<Part>,
}

impl Outcome {
    /// Returns the message for the error of that part; `None` stands for the page as a whole.
    fn error_at(self, locale: Locale, part: Option<Part>) -> Option<Text> {
        self.error.filter(|_| self.at == part).map(|code| match code {
            ErrorCode::InvalidCredentials => text!(locale, error.wrong_password),
            code => error_text(locale, code),
        })
    }
}

/// The settings page.
#[component]
pub fn SettingsPage(frame: Frame, account: Account, rights: Rights, outcome: Outcome) -> impl IntoView {
    let Rights { self_service, may_change, has_password, .. } = rights;
    let locale = frame.locale;
    let asks_password = self_service && !may_change && has_password;
    let username = account.username.clone();
    let error = outcome.error_at(locale, None).filter(|_| !asks_password);
    let done = outcome.done.filter(|_| outcome.error.is_none()).and_then(|part| part.done(locale));
    view! {
        <Shell frame title=text!(locale, settings.title) scripts=Scripts::None>
            <section class="card account settings">
                <div class="head-line">
                    <h1>{text!(locale, settings.title)}</h1>
                    <a class="quiet" href=routes::ACCOUNT>{text!(locale, settings.back)}</a>
                </div>
                {done
                    .map(|done| view! { <p class="done" role="status"><IconImage icon=Icon::Check/><span>{done}</span></p> })}
                {error.map(|error| view! { <p class="form-error" role="alert">{error}</p> })}
                {asks_password
                    .then(|| {
                        let label = text!(locale, settings.step_up);
                        view! { <StepUpForm locale username label next=Some(routes::SETTINGS.to_owned()) error=outcome.error.filter(|_| outcome.at.is_none())/> }
                    })}
                {(self_service && !may_change && !has_password)
                    .then(|| view! { <p class="none">{text!(locale, settings.on_the_phone)}</p> })}
                {(self_service && may_change)
                    .then(|| {
                        view! {
                            <NameForm locale account=account.clone() outcome/>
                            <PictureForm locale profile=account.profile() outcome/>
                        }
                    })}
                <PasswordForm locale username=account.username.clone() has_password outcome/>
                <LanguageForm locale/>
                {self_service.then(|| view! { <DeleteForm locale username=account.username rights outcome/> })}
            </section>
        </Shell>
    }
}

/// Renders the error of a form, to which its field refers by `id`.
#[component]
fn FormError(id: &'static str, #[prop(optional_no_strip)] error: Option<Text>) -> impl IntoView {
    error.map(|error| view! { <p class="form-error" role="alert" id=id>{error}</p> })
}

#[component]
fn NameForm(locale: Locale, account: Account, outcome: Outcome) -> impl IntoView {
    let error = outcome.error_at(locale, Some(Part::Name));
    let has_error = error.is_some();
    view! {
        <form class="part" method="post" action=routes::SETTINGS_PROFILE>
            <h2><label for="display-name">{text!(locale, settings.name)}</label></h2>
            <p class="hint" id="display-name-hint">
                {text!(locale, settings.name_hint)} " "<bdi>{account.username}</bdi>
            </p>
            <FormError id="display-name-error" error/>
            <div class="line">
                <input
                    id="display-name"
                    name="display_name"
                    autocomplete="nickname"
                    maxlength="64"
                    dir="auto"
                    value=account.display_name
                    autofocus=has_error
                    aria-describedby=if has_error { "display-name-error" } else { "display-name-hint" }
                />
                <button class="button secondary" aria-label=text!(locale, settings.name_save)>{text!(locale, settings.save)}</button>
            </div>
        </form>
    }
}

#[component]
fn LanguageForm(locale: Locale) -> impl IntoView {
    let option = |(other, name)| {
        view! { <option value=tag(other) lang=tag(other) dir=dir(other) selected=other == locale>{name}</option> }
    };
    view! {
        <form class="part" method="post" action=routes::LANGUAGE>
            <h2><label for="language">{text!(locale, common.language)}</label></h2>
            <p class="hint">{text!(locale, settings.language_hint)}</p>
            <input type="hidden" name="next" value=routes::SETTINGS/>
            <div class="line">
                <select id="language" name="language" autocomplete="language">
                    {LANGUAGES.into_iter().map(option).collect_view()}
                </select>
                <button class="button secondary" aria-label=text!(locale, settings.language_save)>{text!(locale, settings.save)}</button>
            </div>
        </form>
    }
}
