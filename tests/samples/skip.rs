//! Reports tests that are skipped on this machine, even if the output of passing tests is not shown.

use std::io::Write;
use std::process::Command;

/// Returns whether this program is installed; otherwise reports that the test is skipped.
pub fn has(program: &str, test: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null", program]).status();
    let is_here = found.is_ok_and(|status| status.success());
    if !is_here {
        skipped(test, &format!("{program} is not installed"));
    }
    is_here
}

/// Reports that a test is skipped, and why. Bypasses the test harness, which would capture it.
pub fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}
