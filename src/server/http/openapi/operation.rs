//! Translates an endpoint.

use super::BEARER;
use super::endpoint::{Endpoint, Kind};
use super::field::{Field, Of, Place};
use super::responses::{device_id, responses};
use super::schemas::example;
use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, HttpMethod, Required};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// That of a form with a file (RFC 7578).
const FORM_WITH_FILE: &str = "multipart/form-data";

/// Returns the name of a method in the document.
pub(super) const fn name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Delete => "delete",
        HttpMethod::Options => "options",
        HttpMethod::Head => "head",
        HttpMethod::Patch => "patch",
        _ => "trace",
    }
}

/// Returns the unique name of an operation, such as `post_api_qrcode_scan`.
pub(super) fn id(endpoint: &Endpoint, method: &HttpMethod) -> String {
    let path = endpoint.path();
    let words: Vec<_> =
        path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = [&[name(method)], &words[..]].concat().join("_");
    // The two paths of Envoy would have the same name.
    if path.len() > 1 && path.ends_with('/') { format!("{name}_root") } else { name }
}

/// Translates an endpoint, for one of its methods.
pub(super) fn operation(area: &str, endpoint: &Endpoint, method: &HttpMethod) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(id(endpoint, method)))
        .tag(area)
        .summary(Some(endpoint.summary))
        .description(Some(endpoint.about));
    let is_form = *method == HttpMethod::Post;
    for field in endpoint.input {
        let place = match field.place {
            Place::Usual if is_form => continue,
            Place::Usual => ParameterIn::Query,
            Place::Path => ParameterIn::Path,
            Place::Header => ParameterIn::Header,
        };
        operation = operation.parameter(parameter(field, place));
    }
    if is_form {
        let fields: Vec<_> = endpoint.input.iter().filter(|field| field.place == Place::Usual).collect();
        operation = operation.request_body((!fields.is_empty()).then(|| form(&fields, endpoint.kind)));
    }
    if endpoint.callers.contains(&BEARER) {
        operation = operation.parameter_ref(device_id());
    }
    for caller in endpoint.callers {
        operation = operation.security(match *caller {
            "" => SecurityRequirement::default(),
            scheme => SecurityRequirement::new(scheme, [""; 0]),
        });
    }
    for (status, response) in responses(endpoint, method) {
        operation = operation.response(status, response);
    }
    operation.build()
}

fn parameter(field: &Field, place: ParameterIn) -> Parameter {
    ParameterBuilder::new()
        .name(field.name)
        .parameter_in(place)
        .required(if field.is_required { Required::True } else { Required::False })
        .description(Some(field.about))
        .schema(Some(field.schema()))
        .example(Some(field.example(&example)).filter(|value| *value != ""))
        .build()
}

fn form(fields: &[&Field], kind: Kind) -> RequestBody {
    let mut form = ObjectBuilder::new().schema_type(Type::Object);
    if kind == Kind::Api || kind == Kind::Program {
        // Fields that are not known are ignored. Any field may be there once.
        form = form.additional_properties(Some(ObjectBuilder::new().schema_type(Type::String)));
    }
    let mut sample = Map::new();
    let mut is_required = false;
    for field in fields {
        form = form.property(field.name, field.schema());
        if field.is_required {
            form = form.required(field.name);
            is_required = true;
        }
        if field.is_shown {
            sample.insert(field.name.to_owned(), field.example(&example));
        }
    }
    let content = ContentBuilder::new().schema(Some(form)).example(Some(Value::Object(sample))).build();
    let required = if is_required { Required::True } else { Required::False };
    let media_type = if fields.iter().any(|field| matches!(field.of, Of::File)) { FORM_WITH_FILE } else { FORM };
    RequestBodyBuilder::new().required(Some(required)).content(media_type, content).build()
}
