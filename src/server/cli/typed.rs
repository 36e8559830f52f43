//! Reads what a person types: a password, or that something is meant.

use crate::server::run::RunError;
use std::io::{self, BufRead, IsTerminal, Write};

/// Reads a line from the terminal without echo, or else one line of standard input, without its line ending.
pub(super) fn read_password() -> Result<String, RunError> {
    if io::stdin().is_terminal() {
        // With a handler installed, Ctrl-C fails the prompt, which restores the echo. Without one, Ctrl-C ends the
        // program before that.
        #[cfg(unix)]
        let _handler = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        return ask_twice(rpassword::prompt_password);
    }
    read_line()
}

/// Reads one line of standard input, without its line ending.
fn read_line() -> Result<String, RunError> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Prompts twice, because without echo a typo goes unnoticed.
fn ask_twice(mut ask: impl FnMut(&'static str) -> io::Result<String>) -> Result<String, RunError> {
    let password = ask("Password: ")?;
    if ask("The same password again: ")? != password {
        return Err(RunError::PasswordsDiffer);
    }
    Ok(password)
}

/// Prompts for `answer`, to be typed on a terminal. A script has no terminal, and says by a flag that it means it.
///
/// # Errors
/// [`RunError::NotConfirmed`] for anything else.
pub(super) fn confirm(prompt: &str, answer: &str) -> Result<(), RunError> {
    if !io::stdin().is_terminal() {
        return Err(RunError::NotConfirmed);
    }
    write!(io::stderr(), "{prompt}")?;
    io::stderr().flush()?;
    if read_line()?.trim() == answer { Ok(()) } else { Err(RunError::NotConfirmed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_typed_counts_if_it_is_typed_twice() {
        let typed = |answers: [&'static str; 2]| {
            let mut answers = answers.into_iter().map(|answer| Ok(answer.to_owned()));
            ask_twice(move |_| answers.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into())))
        };
        assert!(typed(["correct horse", "correct horse"]).is_ok_and(|password| password == "correct horse"));
        let slip = typed(["correct horse", "correct hoarse"]);
        assert!(matches!(slip, Err(RunError::PasswordsDiffer)), "{slip:?}");
    }
}
