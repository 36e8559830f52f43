//! The parts of an endpoint that say what goes in and what comes out.

use crate::html::escape;
use serde_json::Value;

/// Escapes prose, in which names are between backticks.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }).collect()
}

/// Escapes a path, which may break after each slash.
pub(super) fn breakable(path: &str) -> String {
    escape(path).replace('/', "/<wbr>").replacen("<wbr>", "", 1)
}

/// Returns the name of a security scheme in words.
pub(super) fn words(name: &str) -> String {
    let words = name.replace("pc", "PC").replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Who may call it.
pub(super) fn callers(operation: &Value) -> String {
    let schemes = operation["security"].as_array().into_iter().flatten();
    let names: Vec<_> = schemes
        .map(|scheme| match scheme.as_object().and_then(|scheme| scheme.keys().next()) {
            Some(name) => format!("<a href=\"#scheme-{name}\">{}</a>", words(name)),
            None => "nothing".to_owned(),
        })
        .collect();
    if names.is_empty() { String::new() } else { format!("<p class=\"needs\">Needs {}</p>", names.join(" or ")) }
}

fn row(name: &str, tags: &[&str], kind: &str, about: &str) -> String {
    let tags: String = tags.iter().map(|tag| format!("<span class=\"tag\">{tag}</span>")).collect();
    format!(
        "<div><dt><code>{}</code>{tags}</dt><dd>{}<span class=\"kind\">{kind}</span></dd></div>",
        escape(name),
        prose(about)
    )
}

fn list(heading: &str, rows: &str) -> String {
    if rows.is_empty() { String::new() } else { format!("<h3>{heading}</h3><dl class=\"fields\">{rows}</dl>") }
}

/// What a request has: parameters, then the fields of its form.
pub(super) fn fields(document: &Value, operation: &Value) -> String {
    let mut parameters = String::new();
    for given in operation["parameters"].as_array().into_iter().flatten() {
        let given = match given["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(given),
            None => given,
        };
        let place = given["in"].as_str().unwrap_or_default();
        let required = if given["required"] == true { "required" } else { "optional" };
        let text = |key: &str| given[key].as_str().unwrap_or_default();
        parameters += &row(text("name"), &[place, required], &kind(&given["schema"]), text("description"));
    }
    let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
    let rows: String = rows(form);
    format!("{}{}", list("Parameters", &parameters), list("Form", &rows))
}

/// The fields of a type.
pub(super) fn properties(schema: &Value) -> String {
    format!("<dl class=\"fields\">{}</dl>", rows(schema))
}

fn rows(schema: &Value) -> String {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names =
        schema["properties"].as_object().into_iter().flat_map(|properties| properties.keys().map(String::as_str));
    let optional = names.filter(|name| !required.contains(name)).map(|name| (name, "optional"));
    // Those that are required have an order.
    let all = required.iter().map(|name| (*name, "required")).chain(optional);
    all.map(|(name, tag)| {
        let property = &schema["properties"][name];
        row(name, &[tag], &kind(property), property["description"].as_str().unwrap_or_default())
    })
    .collect()
}

/// What a value may be, in words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .filter_map(Value::as_str)
            .map(|word| format!("<code>{}</code>", escape(word)))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let named = types.into_iter().map(|name| match (name, schema["format"].as_str()) {
        ("array", _) => format!("list of {}", kind(&schema["items"])),
        ("string", Some("uuid")) => "UUID".to_owned(),
        ("string", Some("date-time")) => "time (RFC 3339)".to_owned(),
        ("string", _) => "text".to_owned(),
        ("integer", _) => "number".to_owned(),
        ("boolean", _) => "<code>true</code> or <code>false</code>".to_owned(),
        (other, _) => other.to_owned(),
    });
    named.collect::<Vec<_>>().join(" or ")
}

/// What may come back, by status.
pub(super) fn responses(operation: &Value) -> String {
    let mut html = String::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let class = status.chars().next().unwrap_or('0');
        let about: String = response["description"]
            .as_str()
            .unwrap_or_default()
            .split("\n\n")
            .map(|line| format!("<p>{}</p>", prose(line)))
            .collect();
        html += &format!(
            "<div><dt><b class=\"status s{class}\">{status}</b></dt><dd>{about}{}{}</dd></div>",
            bodies(response),
            headers(response)
        );
    }
    format!("<h3>Answers</h3><dl class=\"answers\">{html}</dl>")
}

fn bodies(response: &Value) -> String {
    let contents = response["content"].as_object().into_iter().flatten();
    let named: Vec<_> = contents
        .map(|(media_type, content)| match media_type.as_str() {
            "application/json" => format!("JSON: {}", kind(&content["schema"])),
            "text/html" => "HTML".to_owned(),
            other => format!("<code>{}</code>", escape(other)),
        })
        .collect();
    if named.is_empty() { String::new() } else { format!("<span class=\"kind\">{}</span>", named.join(", or ")) }
}

fn headers(response: &Value) -> String {
    let headers = response["headers"].as_object().into_iter().flatten();
    let named = headers.map(|(name, header)| {
        format!(
            "<span class=\"kind\"><code>{}</code> {}</span>",
            escape(name),
            prose(header["description"].as_str().unwrap_or_default())
        )
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_prose_are_marked_and_all_of_it_is_escaped() {
        assert_eq!(prose("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
        assert_eq!(breakable("/api/apps"), "/api/<wbr>apps");
        assert_eq!((words("pc_cookie").as_str(), words("access_token").as_str()), ("PC cookie", "Access token"));
    }
}
