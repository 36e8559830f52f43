//! The signals that the server acts on: SIGTERM and SIGINT stop it, SIGHUP reads the apps again.

use service::clients::{self, Registry};
use std::path::PathBuf;
use tokio::sync::oneshot;

/// Returns at the signal to stop. Until then, each SIGHUP reads the file of apps again; one that is not valid changes
/// nothing. `listens` is told once the signals are handled.
#[cfg(unix)]
pub async fn until_stop(file: Option<PathBuf>, registry: Registry, listens: oneshot::Sender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, reload) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let reloading = async {
        if let Ok(mut reload) = reload {
            while reload.recv().await.is_some() {
                read_again(file.clone(), registry.clone()).await;
            }
        }
        std::future::pending().await
    };
    // No receiver is left: the server is already shutting down.
    let _ = listens.send(());
    let terminated = async {
        match terminate {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
        () = reloading => {}
    }
}

/// The same where only Ctrl-C exists.
#[cfg(not(unix))]
pub async fn until_stop(_: Option<PathBuf>, _: Registry, listens: oneshot::Sender<()>) {
    let _ = listens.send(());
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(unix)]
async fn read_again(file: Option<PathBuf>, registry: Registry) {
    let Some(file) = file else {
        tracing::info!("nothing to reload: QR_LOGIN_CLIENTS_FILE is not set");
        return;
    };
    match tokio::task::spawn_blocking(move || clients::load(&file)).await {
        Ok(Ok(clients)) => {
            let summary = clients.summary();
            for warning in clients.warnings() {
                tracing::warn!("QR_LOGIN_CLIENTS_FILE: {warning}");
            }
            let changes = registry.replace(clients);
            tracing::info!(%changes, "reloaded the apps: {summary}");
        }
        Ok(Err(error)) => tracing::error!(%error, "the apps stay as they were"),
        Err(error) => tracing::error!(%error, "the apps stay as they were"),
    }
}
