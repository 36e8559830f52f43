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

/// Arguments as `Arguments` encodes them (`GetUrl` or `PostUrl`), answers as JSON: on the server by [`Http`], in the
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
        // Arguments are texts and names, and those are never refused.
        let fields = serde_urlencoded::to_string(&input).unwrap_or_default();
        let is_post = Arguments::METHOD == Method::POST;
        // A page has one thread.
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

/// Without the words, which no island shows.
fn failure(code: ErrorCode) -> ApiError {
    ApiError { code, message: String::new(), retry_after: None }
}

/// Whether the server did what was asked, and its answer. Fails where no answer came, or one that is not JSON: then
/// something on the way spoke in the server's place.
async fn exchange(is_post: bool, path: &str, fields: &str) -> Result<(bool, JsValue), JsValue> {
    let abort = AbortOnDrop(AbortController::new()?);
    let request = RequestInit::new();
    request.set_signal(Some(&abort.0.signal()));
    let answer = if is_post {
        request.set_method("POST");
        // Of such a body the browser itself says that it is a form.
        request.set_body_opt_url_search_params(Some(&UrlSearchParams::new_with_str(fields)?));
        window().fetch_with_str_and_init(path, &request)
    } else {
        window().fetch_with_str_and_init(&[path, fields].join("?"), &request)
    };
    let response: Response = JsFuture::from(answer).await?.unchecked_into();
    let body = JsFuture::from(response.json()?).await?;
    Ok((response.ok(), body))
}

/// Aborts the request when its future is dropped, such as a long poll's: the server allows few of them.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // After the answer this does nothing.
        self.0.abort();
    }
}
