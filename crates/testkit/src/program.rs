//! Runs the program without the machine's own settings.

use std::env;
use std::path::Path;
use std::process::Command;

/// Creates a command for the program in this folder. `program` is where Cargo built it: `CARGO_BIN_EXE_qr-login`.
pub fn without_settings(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    forget_settings(&mut command);
    command
}

/// Removes the machine's own settings from a command's environment.
pub fn forget_settings(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("QR_LOGIN_")) {
        command.env_remove(name);
    }
}
