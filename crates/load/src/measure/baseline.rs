//! The same measurements on the tutorials' server, and how many times better or worse ours is.

use super::compare::{Better, RATIO, compare};
use super::{logins, page, progress, reaction, row_of_waiting, waiting};
use crate::deployment::Deployment;
use crate::herd::Transport;
use crate::login;
use crate::options::Options;
use crate::report::{Outcome, Report, Wanted};
use crate::throughput::middle;
use anyhow::{Context, Result};

pub async fn measure(options: &Options, report: &Report) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for concurrency in logins::CONCURRENCY {
        let tutorial = Deployment::tutorial(options).await?;
        let mut rounds = Vec::new();
        for _ in 0..options.rounds() {
            rounds.push(login::throughput(&tutorial, concurrency, options.round()).await?);
        }
        let theirs = middle(rounds).context("no round was measured")?;
        progress(format!("{concurrency} at a time: {:.0} logins/s", theirs.per_second));
        let case = [("at a time", concurrency.to_string())];
        let ours = report.figure("logins", &case, "logins");
        let row =
            compare(logins::throughput_row("baseline-logins", concurrency, &theirs), "logins", ours, Better::More);
        outcomes.push(if concurrency == 64 { row.target(RATIO, Wanted::AtLeast(20.0)) } else { row });
    }
    let pages = page::throughput(async || Deployment::tutorial(options).await, options).await?;
    let ours = report.figure("page", &[], "pages");
    outcomes.push(compare(page::row("baseline-page", &pages), "pages", ours, Better::More));
    for count in [1_000, 10_000] {
        const TABLE: &str = "baseline-waiting";
        let tutorial = Deployment::tutorial(options).await?;
        let row = match waiting::cell(options, &tutorial, TABLE, Transport::Poll, count).await {
            Ok(row) => row,
            // A failure is a result, too.
            Err(why) => row_of_waiting(TABLE, Transport::Poll, count).note(format!("it did not bear that: {why:#}")),
        };
        let ours = report.figure("waiting", &by_socket(count), "each (RSS)");
        outcomes.push(compare(row, "each (RSS)", ours, Better::Less));
    }
    for count in [1, 1_000] {
        let tutorial = Deployment::tutorial(options).await?;
        let row = reaction::cell(options, &tutorial, "baseline-reaction", Transport::Poll, count).await?;
        let ours = report.figure("reaction", &by_socket(count), "signed in p50");
        outcomes.push(compare(row, "signed in p50", ours, Better::Less));
    }
    Ok(outcomes)
}

fn by_socket(waiting: usize) -> [(&'static str, String); 2] {
    [("transport", Transport::WebSocket.to_string()), ("waiting PCs", waiting.to_string())]
}
