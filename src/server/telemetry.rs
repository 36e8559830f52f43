//! Structured logs.

use super::config::{LogConfig, LogFormat};
use super::run::RunError;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error.
///
/// # Errors
/// If the filter cannot be parsed.
pub fn start(config: &LogConfig) -> Result<(), RunError> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| RunError::Setting(format!("QR_LOGIN_LOG is not a filter: {error}")))?;
    // At each start PostgreSQL logs a notice that the tables already exist.
    let filter = match "sqlx::postgres::notice=warn".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // It would report them on standard error, and panic if that is a file on a full disk.
        .log_internal_errors(false);
    // A second start, as in tests, keeps the first one's settings.
    let _ = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
