//! The texts of the pages in each language. Every text that a page shows is in `locales`.

include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

pub use i18n::Locale;

mod bidi;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod catalogues;

pub use bidi::{dir, isolated};

/// A translated text: borrowed from a catalogue, or owned if values were interpolated.
pub type Text = std::borrow::Cow<'static, str>;

/// Looks up the [`Text`] of a key: `text!(locale, confirm.title)`, with values as in `text!(locale, provider.declined,
/// name = name)`. Values that may be of another direction than the text cannot turn it around. `count` is a number, and
/// selects the form of the text.
macro_rules! text {
    (@value $locale:expr, count, $value:expr) => { $value };
    (@value $locale:expr, $name:ident, $value:expr) => { $crate::i18n::isolated($locale, $value) };
    ($locale:expr, $($key:ident).+ $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::Text::from(leptos_i18n::td_string!(
            $locale, $($key).+ $(, $name = $crate::i18n::text!(@value $locale, $name, $value))*
        ))
    };
}
pub(crate) use text;

/// The languages, each with its own name, in the order of the switch: by script, then by name.
pub const LANGUAGES: [(Locale, &str); 11] = [
    (Locale::de, "Deutsch"),
    (Locale::en, "English"),
    (Locale::es, "Español"),
    (Locale::fr, "Français"),
    (Locale::pt_BR, "Português (Brasil)"),
    (Locale::ru, "Русский"),
    (Locale::ar, "العربية"),
    (Locale::zh_CN, "简体中文"),
    (Locale::zh_TW, "繁體中文"),
    (Locale::ja, "日本語"),
    (Locale::ko, "한국어"),
];

/// The tags of the languages, in the same order.
pub const TAGS: [&str; LANGUAGES.len()] = {
    let mut tags = [""; LANGUAGES.len()];
    let mut next = 0;
    while next < tags.len() {
        tags[next] = tag(LANGUAGES[next].0);
        next += 1;
    }
    tags
};

/// Returns the language's tag (RFC 5646), for `lang` and `Content-Language`.
pub const fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::ar => "ar",
        Locale::de => "de",
        Locale::en => "en",
        Locale::es => "es",
        Locale::fr => "fr",
        Locale::ja => "ja",
        Locale::ko => "ko",
        Locale::pt_BR => "pt-BR",
        Locale::ru => "ru",
        Locale::zh_CN => "zh-CN",
        Locale::zh_TW => "zh-TW",
        #[cfg(pseudo)]
        Locale::en_XA => "en-XA",
    }
}

/// Returns the language's own name.
pub fn name(locale: Locale) -> &'static str {
    LANGUAGES.into_iter().find(|(other, _)| *other == locale).map_or_else(|| tag(locale), |(_, name)| name)
}

/// Returns the language for a language range (RFC 4647): the one that its speakers read best. Chinese is distinguished by
/// script, or else by region; any Portuguese is better than English.
pub fn by_tag(tag: &str) -> Option<Locale> {
    let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    #[cfg(pseudo)]
    if tag == "en-xa" {
        return Some(Locale::en_XA);
    }
    Some(match primary {
        "ar" => Locale::ar,
        "de" => Locale::de,
        "en" => Locale::en,
        "es" => Locale::es,
        "fr" => Locale::fr,
        "ja" => Locale::ja,
        "ko" => Locale::ko,
        "pt" => Locale::pt_BR,
        "ru" => Locale::ru,
        "zh" => chinese(subtags),
        _ => return None,
    })
}

/// Returns the Chinese of these subtags. A script is more specific than a region, and stands before it.
fn chinese<'a>(subtags: impl Iterator<Item = &'a str>) -> Locale {
    for subtag in subtags {
        match subtag {
            "hans" => return Locale::zh_CN,
            "hant" | "tw" | "hk" | "mo" => return Locale::zh_TW,
            _ => {}
        }
    }
    Locale::zh_CN
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
        let Some(locale) = by_tag(parts.next().unwrap_or_default()) else {
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
            ("nl", Locale::en),
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::zh_CN),
            ("zh-TW,zh;q=0.9,en;q=0.8", Locale::zh_TW),
            ("nl, zh;q=0.5, en;q=0.7", Locale::en),
            ("fr-CA, zh;q=0.5, en;q=0.7", Locale::fr),
            ("en;q=0, zh;q=0.1", Locale::zh_CN),
            ("en-GB,en", Locale::en),
            ("*;q=x,;;,zh", Locale::zh_CN),
        ] {
            assert_eq!(negotiate(None, header), locale, "{header}");
        }
    }

    #[test]
    fn each_range_gets_what_its_speakers_read_best() {
        for (locale, ranges) in [
            (Locale::zh_TW, "zh-TW zh-HK zh-MO zh-Hant zh-Hant-TW zh-hant-hk ZH_TW"),
            (Locale::zh_CN, "zh zh-CN zh-SG zh-Hans zh-Hans-HK zh-MY"),
            (Locale::pt_BR, "pt pt-BR pt-PT pt-AO"),
            (Locale::es, "es es-419 es-MX"),
            (Locale::de, "de de-AT de-CH-1996"),
            (Locale::ar, "ar ar-EG"),
            (Locale::en, "en en-GB en-XAA"),
        ] {
            for range in ranges.split(' ') {
                assert_eq!(by_tag(range), Some(locale), "{range}");
            }
        }
        for unknown in ["", "*", "klingon", "e", "en1", "zhx-TW", "-zh"] {
            assert_eq!(by_tag(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_choice_is_remembered_over_the_browser() {
        assert_eq!(negotiate(Some("zh-CN"), "en"), Locale::zh_CN);
        assert_eq!(negotiate(Some("klingon"), "en"), Locale::en);
    }

    #[test]
    fn each_language_is_found_by_its_own_tag() {
        for ((locale, _), tag) in LANGUAGES.into_iter().zip(TAGS) {
            assert_eq!(by_tag(tag), Some(locale), "{tag}");
        }
    }

    #[test]
    fn a_count_selects_the_form() {
        for (locale, count, said) in [
            (Locale::en, 1, "1 minute ago"),
            (Locale::en, 2, "2 minutes ago"),
            (Locale::zh_CN, 1, "1 分钟前"),
            (Locale::ru, 1, "1 минуту назад"),
            (Locale::ru, 3, "3 минуты назад"),
            (Locale::ru, 12, "12 минут назад"),
            (Locale::ru, 21, "21 минуту назад"),
            (Locale::ar, 1, "قبل دقيقة"),
            (Locale::ar, 2, "قبل دقيقتين"),
            (Locale::ar, 3, "قبل 3 دقائق"),
            (Locale::ar, 11, "قبل 11 دقيقة"),
            (Locale::pt_BR, 1, "há 1 minuto"),
        ] {
            assert_eq!(text!(locale, account.minutes, count = count), said);
        }
    }

    /// Release builds do not have it.
    #[test]
    fn the_pseudo_locale_is_longer_and_only_for_tests() {
        assert!(LANGUAGES.iter().all(|(locale, _)| tag(*locale) != "en-XA"));
        #[cfg(pseudo)]
        {
            assert_eq!(negotiate(None, "en-XA"), Locale::en_XA);
            assert_eq!(text!(Locale::en_XA, pc.title), "[!! Šîĝñ îñ !!]");
            let said = text!(Locale::en_XA, provider.declined, name = "X");
            assert!(said.contains(" X.") && said.ends_with(" öñé ţŵö !!]"), "{said}");
            assert_eq!(text!(Locale::en_XA, common.full_stop), ". ");
        }
    }
}
