//! Validation of input from people and apps.

/// Maximum length of a username or a device name, in characters.
const MAX_NAME: usize = 64;

/// Maximum length of an e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_EMAIL: usize = 254;

/// The name is empty, too long, or contains control characters, so no account can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`username` must have 1 to {MAX_NAME} characters")]
pub struct InvalidUsername;

/// Trims and validates a username.
///
/// # Errors
/// [`InvalidUsername`].
pub fn clean_username(text: &str) -> Result<String, InvalidUsername> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(InvalidUsername);
    }
    Ok(name.to_owned())
}

/// Returns the username for a person whom another system describes: in lower case, so that two accounts do not differ by
/// that alone, and with nothing that cannot be seen or changes how the text around it is read. `None` if it is none.
pub fn foreign_username(text: &str) -> Option<String> {
    let name = clean_username(text).ok()?;
    let is_plain = !name.chars().any(|c| is_direction(c) || is_invisible(c));
    is_plain.then(|| name.to_lowercase()).filter(|name| clean_username(name).is_ok())
}

/// Maximum length of a hint, in bytes: a username of 64 Latin letters or 21 Chinese
/// ones, which is too short for more than a phrase in a script without spaces.
const MAX_HINT: usize = 64;

/// Returns the username or e-mail address that an app expects, if the text can be one. Anybody can write it, so it has
/// nothing but letters, digits and the few signs between them: no sentence, no URL, nothing that turns the text around it.
/// Some usernames are no hint, which costs no more than the hint.
pub fn account_hint(text: &str) -> Option<String> {
    let is_plain = |c: char| (c.is_alphanumeric() && !is_invisible(c)) || "._-+@'".contains(c);
    let is_short = text.len() <= MAX_HINT && text.chars().any(char::is_alphanumeric);
    (is_short && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// Cleans up the display name of a device or a person: one line, at most 64 characters, none of which changes how the
/// text around it is read. Empty if nothing of it can be seen. Never fails, because it is only a label.
pub fn clean_display_name(text: &str) -> String {
    let name: String = text.chars().filter(|c| !c.is_control() && !is_direction(*c)).take(MAX_NAME).collect();
    if name.chars().all(|c| c.is_whitespace() || is_invisible(c)) { String::new() } else { name.trim().to_owned() }
}

/// Returns whether a character has no shape and reorders the text behind it (Unicode UAX 9, section 2) or ends the line.
const fn is_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}'
    )
}

/// Returns whether a character leaves nothing to see on its own. Some of them join the parts of an emoji, or letters.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address must be like name@example.com, with at most {MAX_EMAIL} bytes and no spaces")]
pub struct InvalidEmail;

/// Trims and validates an e-mail address. Whether mail arrives there is another question. Rejects the characters that
/// an address only has between quotes (RFC 5322, section 3.2.3), because apps put it into headers and lists.
///
/// # Errors
/// [`InvalidEmail`].
pub fn clean_email(text: &str) -> Result<String, InvalidEmail> {
    let email = text.trim();
    let is_special = |c: char| c.is_control() || c.is_whitespace() || "()<>[],;:\\\"".contains(c);
    match email.split_once('@') {
        Some((name, host))
            if !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && email.len() <= MAX_EMAIL
                && !email.contains(is_special) =>
        {
            Ok(email.to_owned())
        }
        _ => Err(InvalidEmail),
    }
}

/// The text is not the name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group must have 1 to {MAX_NAME} letters of a to z, digits, and `. _ - : / @ +`")]
pub struct InvalidGroup;

/// Validates the name of a group. It consists of characters that a header can list, separated by commas.
///
/// # Errors
/// [`InvalidGroup`].
pub fn clean_group(text: &str) -> Result<String, InvalidGroup> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/@+".contains(c);
    if text.is_empty() || text.len() > MAX_NAME || !text.chars().all(is_allowed) {
        return Err(InvalidGroup);
    }
    Ok(text.to_owned())
}

