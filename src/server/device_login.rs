//! `qr-login device-login`: signs a terminal in by the device grant (RFC 8628), with any server that offers it.
//!
//! Messages and the QR code go to standard error; standard output has the tokens, so that a script can read them.

mod protocol;
mod screen;

use clap::Args;
use clock::Clock;
use protocol::{Device, Issued};
use screen::Screen;
use serde_json::json;
use std::io::{self, Write};

/// Why no tokens were obtained. Each has an exit code of its own, for scripts.
#[derive(Debug, thiserror::Error)]
pub enum DeviceLoginError {
    /// An argument or a response is not what it should be.
    #[error("{0}")]
    Invalid(String),
    /// The server refuses: its error code and description.
    #[error("the server refuses: {0}")]
    Refused(String),
    /// The person declined.
    #[error("the sign-in was declined")]
    Denied,
    /// It was not approved in time.
    #[error("the code has expired: run the command again")]
    Expired,
    /// The server cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// Standard output cannot be written to.
    #[error("the tokens cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl DeviceLoginError {
    /// Returns the exit code of the program.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Invalid(_) | Self::Refused(_) | Self::Output(_) => 1,
            Self::Denied => 3,
            Self::Expired => 4,
            Self::Unreachable(_) => 5,
        }
    }
}

/// Sign in on this terminal with a QR code, and print the tokens
///
/// Exits with 0 if the tokens were printed, 3 if the person declined, 4 if the code expired, 5 if the server cannot be
/// reached, and 1 on any other error.
#[derive(Args, Debug)]
pub struct DeviceLogin {
    /// The server's public URL; https, except on this computer
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    issuer: String,
    /// The client id: a public client with `device = true`
    #[arg(long, value_name = "ID", default_value = "device-login")]
    client: String,
    /// What to ask for: names separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "openid profile")]
    scope: String,
    /// Print the codes as a line of JSON on standard output instead of drawing them, and the tokens as a second one
    #[arg(long)]
    json: bool,
    /// Draw for a terminal with a light background, without colours
    #[arg(long, conflicts_with = "dark")]
    light: bool,
    /// Draw for a terminal with a dark background, without colours
    #[arg(long)]
    dark: bool,
}

/// Runs the command.
///
/// # Errors
/// [`DeviceLoginError`].
pub async fn run(login: DeviceLogin, clock: &Clock) -> Result<(), DeviceLoginError> {
    let device = Device::discover(&login.issuer, login.client, clock.clone()).await?;
    let issued = device.authorize(&login.scope).await?;
    let screen = Screen::new(login.light, login.dark);
    announce(&issued, login.json, &screen)?;
    let tokens = device.wait(&issued, |message| screen.say(message)).await?;
    let tokens = if login.json { serde_json::to_string(&tokens) } else { serde_json::to_string_pretty(&tokens) };
    let tokens = tokens.map_err(io::Error::from)?;
    writeln!(io::stdout(), "{tokens}")?;
    screen.say("Signed in.");
    Ok(())
}

fn announce(issued: &Issued, as_json: bool, screen: &Screen) -> Result<(), DeviceLoginError> {
    let Issued { user_code, verification_uri, verification_uri_complete, expires_in, .. } = issued;
    if as_json {
        // Without the device code, which is as good as the tokens.
        let line = json!({
            "user_code": user_code,
            "verification_uri": verification_uri,
            "verification_uri_complete": verification_uri_complete,
            "expires_in": expires_in,
        });
        return Ok(writeln!(io::stdout(), "{line}")?);
    }
    if let Some(url) = verification_uri_complete {
        screen.draw(url).map_err(|error| DeviceLoginError::Invalid(error.to_string()))?;
        screen.say("Scan the code with your phone, or open this page on any device and enter the code:");
    } else {
        screen.say("Open this page on any device and enter the code:");
    }
    screen.say(&format!("\n    {verification_uri}\n    {user_code}\n"));
    screen.say("Confirm only if your phone shows the same code. Waiting…");
    Ok(())
}
