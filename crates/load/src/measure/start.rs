//! How soon a new process responds, and how much memory it has before the first request.

use super::progress;
use super::waiting::MIB;
use crate::cores::Place;
use crate::deployment::{folder, unset};
use crate::engine::free_port;
use crate::line::{Line, connect};
use crate::options::Options;
use crate::process::{Process, START};
use crate::report::{Outcome, Wanted};
use crate::stats::Spread;
use crate::usage::memory;
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

/// By then any work after startup is done.
const REST: Duration = Duration::from_secs(5);
/// Pause between two probes.
const PAUSE: Duration = Duration::from_millis(1);
/// Source address of the probes. A connection to a port of the same address without a listener may connect to
/// itself; one from another address cannot.
const ASKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub async fn measure(options: &Options) -> Result<Vec<Outcome>> {
    let starts = options.pick(20, 5);
    let (mut with_new, mut with_old) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        let home = folder()?;
        with_new.push(start(options, home.path()).await?.1);
        with_old.push(start(options, home.path()).await?.1);
    }
    let mut outcomes = Vec::new();
    for (database, times) in [("new", with_new), ("existing", with_old)] {
        let home = folder()?;
        if database == "existing" {
            start(options, home.path()).await?;
        }
        let (process, _) = start(options, home.path()).await?;
        tokio::time::sleep(REST).await;
        let rss = memory(process.pid())?.rss / MIB;
        let times = Spread::of(times);
        let median = times.percentile(50.0);
        progress(format!("{database} database: {median:.1} ms until it answers, {rss:.1} MiB"));
        let outcome = Outcome::of("start").case("database", database).case("starts", starts);
        let outcome =
            outcome.figure("p50", "ms", median).figure("max", "ms", times.max()).figure("RSS at rest", "MiB", rss);
        outcomes.push(outcome.target("p50", Wanted::Below(50.0)).target("RSS at rest", Wanted::Below(25.0)));
    }
    Ok(outcomes)
}

/// Starts the server as on a real site, with its database and its key in `home`, and returns how long it took to
/// respond.
async fn start(options: &Options, home: &Path) -> Result<(Process, Duration)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    let mut command = unset(options, Place::Measured);
    command
        .env("QR_LOGIN_ADDR", address.to_string())
        .env("QR_LOGIN_DATABASE_URL", format!("sqlite://{}", home.join("bench.db").display()));
    let begin = Instant::now();
    let mut process = Process::start("qr-login", command, home)?;
    let stream = loop {
        match connect(address, Some(ASKER)).await {
            Ok(stream) => break stream,
            Err(_) => process.check(begin + START)?,
        }
        tokio::time::sleep(PAUSE).await;
    };
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n");
    Line::over(stream).ask(&request).await?.ok().context("the first answer")?;
    Ok((process, begin.elapsed()))
}
