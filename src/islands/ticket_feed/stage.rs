//! What the user sees: one of the states that the server rendered, filled in with what only the browser knows.

use super::Phase;
use crate::components::avatar::monogram;
use crate::islands::page::{attribute, find, text_of, transition};
use domain::account::Profile;
use domain::ticket::Issued;
use std::cell::Cell;
use web_sys::Element;

/// The panel with the code.
pub(super) struct Stage {
    root: Element,
    /// The phase that is shown, or is about to be: a transition changes the page a frame later.
    phase: Cell<Option<Phase>>,
}

impl Stage {
    /// Takes over the panel that the server rendered, and marks it as hydrated.
    pub(super) fn new(root: Element) -> Self {
        let stage = Self { root, phase: Cell::new(None) };
        stage.set(&stage.root, "data-awake", "");
        stage
    }

    /// Shows a phase and announces it to screen readers.
    pub(super) fn show(&self, phase: Phase) {
        let is_shown = match self.phase.get() {
            Some(shown) => shown == phase,
            None => attribute(&self.root, "data-phase") == phase.name(),
        };
        if is_shown {
            return;
        }
        self.phase.set(Some(phase));
        let root = self.root.clone();
        transition(move || {
            // Fails only for an invalid attribute name.
            let _ = root.set_attribute("data-phase", phase.name());
        });
        self.say(phase.name());
    }

    /// Shows the profile of the person who scanned.
    pub(super) fn show_person(&self, profile: &Profile) {
        for note in [Phase::Scanned, Phase::Asking] {
            let Some(note) = self.note(note.name()) else { continue };
            if let Some(name) = find(&note, ".name") {
                name.set_text_content(Some(&profile.display_name));
            }
            if let Some(avatar) = find(&note, ".monogram") {
                let (letter, class) = monogram(&profile.display_name);
                avatar.set_class_name(&class);
                avatar.set_text_content(Some(&letter));
            }
            // The picture covers the letter, which stays visible if the picture does not load.
            if let Some(picture) = find(&note, ".picture") {
                match &profile.avatar_url {
                    Some(url) => self.set(&picture, "src", url),
                    None => drop(picture.remove_attribute("src")),
                }
            }
        }
    }

    /// Replaces the old code with a new one and restarts its countdown. Not announced, because it requires no action.
    pub(super) fn renew(&self, issued: &Issued) {
        if let Some(code) = find(&self.root, ".code") {
            code.set_inner_html(&issued.svg);
        }
        let time_left = find(&self.root, ".time-left");
        if let Some(animation) = time_left.as_ref().and_then(|line| find(line, "animate")) {
            self.set(&animation, "dur", &format!("{}s", issued.expires_in));
        }
        // An animation starts when its image is inserted, so insert the image again.
        if let Some(line) = time_left {
            let markup = line.outer_html();
            line.set_outer_html(&markup);
        }
        self.show(Phase::Waiting);
    }

    /// Announces a note's text, with its parts separated, and without decorative or interactive elements.
    fn say(&self, note: &str) {
        let Some(note) = self.note(note) else { return };
        let parts = [find(&note, "strong"), find(&note, ".hint")].map(|part| part.map(|part| text_of(&part)));
        let words = match parts {
            [Some(heading), Some(hint)] if !hint.trim().is_empty() => {
                [heading, attribute(&self.root, "data-stop"), hint].concat()
            }
            [Some(heading), _] => heading,
            _ => text_of(&note),
        };
        if let Some(status) = find(&self.root, "[role=status]") {
            status.set_text_content(Some(&words));
        }
    }

    fn note(&self, name: &str) -> Option<Element> {
        find(&self.root, &format!("[data-note={name}]"))
    }

    fn set(&self, element: &Element, name: &str, value: &str) {
        // Fails only for an invalid attribute name.
        let _ = element.set_attribute(name, value);
    }
}
