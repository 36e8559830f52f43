//! The baseline: bare axum handlers whose responses are as long as the real ones.

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::post;
use axum::serve::ListenerExt;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// The driver's hidden argument that makes it this server; the sizes follow.
pub const SUBCOMMAND: &str = "bare-axum";

/// Returns the path whose response has the body with that number.
pub fn path(number: usize) -> String {
    format!("/{number}")
}

/// Serves until the process is stopped.
pub fn serve(sizes: &[String]) -> Result<()> {
    let mut router = Router::new();
    for (number, size) in sizes.iter().enumerate() {
        let size = size.parse().with_context(|| format!("{size} is no size"))?;
        let body = Bytes::from(vec![b'x'; size]);
        // Reads the request's body, as any server must.
        let answer = async move |_: Bytes| ([(header::CONTENT_TYPE, "application/json")], body);
        router = router.route(&path(number), post(answer.clone()).get(answer));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting a runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listening")?;
        println!("http://{}", listener.local_addr().context("listening")?);
        let listener = listener.tap_io(|socket| {
            let _ = socket.set_nodelay(true);
        });
        axum::serve(listener, router).await.context("serving")
    })
}
