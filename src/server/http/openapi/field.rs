//! A field of a request or of a response: what it is called, what it may be, and an example.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// The id in all examples.
const ID: &str = "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a";

/// What a value may be.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// Text.
    Text,
    /// Text that matches this regular expression.
    Pattern(&'static str),
    /// A UUID.
    Id,
    /// A time (RFC 3339).
    Time,
    /// A whole number that is not negative.
    Number,
    /// Yes or no.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A JSON object that is not described further.
    Json,
    /// A list of texts.
    Texts,
    /// The contents of a file, in a form with parts (RFC 7578).
    File,
    /// A schema of the document.
    Object(&'static str),
    /// A list of a schema of the document.
    List(&'static str),
}

/// Where a request has a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the query of a `GET`, in the form of a `POST`.
    Usual,
    /// In the path.
    Path,
    /// In a header.
    Header,
}

/// A field.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// What it may be.
    pub(super) of: Of,
    /// The text, or the JSON of anything else.
    example: &'static str,
    /// What it is for.
    pub(super) about: &'static str,
    /// Whether it is always there.
    pub(super) is_required: bool,
    may_be_null: bool,
    /// Whether the example of a form has it.
    pub(super) is_shown: bool,
    /// Where it is in a request.
    pub(super) place: Place,
}

/// Describes a field that is always there.
pub(super) const fn field(name: &'static str, of: Of, example: &'static str, about: &'static str) -> Field {
    Field { name, of, example, about, is_required: true, may_be_null: false, is_shown: true, place: Place::Usual }
}

/// Describes text.
pub(super) const fn text(name: &'static str, example: &'static str, about: &'static str) -> Field {
    field(name, Of::Text, example, about)
}

/// Describes an id.
pub(super) const fn id(name: &'static str, about: &'static str) -> Field {
    field(name, Of::Id, ID, about)
}

/// Describes a number.
pub(super) const fn number(name: &'static str, example: &'static str, about: &'static str) -> Field {
    field(name, Of::Number, example, about)
}

/// Describes a yes or no.
pub(super) const fn flag(name: &'static str, example: &'static str, about: &'static str) -> Field {
    field(name, Of::Flag, example, about)
}

/// Describes one of several words; the first is the example.
pub(super) const fn word(name: &'static str, words: &'static [&'static str], about: &'static str) -> Field {
    field(name, Of::Word(words), words[0], about)
}

/// Describes the file of a form.
pub(super) const fn file(name: &'static str, about: &'static str) -> Field {
    field(name, Of::File, "(the bytes of the file)", about)
}

/// Describes an object that has a schema.
pub(super) const fn object(name: &'static str, schema: &'static str, about: &'static str) -> Field {
    field(name, Of::Object(schema), "", about)
}

impl Field {
    /// May be left out.
    pub(super) const fn optional(self) -> Self {
        Self { is_required: false, is_shown: false, ..self }
    }

    /// May be left out, but usually is not.
    pub(super) const fn usual(self) -> Self {
        Self { is_required: false, ..self }
    }

    /// May be null.
    pub(super) const fn or_null(self) -> Self {
        Self { may_be_null: true, ..self }
    }

    /// Is in that place of a request.
    pub(super) const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// Returns its schema, with what it is for.
    pub(super) fn schema(&self) -> RefOr<Schema> {
        let plain = |kind: Type| {
            let kinds = if self.may_be_null { SchemaType::from_iter([kind, Type::Null]) } else { kind.into() };
            ObjectBuilder::new().schema_type(kinds).description(Some(self.about))
        };
        let list = |items: RefOr<Schema>| ArrayBuilder::new().items(items).description(Some(self.about)).into();
        match self.of {
            Of::Text => plain(Type::String).into(),
            Of::Pattern(pattern) => plain(Type::String).pattern(Some(pattern)).into(),
            Of::Id => plain(Type::String).format(Some(SchemaFormat::Custom("uuid".to_owned()))).into(),
            Of::Time => plain(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into(),
            Of::Number => plain(Type::Integer).minimum(Some(0)).into(),
            Of::Flag => plain(Type::Boolean).into(),
            Of::Json => plain(Type::Object).into(),
            Of::File => plain(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).into(),
            Of::Word(words) => plain(Type::String).enum_values(Some(words.iter().copied())).into(),
            Of::Texts => list(ObjectBuilder::new().schema_type(Type::String).into()),
            Of::List(name) => list(reference(name)),
            Of::Object(name) if self.may_be_null => OneOfBuilder::new()
                .item(reference(name))
                .item(ObjectBuilder::new().schema_type(Type::Null))
                .description(Some(self.about))
                .into(),
            Of::Object(name) => reference(name),
        }
    }

    /// Returns its example. `of_schema` returns those of schemas.
    pub(super) fn example(&self, of_schema: &dyn Fn(&str) -> Value) -> Value {
        match self.of {
            Of::Text | Of::Pattern(_) | Of::Id | Of::Time | Of::Word(_) | Of::File => json!(self.example),
            Of::Number | Of::Flag | Of::Json | Of::Texts => serde_json::from_str(self.example).unwrap_or(Value::Null),
            Of::Object(name) => of_schema(name),
            Of::List(name) => json!([of_schema(name)]),
        }
    }
}

/// Refers to a schema of the document.
pub(super) fn reference(name: &str) -> RefOr<Schema> {
    Ref::new(format!("#/components/schemas/{name}")).into()
}
