//! Every catalogue says everything, in its language. That no key is missing, is checked by `build.rs`.

use super::{LANGUAGES, tag};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The forms that the languages have for numbers (CLDR 48, cardinals). A language with one form has plain texts.
const FORMS: [(&str, &[&str]); 11] = [
    ("ar", &["zero", "one", "two", "few", "many", "other"]),
    ("de", &["one", "other"]),
    ("en", &["one", "other"]),
    ("es", &["one", "many", "other"]),
    ("fr", &["one", "many", "other"]),
    ("ja", &[]),
    ("ko", &[]),
    ("pt-BR", &["one", "many", "other"]),
    ("ru", &["one", "few", "many", "other"]),
    ("zh-CN", &[]),
    ("zh-TW", &[]),
];

/// What a language may share with English: names of products, and words that it has from English or the other way round.
const SHARED: [(&str, &str); 6] = [
    ("common.full_stop", "*"),
    ("in_app.", "*"),
    ("confirm.computer", "de"),
    ("pc.tab_qr", "pt-BR"),
    ("settings.name", "de"),
    ("settings.picture_zoom", "de es fr pt-BR"),
];

/// Returns each text by the path of its key.
fn texts(tag: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(format!("{tag}.json"));
    let groups: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: Value| value.as_str().unwrap().to_owned();
    let entries = groups.into_iter().flat_map(|(group, entries)| {
        entries.into_iter().map(move |(key, value)| (format!("{group}.{key}"), text(value)))
    });
    entries.collect()
}

/// Returns the keys that have forms in English, without their form.
fn counted(english: &BTreeMap<String, String>) -> BTreeSet<&str> {
    english.keys().filter_map(|key| key.strip_suffix("_one")).collect()
}

/// Returns the names of the values in a text.
fn values(text: &str) -> BTreeSet<&str> {
    text.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap().trim()).collect()
}

#[test]
fn each_language_has_each_text_in_each_form_with_the_same_values() {
    let english = texts("en");
    let counted = counted(&english);
    assert_eq!(FORMS.map(|(tag, _)| tag).map(str::to_owned).to_vec(), files());
    for (tag, forms) in FORMS {
        let mut expected = BTreeMap::new();
        for (key, text) in &english {
            let base = key.rsplit_once('_').map(|(base, _)| base).filter(|base| counted.contains(base));
            match base {
                None => {
                    expected.insert(key.clone(), values(text));
                }
                Some(base) if forms.is_empty() => {
                    expected.insert(base.to_owned(), values(text));
                }
                Some(base) => expected.extend(forms.iter().map(|form| (format!("{base}_{form}"), values(text)))),
            }
        }
        let texts = texts(tag);
        let mut found: BTreeMap<String, _> = texts.iter().map(|(key, text)| (key.clone(), values(text))).collect();
        // "A minute ago", "two minutes ago": these need no digits.
        for (key, names) in &mut found {
            if key.ends_with("_one") || key.ends_with("_two") {
                names.insert("count");
            }
        }
        assert_eq!(found, expected, "{tag}");
    }
}

/// Returns the tags of the files, sorted.
fn files() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let name = |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|file| name(file.unwrap().path())).collect();
    let languages: BTreeSet<_> = LANGUAGES.into_iter().map(|(locale, _)| tag(locale).to_owned()).collect();
    assert_eq!(files, languages, "each catalogue is in the switch");
    files.into_iter().collect()
}

#[test]
fn no_text_is_empty_or_left_in_english() {
    let english = texts("en");
    for (tag, _) in FORMS {
        for (key, text) in texts(tag) {
            assert!(!text.trim().is_empty(), "{tag} {key}");
            assert!(text == text.trim() || key == "common.full_stop", "{tag} {key} has spaces around it");
            let is_shared = SHARED.iter().any(|(keys, tags)| {
                (key == *keys || key.starts_with(keys) && keys.ends_with('.'))
                    && (*tags == "*" || tags.split(' ').any(|other| other == tag))
            });
            assert!(tag == "en" || is_shared || english.get(&key) != Some(&text), "{tag} {key}: {text}");
        }
    }
}

/// The labels of buttons and tabs that stand side by side on a screen of 320 px.
#[test]
fn labels_are_short() {
    let short = ["confirm.confirm", "confirm.cancel", "pc.tab_qr", "pc.tab_password", "sign_in.submit", "app.allow"];
    for (tag, _) in FORMS {
        let texts = texts(tag);
        for key in short {
            assert!(texts[key].chars().count() <= 16, "{tag} {key}: {}", texts[key]);
        }
    }
}

#[test]
fn a_text_calls_a_button_by_its_name() {
    for (tag, _) in FORMS {
        let texts = texts(tag);
        for (key, button) in [
            ("pc.step_confirm", "confirm.confirm"),
            ("pc.what_answer", "confirm.confirm"),
            ("confirm.warning", "confirm.cancel"),
            ("confirm.scan_hint", "confirm.scan_continue"),
            ("confirm.scan_tap_hint", "confirm.scan_continue"),
            ("device.scan_hint", "confirm.scan_continue"),
            ("device.warning", "confirm.cancel"),
        ] {
            assert!(texts[key].contains(&texts[button]), "{tag} {key}: {}", texts[button]);
        }
    }
}
