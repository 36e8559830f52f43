//! Rules for what people and apps send.

use crate::error::ApiError;

/// Characters a username or a device name may have at the most.
const MAX_NAME: usize = 64;

/// A username without surrounding space.
///
/// # Errors
/// `invalid_request` when it is empty, too long, or has control characters.
pub fn clean_username(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::invalid("`username` must have 1 to 64 characters"));
    }
    Ok(name.to_owned())
}

/// A device name fit to be shown: one line, at most 64 characters. Never refused, for it is only a label.
pub fn clean_device_name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect::<String>().trim().to_owned()
}

/// `path` if it is a path on this very site, percent-encoded, so that a sign-in never sends a person elsewhere.
pub fn local_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_plain && !rest.starts_with('/') && path.len() <= 2048).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_stays_on_this_site() {
        assert_eq!(local_path("/confirm?id=1"), Some("/confirm?id=1"));
        for elsewhere in
            ["", "confirm", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/应用"]
        {
            assert_eq!(local_path(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_device_name_is_one_short_line() {
        assert_eq!(clean_device_name("  my\nphone\u{7} "), "myphone");
        assert_eq!(clean_device_name(&"长".repeat(100)).chars().count(), 64);
    }
}
