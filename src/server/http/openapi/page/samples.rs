//! The examples beside an endpoint: a request by curl, and what comes back.

use super::super::schemas::example;
use crate::html::escape;
use serde_json::Value;

fn panel(heading: &str, text: &str) -> String {
    format!(
        "<figure><figcaption>{heading}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>",
        escape(text)
    )
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The examples of an operation.
pub(super) fn samples(document: &Value, path: &str, method: &str) -> String {
    let operation = &document["paths"][path][method];
    let mut html = panel("Request", &curl(document, path, method));
    let mut has_error = false;
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let content = &response["content"]["application/json"];
        let examples = content["examples"].as_object();
        if let Some(value) = content.get("example") {
            html += &panel(status, &pretty(value));
        } else if let Some((_, first)) = examples.and_then(|examples| examples.iter().next()).filter(|_| !has_error) {
            has_error = true;
            html += &panel(status, &pretty(&first["value"]));
        } else if status.starts_with(['2', '3']) && !response["headers"].is_null() && content.is_null() {
            html += &panel(status, &headers(response));
        }
    }
    html
}

/// The example of a type.
pub(super) fn of_type(name: &str) -> String {
    panel("Example", &pretty(&example(name)))
}

fn headers(response: &Value) -> String {
    let headers = response["headers"].as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    headers.map(|(name, header)| format!("{name}: {}", text(&header["example"]))).collect::<Vec<_>>().join("\n")
}

/// Returns a command that sends the request, with what it must have.
fn curl(document: &Value, path: &str, method: &str) -> String {
    let operation = &document["paths"][path][method];
    let server = document["servers"][0]["url"].as_str().unwrap_or_default();
    let mut url = format!("{server}{path}");
    let mut options = Vec::new();
    let mut query = Vec::new();
    for given in operation["parameters"].as_array().into_iter().flatten() {
        let name = given["name"].as_str().unwrap_or_default();
        let value = given["example"].as_str().unwrap_or_default();
        match given["in"].as_str() {
            Some("path") => url = url.replace(&format!("{{{name}}}"), value),
            Some("query") if given["required"] == true => query.push(datum(name, value)),
            Some("header") if name.starts_with("X-") => {
                options.push(format!("-H {}", quoted(&format!("{name}: {value}"))))
            }
            _ => {}
        }
    }
    if operation["responses"].get("101").is_some() {
        url = url.replacen("http", "ws", 1);
    }
    let mut lines = match method {
        "get" if query.is_empty() => vec![format!("curl {}", quoted(&url))],
        "get" => vec![format!("curl -G {}", quoted(&url))],
        "post" => vec![format!("curl -X POST {}", quoted(&url))],
        other => vec![format!("curl -X {} {}", other.to_uppercase(), quoted(&url))],
    };
    lines.extend(credentials(document, operation));
    lines.extend(options);
    lines.extend(query);
    let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
    let required: Vec<_> =
        form["schema"]["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let shown = form["example"].as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str));
    let others: Vec<_> = shown.filter(|name| !required.contains(name)).collect();
    let names = required.into_iter().chain(others);
    lines.extend(names.map(|name| datum(name, form["example"][name].as_str().unwrap_or_default())));
    lines.join(" \\\n  ")
}

/// The options by which the first of its callers authenticates.
fn credentials(document: &Value, operation: &Value) -> Vec<String> {
    let Some(name) = operation["security"][0].as_object().and_then(|scheme| scheme.keys().next()) else {
        return Vec::new();
    };
    let scheme = &document["components"]["securitySchemes"][name];
    match (scheme["scheme"].as_str(), scheme["name"].as_str()) {
        (Some("basic"), _) => vec!["-u \"$CLIENT_ID:$CLIENT_SECRET\"".to_owned()],
        (Some(_), _) => vec!["-H \"Authorization: Bearer $TOKEN\"".to_owned()],
        (None, cookie) => vec![format!("-b \"{}=$COOKIE\"", cookie.unwrap_or_default())],
    }
}

fn datum(name: &str, value: &str) -> String {
    let is_plain = value.chars().all(|letter| letter.is_ascii_alphanumeric() || "._~-".contains(letter));
    match is_plain {
        true => format!("-d {name}={value}"),
        false => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
    }
}

/// Quotes text for a shell, if it needs to be.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._~-/:=,@%+".contains(letter));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_word_of_the_shell() {
        assert_eq!(quoted("a b'c"), "'a b'\\''c'");
        assert_eq!(datum("next", "/a?b=c"), "--data-urlencode 'next=/a?b=c'");
        assert_eq!(datum("id", "1-2"), "-d id=1-2");
    }
}
