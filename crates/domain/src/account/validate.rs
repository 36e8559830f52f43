//! Validation of input from people and apps.

/// Maximum length of a username or a device name, in characters.
const MAX_NAME: usize = 64;

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

/// Cleans up the display name of a device or a person: one line, at most 64 characters. Never fails, because it is only
/// a label.
pub fn clean_display_name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect::<String>().trim().to_owned()
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
    fn a_device_name_is_one_short_line() {
        assert_eq!(clean_display_name("  my\nphone\u{7} "), "myphone");
        assert_eq!(clean_display_name(&"长".repeat(64)), "长".repeat(64));
        assert_eq!(clean_display_name(&"长".repeat(65)), "长".repeat(64));
        assert_eq!(clean_display_name(""), "");
    }
}
