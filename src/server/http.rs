//! The HTTP layer: everything that is not a server function, and the middleware around those that are.

pub mod api;
pub mod assets;
pub mod connections;
pub mod cors;
pub mod form;
pub mod forward_auth;
pub mod headers;
pub mod health;
pub mod host;
pub mod language;
pub mod manifest;
pub mod navigation;
pub mod oauth;
pub mod openapi;
pub mod pages;
pub mod picture;
pub mod providers;
pub mod render;
pub mod site;
pub mod upload;
pub mod well_known;
pub mod ws;

use super::client::Client;
use super::context::RequestContext;
use super::state::AppState;
use crate::error::ErrorCode;
use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode};
use leptos_axum::ResponseOptions;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

impl<S> FromRequestParts<S> for RequestContext
where
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let app = AppState::from_ref(state);
        Ok(Self {
            client: Arc::new(Client::new(peer(&parts.extensions), &parts.headers, &app)),
            app,
            response: ResponseOptions::default(),
        })
    }
}

/// Returns the peer address of the connection.
fn peer(extensions: &Extensions) -> IpAddr {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}

/// Returns the HTTP status of an error.
pub fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}
