//! What a person sees: standard error.

use service::qr::QrError;
use service::qr::terminal::{Paint, draw};
use std::env;
use std::io::{self, IsTerminal, Write};

/// Standard error, and how it shows light and dark.
#[derive(Debug)]
pub(super) struct Screen(Paint);

impl Screen {
    /// Chooses by the flags, or else by what the environment says of the terminal.
    pub(super) fn new(light: bool, dark: bool) -> Self {
        let has = |name: &str| env::var(name).is_ok_and(|value| !value.is_empty());
        let is_dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
        // https://no-color.org
        let has_colours = io::stderr().is_terminal() && !has("NO_COLOR") && !is_dumb;
        Self(match (light, dark) {
            (true, _) => Paint::OnLight,
            (_, true) => Paint::OnDark,
            _ if has_colours => Paint::Coloured,
            _ => background(&env::var("COLORFGBG").unwrap_or_default()),
        })
    }

    /// Writes a message.
    pub(super) fn say(&self, message: &str) {
        // The output may be closed; the tokens matter more.
        let _ = writeln!(io::stderr(), "{message}");
    }

    /// Draws a QR code.
    ///
    /// # Errors
    /// If the text is too long for one.
    pub(super) fn draw(&self, text: &str) -> Result<(), QrError> {
        self.say(&draw(text, self.0)?);
        Ok(())
    }
}

/// Reads the variable that some terminals set: the numbers of the colours of text and background. Most terminals that do
/// not are dark.
fn background(variable: &str) -> Paint {
    match variable.rsplit(';').next().and_then(|colour| colour.parse::<u8>().ok()) {
        Some(7 | 9..=15) => Paint::OnLight,
        _ => Paint::OnDark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_is_known_from_the_environment_or_assumed_to_be_dark() {
        for (variable, paint) in [
            ("0;15", Paint::OnLight),
            ("0;default;7", Paint::OnLight),
            ("15;0", Paint::OnDark),
            ("7;8", Paint::OnDark),
            ("", Paint::OnDark),
            ("default;default", Paint::OnDark),
        ] {
            assert_eq!(background(variable), paint, "{variable}");
        }
    }
}
