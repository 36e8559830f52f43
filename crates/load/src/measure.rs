//! The measurements, one module per question.

mod apps;
mod baseline;
mod cluster;
mod compare;
mod device;
mod floods;
mod forward_auth;
mod logins;
mod micro;
mod page;
mod reaction;
mod start;
mod waiting;

use crate::herd::Transport;
use crate::options::Options;
use crate::report::{Outcome, Report};
use anyhow::{Result, bail};

/// Runs the measurement with that name. `report` has the results so far.
pub async fn run(name: &str, options: &Options, report: &Report) -> Result<Vec<Outcome>> {
    match name {
        "logins" => logins::measure(options).await,
        "page" => page::measure(options).await,
        "reaction" => reaction::measure(options).await,
        "waiting" => waiting::measure(options).await,
        "start" => start::measure(options).await,
        "floods" => floods::measure(options).await,
        "cluster" => cluster::measure(options).await,
        "baseline" => baseline::measure(options, report).await,
        "device" => device::measure(options).await,
        "apps" => apps::measure(options).await,
        "forward-auth" => forward_auth::measure(options).await,
        "micro" => micro::measure(),
        other => bail!("there is no measure {other}"),
    }
}

/// Creates a row about waiting PCs, without figures yet.
fn row_of_waiting(table: &str, transport: Transport, waiting: usize) -> Outcome {
    Outcome::of(table).case("transport", transport).case("waiting PCs", waiting)
}

/// Prints progress to standard error.
fn progress(what: impl std::fmt::Display) {
    eprintln!("    {what}");
}
