//! What is skipped on this machine says so, even where the output of tests that pass is not shown.

use std::io::Write;
use std::process::Command;

/// Whether this program is here; otherwise says which test is skipped for want of it.
pub fn has(program: &str, test: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null", program]).status();
    let is_here = found.is_ok_and(|status| status.success());
    if !is_here {
        skipped(test, &format!("{program} is not installed"));
    }
    is_here
}

/// Says that a test is skipped, and why. Past the test harness, which would keep it to itself.
pub fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}
