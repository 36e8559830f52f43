//! The texts of the pages, in English and Simplified Chinese. Every text that a page shows is in `locales`.

include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

pub use i18n::Locale;

/// A translated text: borrowed from a catalogue, or owned if values were interpolated.
pub type Text = std::borrow::Cow<'static, str>;

/// Looks up the [`Text`] of a key: `text!(locale, confirm.title)`, with values as in `text!(locale, account.minutes,
/// count = 5)`.
macro_rules! text {
    ($locale:expr, $($key:ident).+ $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::Text::from(leptos_i18n::td_string!($locale, $($key).+ $(, $name = $value)*))
    };
}
pub(crate) use text;

/// The languages, each with its native name.
pub const LANGUAGES: [(Locale, &str); 2] = [(Locale::en, "English"), (Locale::zh_CN, "简体中文")];

/// Returns the language's tag (RFC 5646), for `lang` and `Content-Language`.
pub const fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en",
        Locale::zh_CN => "zh-CN",
    }
}

/// Returns the language for a tag, matched by its primary subtag, so that any variant of Chinese gets Chinese.
pub fn by_tag(tag: &str) -> Option<Locale> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "en" => Some(Locale::en),
        "zh" => Some(Locale::zh_CN),
        _ => None,
    }
}

/// Negotiates the response language: the one the user chose, else the first supported one in `Accept-Language` (RFC
/// 9110, section 12.5.4), else English.
pub fn negotiate(chosen: Option<&str>, accept_language: &str) -> Locale {
    if let Some(locale) = chosen.and_then(by_tag) {
        return locale;
    }
    let mut best: Option<(f32, Locale)> = None;
    for range in accept_language.split(',') {
        let mut parts = range.split(';');
        let Some(locale) = by_tag(parts.next().unwrap_or_default().trim()) else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, locale));
        }
    }
    best.map_or(Locale::en, |(_, locale)| locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_that_we_have_is_taken() {
        for (header, locale) in [
            ("", Locale::en),
            ("fr", Locale::en),
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::zh_CN),
            ("zh-TW", Locale::zh_CN),
            ("fr, zh;q=0.5, en;q=0.7", Locale::en),
            ("en;q=0, zh;q=0.1", Locale::zh_CN),
            ("en-GB,en", Locale::en),
            ("*;q=x,;;,zh", Locale::zh_CN),
        ] {
            assert_eq!(negotiate(None, header), locale, "{header}");
        }
    }

    #[test]
    fn a_choice_is_remembered_over_the_browser() {
        assert_eq!(negotiate(Some("zh-CN"), "en"), Locale::zh_CN);
        assert_eq!(negotiate(Some("klingon"), "en"), Locale::en);
    }
}
