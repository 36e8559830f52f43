//! The form for a person's picture, with a button that removes it. `public/picture.js` lets the
//! person choose the part that is shown; without it the middle is.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use super::{FormError, Outcome, Part};
use crate::components::avatar::Avatar;
use crate::i18n::{Locale, text};
use crate::routes;
use crate::server::assets;
use domain::account::Profile;
use leptos::prelude::*;

/// Renders the form.
#[component]
pub fn PictureForm(locale: Locale, profile: Profile, outcome: Outcome) -> impl IntoView {
    let error = outcome.error_at(locale, Some(Part::Picture));
    let has_error = error.is_some();
    let has_picture = profile.avatar_url.is_some();
    view! {
        <form
            class="part picture-form"
            method="post"
            action=routes::SETTINGS_PICTURE
            enctype="multipart/form-data"
            data-too-large=text!(locale, error.picture_too_large)
        >
            <h2><label for="picture">{text!(locale, settings.picture)}</label></h2>
            <p class="hint" id="picture-hint">
                {text!(locale, settings.picture_hint)}
                <noscript>" "{text!(locale, settings.picture_middle)}</noscript>
            </p>
            <FormError id="picture-error" error/>
            <div class="shown">
                <Avatar profile/>
                <input
                    id="picture"
                    name="picture"
                    type="file"
                    accept="image/png,image/jpeg,image/webp"
                    required=true
                    autofocus=has_error
                    aria-describedby=if has_error { "picture-error" } else { "picture-hint" }
                />
            </div>
            <input type="hidden" name="x"/>
            <input type="hidden" name="y"/>
            <input type="hidden" name="size"/>
            <div class="cropper" hidden=true>
                <canvas
                    class="crop"
                    width="512"
                    height="512"
                    tabindex="0"
                    role="application"
                    aria-label=text!(locale, settings.picture_crop)
                    aria-describedby="crop-hint"
                ></canvas>
                <div class="beside">
                    <canvas class="round" width="192" height="192" role="img" aria-label=text!(locale, settings.picture_preview)></canvas>
                    <span class="hint" aria-hidden="true">{text!(locale, settings.picture_preview)}</span>
                </div>
                <label class="zoom">
                    <span>{text!(locale, settings.picture_zoom)}</span>
                    <input type="range" min="1" max="5" step="0.01" value="1"/>
                </label>
                <p class="hint" id="crop-hint">{text!(locale, settings.picture_crop_hint)}</p>
            </div>
            <div class="ways-out">
                <button class="button secondary">{text!(locale, settings.picture_save)}</button>
                {has_picture
                    .then(|| {
                        view! {
                            <button
                                class="quiet"
                                formaction=routes::SETTINGS_PICTURE_REMOVE
                                formenctype="application/x-www-form-urlencoded"
                                formnovalidate=true
                            >
                                {text!(locale, settings.picture_remove)}
                            </button>
                        }
                    })}
            </div>
            <script type="module" src=format!("{}/picture.js", assets::root())></script>
        </form>
    }
}