/// Returns `path`, percent-encoded if needed, if it is a path on this site. Prevents open redirects after a sign-in.
pub fn local_path(path: &str) -> Option<String> {
    let rest = path.strip_prefix('/')?;
    if rest.starts_with('/') || path.contains('\\') || path.chars().any(char::is_control) || path.len() > 2048 {
        return None;
    }
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(encoded)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_stays_on_this_site() {
        assert_eq!(local_path("/confirm?id=1").as_deref(), Some("/confirm?id=1"));
        assert_eq!(local_path("/文 a").as_deref(), Some("/%E6%96%87%20a"));
        for elsewhere in ["", "confirm", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb"] {
            assert_eq!(local_path(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_next_page_has_an_address_of_2048_bytes_at_the_most() {
        let path = |length: usize| format!("/{}", "a".repeat(length - 1));
        assert_eq!(local_path(&path(2048)), Some(path(2048)));
        assert_eq!(local_path(&path(2049)), None);
        // Bytes, not characters: 682 characters of three bytes and the slash are 2047 bytes.
        assert!(local_path(&format!("/{}", "文".repeat(682))).is_some());
        assert_eq!(local_path(&format!("/{}", "文".repeat(683))), None);
    }

    #[test]
    fn a_username_has_1_to_64_characters_and_no_space_around_it() {
        let (longest, longest_chinese) = ("x".repeat(64), "扫".repeat(64));
        for (text, name) in [
            ("x", "x"),
            ("dong", "dong"),
            (" \tdong wei\u{3000}\n", "dong wei"),
            (&longest, &longest),
            (&longest_chinese, &longest_chinese),
            (&format!(" {longest} "), &longest),
        ] {
            assert_eq!(clean_username(text).unwrap(), name, "{text:?}");
        }
        for text in ["", " ", "\n", &"x".repeat(65), &"扫".repeat(65), "a\nb", "a\0b", "a\u{7f}", "a\u{9b}b"] {
            assert_eq!(clean_username(text), Err(InvalidUsername), "{text:?}");
        }
    }

    #[test]
    fn an_email_address_has_two_sides_and_254_bytes_at_the_most() {
        let of_length = |length: usize| format!("{}@example.com", "x".repeat(length - 12));
        for text in ["a@b", "dong.wei+list@example.com", "o'brien@example.com", "董@例子.中国"] {
            assert_eq!(clean_email(&format!(" {text}\n")).as_deref(), Ok(text));
        }
        assert_eq!(clean_email(&of_length(254)), Ok(of_length(254)));
        for text in
            ["", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\0", "a\r\nX: y@b", "a,b@c", "<a@b>", "a;b@c"]
        {
            assert_eq!(clean_email(text), Err(InvalidEmail), "{text:?}");
        }
        for text in [of_length(255), format!("\"a\"@{}", "b"), "a\u{a0}b@c".to_owned(), "a@b\u{2028}c".to_owned()] {
            assert_eq!(clean_email(&text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn a_group_has_a_name_that_a_header_can_list() {
        let longest = "x".repeat(64);
        for text in ["a", "admins", "Team-1", "a.b_c:d/e@f+g", &longest] {
            assert_eq!(clean_group(text).as_deref(), Ok(text));
        }
        for text in ["", " ", "a b", " a", "a,b", "a\nb", "组", "a\"", "a;b", "a=b", &"x".repeat(65)] {
            assert_eq!(clean_group(text), Err(InvalidGroup), "{text:?}");
        }
    }

    #[test]
    fn a_display_name_does_not_turn_the_text_around_it_and_can_be_seen() {
        for (text, name) in [
            ("\u{202e}tseug", "tseug"),
            ("a\u{202a}b\u{202c}c\u{2066}d\u{2069}\u{200f}e\u{61c}", "abcde"),
            ("a\u{2028}b\u{2029}c", "abc"),
            ("\u{200d}\u{200b}", ""),
            ("\u{3164} \u{2800}\u{fe0f}\u{e0041}", ""),
            // A family and a Persian word need their joiners.
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
        ] {
            assert_eq!(clean_display_name(text), name, "{text:?}");
        }
    }

    #[test]
    fn a_device_name_is_one_short_line() {
        assert_eq!(clean_display_name("  my\nphone\u{7} "), "myphone");
        assert_eq!(clean_display_name(&"长".repeat(64)), "长".repeat(64));
        assert_eq!(clean_display_name(&"长".repeat(65)), "长".repeat(64));
        assert_eq!(clean_display_name(""), "");
    }

    #[test]
    fn a_hint_names_an_account_and_says_nothing_else() {
        let (longest, longest_chinese) = ("x".repeat(64), "扫".repeat(21));
        for hint in [
            "dong",
            "dong.wei+list@example.com",
            "o'brien",
            "A_b-1",
            "伟",
            "董@例子.中国",
            "ليلى",
            &longest,
            &longest_chinese,
        ] {
            assert_eq!(account_hint(hint).as_deref(), Some(hint));
        }
        for text in [
            "",
            "@",
            "dong wei",
            " dong",
            "dong\n",
            "a\u{a0}b",
            "a\u{3000}b",
            "a\0",
            "\u{202e}gnod",
            "a\u{2066}b\u{2069}",
            "a\u{200b}b",
            "\u{3164}",
            "https://evil.example",
            "really?",
            "Stop!",
            "(a)",
            "<b>",
            "a,b",
            "请确认，安全",
            "a\u{2800}b",
            &"x".repeat(65),
            &"扫".repeat(22),
        ] {
            assert_eq!(account_hint(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_name_of_another_system_is_plain_or_none() {
        for (text, name) in [
            (" Guang ", Some("guang")),
            ("伟", Some("伟")),
            ("\u{202e}gnaug", None),
            ("guang\u{200b}", None),
            ("a\u{2028}b", None),
            ("", None),
        ] {
            assert_eq!(foreign_username(text).as_deref(), name, "{text:?}");
        }
    }
}
