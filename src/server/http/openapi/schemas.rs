//! The schemas of JSON answers, and their examples, in which each field has its own.

mod oauth;
mod own;

use super::field::{Field, reference, word};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, RefOr, Schema};

/// A schema's name, and its fields.
type Table = &'static [(&'static str, &'static [Field])];

pub(super) const JWT: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiI….…";
pub(super) const SCOPE: &str = "openid profile email";
pub(super) const BEARER: Field = word("token_type", &["Bearer"], "How to send it.");

fn all() -> impl Iterator<Item = &'static (&'static str, &'static [Field])> {
    own::TABLE.iter().chain(oauth::TABLE)
}

fn fields(name: &str) -> &'static [Field] {
    all().find(|(known, _)| *known == name).map_or(&[], |(_, fields)| *fields)
}

/// Adds all schemas.
pub(super) fn add(mut components: ComponentsBuilder) -> ComponentsBuilder {
    for (name, fields) in all() {
        let mut object = ObjectBuilder::new().schema_type(Type::Object);
        for field in *fields {
            object = object.property(field.name, field.schema());
            if field.is_required {
                object = object.required(field.name);
            }
        }
        components = components.schema(*name, object);
    }
    components
}

/// Returns the example of a schema. Our schemas do not contain themselves.
pub(super) fn example(name: &str) -> Value {
    let of_key = |field: &&Field| name != "Key" || !["crv", "x"].contains(&field.name);
    let pairs = fields(name).iter().filter(of_key).map(|field| (field.name.to_owned(), field.example(&example)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// Returns a reference to a schema, which must be in the table.
pub(super) fn named(name: &str) -> RefOr<Schema> {
    debug_assert!(all().any(|(known, _)| *known == name), "there is no schema {name}");
    reference(name)
}
