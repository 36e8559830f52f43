//! The frame around every page: document head, site name and language switch.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

pub mod accent;

use crate::components::icon::{Icon, IconImage};
use crate::html::escape;
use crate::i18n::{LANGUAGES, Locale, Text, dir, name, tag, text};
use crate::routes;
use crate::server::assets;
use leptos::hydration::{AutoReload, HydrationScripts};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::Arc;

/// The owner's settings of the branding.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// The site's name.
    pub name: String,
    /// The URL of its logo.
    pub logo_url: Option<String>,
    /// The URL of its logo on a dark page, if that is another one.
    pub logo_dark_url: Option<String>,
    /// The URL of an image behind the sign-in page, without characters that end a CSS string.
    pub background_url: Option<String>,
    /// Its colour.
    pub accent: Option<accent::Color>,
}

/// The branding, as the pages use it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub name: Arc<str>,
    logo_url: Option<Arc<str>>,
    logo_dark_url: Option<Arc<str>>,
    /// Its colours in both themes, and its background.
    css: Arc<str>,
    options: LeptosOptions,
}

impl From<Brand> for Site {
    fn from(brand: Brand) -> Self {
        let background = brand.background_url.map(|url| background_css(&url));
        Self {
            name: brand.name.into(),
            logo_url: brand.logo_url.map(Into::into),
            logo_dark_url: brand.logo_dark_url.map(Into::into),
            css: [accent::css(brand.accent), background.unwrap_or_default()].concat().into(),
            options: LeptosOptions::builder().output_name("qr-login").build(),
        }
    }
}

impl Site {
    /// Returns the CSS of its colours.
    pub fn css(&self) -> &str {
        &self.css
    }

    /// Returns the URLs of its logo, and of that on a dark page if it is another one.
    pub fn logos(&self) -> (Option<&str>, Option<&str>) {
        (self.logo_url.as_deref(), self.logo_dark_url.as_deref())
    }
}

/// Shows an image behind the sign-in page, and a surface behind what stands on it.
fn background_css(url: &str) -> String {
    format!(
        "body:has(.login){{background:var(--page) url(\"{url}\") center/cover fixed}}\
         body:has(.login) :is(.brand,.language){{padding-inline:14px;border-radius:99px;background:var(--surface)}}"
    )
}

/// The request data that every page needs.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The site.
    pub site: Site,
    /// The language.
    pub locale: Locale,
    /// Path and query of this page, used to return to it in another language.
    pub here: String,
    /// The other providers that people sign in by: id and name.
    pub providers: Vec<(String, String)>,
}

/// Which scripts a page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// The script that hydrates its islands.
    Islands,
    /// The same, once the page has been painted, because its islands change nothing that is seen.
    IslandsLater,
    /// None.
    None,
    /// The script of the scanner and its style sheet. Nothing is painted before it has run, because it rearranges the page.
    Scanner,
    /// One inline line that navigates away while the page is still loading.
    Leaving,
}

/// Inserts what the template has, 300 ms after the page has loaded, when it has been painted as well. Marks a page that a
/// form is leaving from the start, because people may be faster than the islands.
const LATER: &str = "addEventListener('submit',()=>document.documentElement.dataset.leaving='');\
                     addEventListener('load',()=>setTimeout(()=>document.head.append(document.getElementById('later').content),300))";

/// Renders the document around a page. `refresh` is the URL a browser without script is redirected to after three
/// seconds.
#[component]
pub fn Shell(
    frame: Frame,
    title: Text,
    scripts: Scripts,
    #[prop(optional_no_strip)] refresh: Option<String>,
    children: Children,
) -> impl IntoView {
    let Frame { site, locale, here, .. } = frame;
    let root = assets::root();
    let nonce = use_nonce();
    let refresh = refresh.map(|url| {
        view! { <noscript><meta http-equiv="refresh" content=format!("3;url={url}")/></noscript> }
    });
    // The card is centred, so half a page, once painted, would move when the other half arrives; hence this blocks
    // rendering. Not on a page that navigates away while loading, because its other half may never arrive.
    let whole = (scripts != Scripts::Leaving).then(|| view! { <link rel="expect" href="#foot" blocking="render"/> });
    let hydration = || view! { <HydrationScripts options=site.options.clone() islands=true root=root.to_owned()/> };
    let islands = (scripts == Scripts::Islands).then(hydration);
    let later = (scripts == Scripts::IslandsLater).then(|| {
        view! {
            <template id="later">{hydration()}</template>
            <script nonce=use_nonce() inner_html=LATER></script>
        }
    });
    let scanner = (scripts == Scripts::Scanner).then(|| {
        let files = format!("{root}/{}", assets::SCANNER);
        view! {
            <link rel="stylesheet" href=format!("{files}page.css")/>
            <script type="module" src=format!("{files}page.js") blocking="render"></script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang=tag(locale) dir=dir(locale)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                // Not a child, because debug builds add a comment after each child, and a title cannot contain
                // comments.
                <title inner_html=escape(&format!("{title} · {}", site.name))></title>
                <meta name="description" content=format!("{title} · {}", site.name)/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f4f5f7"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#111317"/>
                // The header says no-referrer, which would also hide the origin of this page's own forms from us.
                <meta name="referrer" content="same-origin"/>
                <meta name="robots" content="noindex"/>
                <link rel="stylesheet" href=format!("{root}/pkg/qr-login.css")/>
                <style nonce=nonce inner_html=site.css.to_string()></style>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-192.png"/>
                // With cookies, because one of them has the language.
                <link rel="manifest" href=routes::MANIFEST crossorigin="use-credentials"/>
                {whole}
                {refresh}
                <AutoReload options=site.options.clone()/>
                {islands}
                {later}
                {scanner}
            </head>
            <body>
                <a class="skip" href="#main">{text!(locale, common.skip)}</a>
                <header class="site">
                    <a class="brand" href=routes::PC_LOGIN>
                        <Logo site=site.clone()/>
                        <span dir="auto">{site.name.to_string()}</span>
                    </a>
                </header>
                <main id="main">{children()}</main>
                <footer id="foot" class="site"><LanguageSwitch locale here/></footer>
            </body>
        </html>
    }
}

/// Renders the site's logo, in a dark variant on a dark page. Decorative: the name is beside it.
#[component]
fn Logo(site: Site) -> impl IntoView {
    site.logo_url.map(|url| {
        let dark = site.logo_dark_url.map(|url| {
            view! { <source srcset=url.to_string() media="(prefers-color-scheme: dark)"/> }
        });
        view! { <picture>{dark}<img src=url.to_string() alt="" height="32"/></picture> }
    })
}

/// Renders the current language, and in its menu the others, each by its own name. Choosing one changes state, so it is a
/// form.
#[component]
fn LanguageSwitch(locale: Locale, here: String) -> impl IntoView {
    let others = LANGUAGES.into_iter().filter(move |(other, _)| *other != locale);
    view! {
        <details class="language">
            <summary class="quiet">
                <IconImage icon=Icon::Globe/>
                <span class="unseen">{text!(locale, common.language)}</span>
                {name(locale)}
            </summary>
            <form method="post" action=routes::LANGUAGE>
                <input type="hidden" name="next" value=here/>
                {others
                    .map(|(other, name)| {
                        view! {
                            <button class="quiet" name="language" value=tag(other) lang=tag(other) dir=dir(other)>{name}</button>
                        }
                    })
                    .collect_view()}
            </form>
        </details>
    }
}
