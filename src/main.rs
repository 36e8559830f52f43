//! Reads the settings, runs the server.

use qr_login::server::cli::{self, Cli};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::read()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qr-login: {error}");
            ExitCode::FAILURE
        }
    }
}
