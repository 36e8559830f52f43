//! Rules for the style sheets.

use std::fs;

/// Splits at these characters outside parentheses.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if letter == at && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(letter);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Whether the declaration is about the left or the right, and not about the start or the end of a line.
fn is_physical(property: &str, value: &str) -> bool {
    let is_side = |word: &str| word == "left" || word == "right";
    if property.split('-').any(is_side) {
        return true;
    }
    match property {
        "text-align" | "float" | "clear" => is_side(value),
        "margin" | "padding" | "inset" | "border-width" | "border-style" | "border-color" | "border-radius" => {
            let values = split(value, ' ');
            // A corner has another neighbour than a side: the third and the fourth value are those at the bottom.
            let pairs: &[(usize, usize)] = if property == "border-radius" { &[(0, 1), (3, 2)] } else { &[(1, 3)] };
            let value = |at: usize| values.get(at).or_else(|| values.get(at % 2)).or_else(|| values.first());
            pairs.iter().any(|(one, other)| value(*one) != value(*other))
        }
        _ => false,
    }
}

/// A page in a language that is written from the right is the mirror image of the others, without rules of its own.
#[test]
fn styles_do_not_know_left_from_right() {
    for file in fs::read_dir("style").unwrap().map(|file| file.unwrap().path()) {
        // The description of the API is in English.
        if file.ends_with("docs.css") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let mut rest = text.as_str();
        let mut styles = String::new();
        while let Some((before, comment)) = rest.split_once("/*") {
            styles.push_str(before);
            rest = comment.split_once("*/").unwrap().1;
        }
        styles.push_str(rest);
        // The notch of a phone is on the same side in every language.
        let styles = styles.replace("safe-area-inset-left", "safe-area").replace("safe-area-inset-right", "safe-area");
        for declaration in styles.split(['{', '}', ';']) {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let (property, value) = (property.trim(), value.trim());
            assert!(!is_physical(property, value), "{}: {property}: {value}", file.display());
        }
    }
}

#[test]
fn a_side_is_found_in_each_property_that_names_one() {
    for declaration in [
        "left: 0",
        "margin-right: 8px",
        "border-top-left-radius: 4px",
        "text-align: left",
        "padding: 1px 2px 3px 4px",
        "inset: 0 auto 0 0",
        "border-radius: 4px 0 0 4px",
        "border-radius: 4px 0",
    ] {
        let (property, value) = declaration.split_once(": ").unwrap();
        assert!(is_physical(property, value), "{declaration}");
    }
    for declaration in [
        "margin-inline-start: 8px",
        "text-align: start",
        "padding: 1px 2px 3px",
        "margin: 0 max(4px, 1vw) 8px max(4px, 1vw)",
        "border-radius: 4px 4px 0 0",
        "border-radius: 99px",
        "inset: 0",
    ] {
        let (property, value) = declaration.split_once(": ").unwrap();
        assert!(!is_physical(property, value), "{declaration}");
    }
}
