//! The protocol between islands and server functions.

use super::json::FromJson;
use crate::error::{ApiError, ErrorCode};
use http::Method;
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use serde::Serialize;
use server_fn::client::Client;
use server_fn::codec::{Encoding, Json};
use server_fn::server::Server;
use server_fn::{Http, Protocol};
use std::marker::PhantomData;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response, UrlSearchParams};

/// Arguments as `Arguments` encodes them (`GetUrl` or `PostUrl`), responses as JSON: on the server by [`Http`], in the
/// browser by `fetch` and [`FromJson`].
pub struct Fetch<Arguments>(PhantomData<Arguments>);

impl<Arguments, Input, Output, C, S> Protocol<Input, Output, C, S, ApiError> for Fetch<Arguments>
where
    Arguments: Encoding,
    Input: Serialize,
    Output: FromJson,
    C: Client<ApiError>,
    S: Server<ApiError>,
    Http<Arguments, Json>: Protocol<Input, Output, C, S, ApiError>,
{
    const METHOD: Method = Arguments::METHOD;

    fn run_server<F, Fut>(
        request: S::Request,
        server_fn: F,
    ) -> impl Future<Output = Result<S::Response, ApiError>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, ApiError>> + Send,
    {
        <Http<Arguments, Json> as Protocol<Input, Output, C, S, ApiError>>::run_server(request, server_fn)
    }

    fn run_client(path: &str, input: Input) -> impl Future<Output = Result<Output, ApiError>> + Send {
        // Arguments are strings and unit variants, which always serialise.
        let fields = serde_urlencoded::to_string(&input).unwrap_or_default();
        let is_post = Arguments::METHOD == Method::POST;
        // A page is single-threaded.
        SendWrapper::new(async move {
            match exchange(is_post, path, &fields).await {
                Ok((true, body)) => Output::from_json(&body).ok_or_else(|| failure(ErrorCode::InvalidRequest)),
                Ok((false, body)) => {
                    Err(ApiError::from_json(&body).unwrap_or_else(|| failure(ErrorCode::InvalidRequest)))
                }
                Err(_) => Err(failure(ErrorCode::Unreachable)),
            }
        })
    }
}

/// Without a message, because no island shows one.
fn failure(code: ErrorCode) -> ApiError {
    ApiError { code, message: String::new(), retry_after: None }
}

/// Returns whether the request succeeded, and its response body. Fails if there is no response, or if it is not JSON:
/// then an intermediary responded instead of the server.
async fn exchange(is_post: bool, path: &str, fields: &str) -> Result<(bool, JsValue), JsValue> {
    let abort = AbortOnDrop(AbortController::new()?);
    let request = RequestInit::new();
    request.set_signal(Some(&abort.0.signal()));
    let answer = if is_post {
        request.set_method("POST");
        // For such a body the browser itself sets the content type of a form.
        request.set_body_opt_url_search_params(Some(&UrlSearchParams::new_with_str(fields)?));
        window().fetch_with_str_and_init(path, &request)
    } else {
        window().fetch_with_str_and_init(&[path, fields].join("?"), &request)
    };
    let response: Response = JsFuture::from(answer).await?.unchecked_into();
    let body = JsFuture::from(response.json()?).await?;
    Ok((response.ok(), body))
}

/// Aborts the request when its future is dropped, for example a long poll: the server allows only a few of them.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // No effect once the response has arrived.
        self.0.abort();
    }
}
