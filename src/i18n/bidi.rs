//! The direction of texts: which language is written from the right, and how a value stays whole in a text of the other
//! direction.

use super::{Locale, tag};

/// Returns the direction of the language, for `dir`.
pub fn dir(locale: Locale) -> &'static str {
    if tag(locale) == "ar" { "rtl" } else { "ltr" }
}

/// Returns the value, as it stands in a text of this language: isolated (Unicode UAX #9) if either is written from the
/// right, so that the value is laid out on its own, as by `<bdi>`.
pub fn isolated(locale: Locale, value: impl Into<String>) -> String {
    let value = value.into();
    if dir(locale) == "rtl" || value.contains(is_from_the_right) {
        return format!("\u{2068}{value}\u{2069}");
    }
    value
}

/// Whether the character is in one of the blocks for scripts that are written from the right.
const fn is_from_the_right(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{LANGUAGES, text};

    #[test]
    fn a_value_of_the_other_direction_is_isolated() {
        assert_eq!(isolated(Locale::en, "Ada"), "Ada");
        assert_eq!(isolated(Locale::en, "ليلى"), "\u{2068}ليلى\u{2069}");
        assert!(text!(Locale::ar, app.sign_in_to, app = "Wiki").contains("\u{2068}Wiki\u{2069}"));
        assert_eq!(text!(Locale::en, app.sign_in_to, app = "Wiki"), "Sign in to Wiki");
    }

    #[test]
    fn arabic_alone_is_written_from_the_right() {
        let from_the_right = LANGUAGES.into_iter().filter(|(locale, _)| dir(*locale) == "rtl");
        assert_eq!(from_the_right.map(|(_, name)| name).collect::<Vec<_>>(), ["العربية"]);
    }
}
