//! The program without any setting of the machine's own.

use std::env;
use std::path::Path;
use std::process::Command;

/// Runs the program in this folder, not yet started. `program` is where Cargo built it: `CARGO_BIN_EXE_qr-login`.
pub fn without_settings(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    forget_settings(&mut command);
    command
}

/// Takes the machine's own settings from a command.
pub fn forget_settings(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("QR_LOGIN_")) {
        command.env_remove(name);
    }
}
