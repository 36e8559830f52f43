//! Compares answers with the description of the endpoints (OpenAPI). It knows the part of JSON Schema that our document
//! uses, and panics at anything else; it is stricter in that an object may have no member that is not described.

use crate::client::Answer;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// The description of a server's endpoints.
#[derive(Debug)]
pub struct Contract {
    document: Value,
}

impl Contract {
    pub fn new(document: Value) -> Self {
        Self { document }
    }

    /// Returns all operations: path, method, and what is said of them.
    pub fn operations(&self) -> impl Iterator<Item = (&String, &String, &Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
        })
    }

    /// Checks that an answer is as described: its status, its media type, its headers and its JSON.
    #[track_caller]
    pub fn holds(&self, method: &Method, path: &str, answer: &Answer) {
        let operation = &self.document["paths"][path][method.as_str().to_lowercase()];
        let status = answer.status.as_str();
        let what = format!("{method} {path}: {status}");
        let response = &operation["responses"][status];
        assert!(response.is_object(), "{what} is not described: {}", answer.body);
        let media_type = answer.header("content-type");
        let media_type = media_type.split(';').next().unwrap();
        if answer.body.is_empty() {
            assert_eq!(media_type, "", "{what}");
        } else {
            let content = &response["content"][media_type];
            assert!(content.is_object(), "{what}: {media_type} is not described");
            if media_type == "application/json" {
                if let Err(error) = self.check(&content["schema"], &answer.json()) {
                    panic!("{what}: {error}");
                }
                self.has_code(&what, content, &answer.json());
            }
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let is_given = answer.headers.contains_key(name.as_str());
            assert!(is_given || header["required"] != true, "{what}: no {name}");
        }
    }

    /// An error's code is one of those that are described for the status.
    #[track_caller]
    fn has_code(&self, what: &str, content: &Value, body: &Value) {
        let Some(examples) = content["examples"].as_object() else { return };
        let code = body["code"].as_str().or(body["error"].as_str()).unwrap();
        assert!(examples.contains_key(code), "{what}: {code} is not described");
    }

    /// Checks every example in the document by its schema, and returns how many there are.
    pub fn check_examples(&self) -> usize {
        let mut count = 0;
        for (path, method, operation) in self.operations() {
            let mut check = |schema: &Value, example: &Value| {
                count += 1;
                self.check(schema, example).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
            };
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if let Some(example) = parameter.get("example") {
                    check(&parameter["schema"], example);
                }
            }
            let responses = operation["responses"].as_object().unwrap().values();
            for holder in responses.chain([&operation["requestBody"]]) {
                for content in holder["content"].as_object().into_iter().flat_map(|contents| contents.values()) {
                    let named =
                        content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
                    for example in content.get("example").into_iter().chain(named) {
                        check(&content["schema"], example);
                    }
                }
                for header in holder["headers"].as_object().into_iter().flat_map(|headers| headers.values()) {
                    check(&header["schema"], &header["example"]);
                }
            }
        }
        count
    }

    /// Checks a value by a schema.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let found = self.document.pointer(reference.trim_start_matches('#'));
            return self.check(found.ok_or(format!("{reference} does not exist"))?, value);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let good = choices.iter().filter(|choice| self.check(choice, value).is_ok()).count();
            return if good == 1 { Ok(()) } else { Err(format!("{value} matches {good} of {schema}")) };
        }
        // Of `additionalProperties` only forms make use.
        let known = [
            "type",
            "description",
            "format",
            "pattern",
            "enum",
            "minimum",
            "items",
            "properties",
            "required",
            "example",
            "additionalProperties",
        ];
        for key in schema.as_object().ok_or(format!("no schema for {value}"))?.keys() {
            assert!(known.contains(&key.as_str()), "this test does not know `{key}`");
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        if !types.iter().any(|name| is_a(name, value)) {
            return Err(format!("{value} is no {types:?}"));
        }
        match value {
            Value::String(text) => check_text(schema, text),
            Value::Number(number) if number.as_f64() < schema["minimum"].as_f64() => {
                Err(format!("{number} is too small"))
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.check(&schema["items"], item)),
            Value::Object(members) if schema["properties"].is_object() => {
                let names: BTreeSet<_> = members.keys().map(String::as_str).collect();
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                if let Some(missing) = required.into_iter().find(|name| !names.contains(name)) {
                    return Err(format!("{missing} is missing in {value}"));
                }
                members.iter().try_for_each(|(name, member)| match schema["properties"].get(name) {
                    Some(property) => self.check(property, member).map_err(|error| format!("{name}: {error}")),
                    None => Err(format!("{name} is not described")),
                })
            }
            _ => Ok(()),
        }
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("this test does not know the type {other}"),
    }
}

fn check_text(schema: &Value, text: &str) -> Result<(), String> {
    let is_good = match schema["format"].as_str() {
        Some("uuid") => text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]),
        Some("date-time") => text.contains('T') && text.ends_with('Z'),
        Some("binary") | None => true,
        Some(other) => panic!("this test does not know the format {other}"),
    };
    let words = schema["enum"].as_array();
    let is_word = words.is_none_or(|words| words.iter().any(|word| word == text));
    if is_good && is_word { Ok(()) } else { Err(format!("{text:?} is not what {schema} says")) }
}
