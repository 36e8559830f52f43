//! A pseudo-locale: English with accents, longer, and in brackets. It shows texts that are not in the
//! catalogues, texts that were put together from parts, and boxes that are too small.

use serde_json::Value;

/// Its tag, as browsers and Android name it.
pub(crate) const TAG: &str = "en-XA";

/// What lengthens the texts, by two fifths.
const PADDING: [&str; 6] = ["öñé", "ţŵö", "ţħŕéé", "ƒöûŕ", "ƒîṽé", "šîẋ"];

/// Returns the catalogue made from the English one.
pub(crate) fn catalogue(english: &str) -> serde_json::Result<String> {
    let mut value: Value = serde_json::from_str(english)?;
    change(&mut value);
    serde_json::to_string(&value)
}

fn change(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(change),
        Value::String(text) => *text = pseudo(text),
        _ => {}
    }
}

/// Returns the text with accents, between brackets. Punctuation alone stays as it is, and so do placeholders.
fn pseudo(text: &str) -> String {
    if !text.contains(char::is_alphabetic) {
        return text.to_owned();
    }
    let mut accented = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").unwrap_or((after, ""));
        accented.extend(before.chars().map(accent));
        accented.push_str(&format!("{{{{{name}}}}}"));
        rest = behind;
    }
    accented.extend(rest.chars().map(accent));
    let mut missing = text.chars().count() * 2 / 5;
    for word in PADDING.iter().cycle() {
        let length = word.chars().count() + 1;
        if missing < length {
            break;
        }
        missing -= length;
        accented.push(' ');
        accented.push_str(word);
    }
    format!("[!! {accented} !!]")
}

fn accent(letter: char) -> char {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let accented = "åƀçđéƒĝħîĵķļɱñöþɋŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ";
    plain.find(letter).and_then(|at| accented.chars().nth(at)).unwrap_or(letter)
}
