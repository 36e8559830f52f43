//! The server with a manual clock, for tests that cannot wait. It takes the same command line as the program. A number
//! on a line of standard input advances the clock by that many seconds; the response is a line on standard output.
//!
//! Not part of a release: no setting moves the clock of `qr-login`.

use clock::{Clock, ClockHand};
use qr_login::server::cli::{self, Cli};
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    let (clock, hand) = Clock::manual();
    thread::spawn(move || follow_orders(&hand));
    match cli::run(Cli::read(), clock).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("manual_clock: {error}");
            ExitCode::FAILURE
        }
    }
}

fn follow_orders(hand: &ClockHand) {
    for line in io::stdin().lines().map_while(Result::ok) {
        match line.trim().parse() {
            Ok(seconds) => {
                hand.advance(Duration::from_secs(seconds));
                println!("moved by {seconds} s");
            }
            Err(_) => eprintln!("manual_clock: not a number of seconds: {line}"),
        }
    }
    // Standard input has ended: the clock stands still from now on.
    loop {
        thread::park();
    }
}
