//! Load tests of the release binary. `make bench` runs them.
//!
//! `measure` has one module per question. They start what they measure through `deployment`, talk to it through `site`,
//! `line` and `herd`, and return `report::Outcome`s, which `report` prints, stores and draws. `device`, `apps`
//! and `forward_auth` talk to servers themselves, because their steps are others.

#![allow(unreachable_pub, missing_docs, reason = "a program has no public interface")]

mod apps;
mod bare_axum;
mod browser;
mod cores;
mod deployment;
mod device;
mod engine;
mod flood;
mod forward_auth;
mod headers;
mod herd;
mod line;
mod login;
mod measure;
mod options;
mod phone;
mod process;
mod report;
mod sampler;
mod site;
mod stats;
mod throughput;
mod usage;

use anyhow::{Context, Result, bail};
use cores::Cores;
use options::Options;
use report::Report;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, sizes)) if first == bare_axum::SUBCOMMAND => bare_axum::serve(sizes),
        Some((first, _)) => Err(anyhow::anyhow!("unknown argument {first}: the driver is steered by ONLY and QUICK")),
        None => drive(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn drive() -> Result<()> {
    let cores = Cores::allowed()?;
    let options = Options::read(cores)?;
    options.cores.pin_this_process()?;
    runtime(options.cores.for_the_driver())?.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt()).context("listening for signals")?;
        let mut terminate = signal(SignalKind::terminate()).context("listening for signals")?;
        // Whichever finishes first, dropping the measurement stops the processes that it started.
        tokio::select! {
            outcome = measure_all(&options) => outcome,
            _ = interrupt.recv() => bail!("interrupted"),
            _ = terminate.recv() => bail!("terminated"),
        }
    })
}

/// On one core, separate threads would only cost context switches.
fn runtime(cores: usize) -> Result<Runtime> {
    let mut builder = if cores == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.worker_threads(cores).enable_all().build().context("starting the driver's runtime")
}

async fn measure_all(options: &Options) -> Result<()> {
    let mut report = Report::open(options)?;
    for name in options.wanted() {
        eprintln!("==> {name}");
        let outcomes = measure::run(name, options, &report).await.with_context(|| format!("measuring {name}"))?;
        report.keep(name, outcomes)?;
    }
    report.write()
}
