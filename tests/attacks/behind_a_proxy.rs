//! Sites behind a proxy, for attacks on them: the proxy's part is played by the test.

#[path = "../samples/certificate.rs"]
pub mod certificate;
#[path = "../proxies/checks.rs"]
pub mod checks;
#[path = "../proxies/doors.rs"]
mod doors;
#[path = "../samples/echo.rs"]
pub mod echo;
#[path = "../proxies/engine.rs"]
mod engine;
#[path = "../proxies/gate.rs"]
pub mod gate;
#[path = "../samples/https.rs"]
pub mod https;
#[path = "../proxies/visitor.rs"]
mod visitor;

use super::server;
