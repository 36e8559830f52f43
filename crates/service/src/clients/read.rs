//! Reads TOML values and collects everything that is wrong, with its line.

use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest part of a value that an error repeats, in characters.
const SHOWN: usize = 80;

/// Something wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The entry and the key, such as ``client grafana: `scopes` ``; empty if it is about the file's syntax.
    pub place: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.place.is_empty() { "" } else { " " };
        write!(f, "{}{separator}{}", self.place, self.message)
    }
}

/// Everything that is wrong in the file, by line. It does not repeat what may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ClientsError(pub Vec<Problem>);

impl fmt::Display for ClientsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}line {}: {problem}", problem.line)?;
        }
        Ok(())
    }
}

/// Collects problems while a text is read.
#[derive(Debug)]
pub(super) struct Problems<'t> {
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Adds a problem at a place in the text.
    pub(super) fn add(&mut self, at: usize, place: String, message: String) {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        self.found.push(Problem { line, place, message });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns `value`, or all problems if there are any.
    pub(super) fn or<T>(mut self, value: T) -> Result<T, ClientsError> {
        if self.is_empty() {
            return Ok(value);
        }
        self.found.sort_by_key(|problem| problem.line);
        Err(ClientsError(self.found))
    }
}

/// A text with its place in the file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) at: usize,
    pub(super) text: String,
}

/// One entry of the file, such as a `[[client]]`.
#[derive(Debug)]
pub(super) struct Entry<'a, 't> {
    /// What an error calls it, such as `client grafana`.
    name: String,
    at: usize,
    table: &'a DeTable<'t>,
    problems: &'a mut Problems<'t>,
}

impl<'a, 't> Entry<'a, 't> {
    /// Begins to read an entry of this kind, which is identified by the key `id`, and reports keys that it cannot have.
    pub(super) fn new(
        kind: &str,
        id: &str,
        keys: &[&str],
        table: &'a DeTable<'t>,
        at: usize,
        problems: &'a mut Problems<'t>,
    ) -> Self {
        let label = table.get(id).and_then(|value| value.get_ref().as_str()).map(|id| format!(" {}", shown(id)));
        let name = format!("{kind}{}", label.unwrap_or_default());
        let mut entry = Self { name, at, table, problems };
        for key in table.keys() {
            let name: &str = key.get_ref();
            if matches!(name, "secret" | "client_secret") && keys.contains(&"secret_sha256") {
                entry.add(key.span().start, name, "is not stored: put its SHA-256 into `secret_sha256`".to_owned());
            } else if !keys.contains(&name) {
                entry.add(key.span().start, name, format!("is no key of a {kind}, which has {}", keys.join(", ")));
            }
        }
        entry
    }

    /// Adds a problem with the value of a key.
    pub(super) fn add(&mut self, at: usize, key: &str, message: String) {
        self.problems.add(at, format!("{}: `{}`", self.name, shown(key)), message);
    }

    fn get(&self, key: &str) -> Option<(Range<usize>, &'a DeValue<'t>)> {
        self.table.get(key).map(|value| (value.span(), value.get_ref()))
    }

    /// Returns where the value of a key is, or else the entry.
    pub(super) fn place(&self, key: &str) -> usize {
        self.get(key).map_or(self.at, |(span, _)| span.start)
    }

    /// Returns whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Returns a text.
    pub(super) fn text(&mut self, key: &str) -> Option<Text> {
        let (span, value) = self.get(key)?;
        let Some(text) = value.as_str() else {
            self.add(span.start, key, format!("must be a text in quotes, not {}", described(value)));
            return None;
        };
        Some(Text { at: span.start, text: text.to_owned() })
    }

    /// Returns a text that must be there.
    pub(super) fn required(&mut self, key: &str, allowed: &str) -> Option<Text> {
        if self.get(key).is_none() {
            self.add(self.at, key, format!("is missing: {allowed}"));
        }
        self.text(key)
    }

    /// Returns a list of texts without duplicates; empty if it is not there.
    pub(super) fn texts(&mut self, key: &str) -> Vec<Text> {
        let Some((span, value)) = self.get(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.add(
                span.start,
                key,
                format!("must be a list of texts such as [\"a\", \"b\"], not {}", described(value)),
            );
            return Vec::new();
        };
        let mut texts: Vec<Text> = Vec::new();
        for value in array.iter() {
            let at = value.span().start;
            match value.get_ref().as_str() {
                None => self.add(at, key, format!("must list texts in quotes, not {}", described(value.get_ref()))),
                Some(text) if texts.iter().any(|other| other.text == text) => {
                    self.add(at, key, "lists something twice".to_owned());
                }
                Some(text) => texts.push(Text { at, text: text.to_owned() }),
            }
        }
        texts
    }

    /// Returns a truth value, or `default`.
    pub(super) fn truth(&mut self, key: &str, default: bool) -> bool {
        let Some((span, value)) = self.get(key) else { return default };
        value.as_bool().unwrap_or_else(|| {
            self.add(span.start, key, format!("must be true or false, not {}", described(value)));
            default
        })
    }

    /// Returns a whole number of this range, or `default`.
    pub(super) fn number(&mut self, key: &str, range: std::ops::RangeInclusive<u32>, default: u32) -> u32 {
        let Some((span, value)) = self.get(key) else { return default };
        let number = value.as_integer().and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
        number.filter(|number| range.contains(number)).unwrap_or_else(|| {
            self.add(span.start, key, format!("must be a whole number from {} to {}", range.start(), range.end()));
            default
        })
    }

    /// Returns a table whose values are texts; empty if it is not there.
    pub(super) fn table(&mut self, key: &str) -> Vec<(Text, Text)> {
        let Some((span, value)) = self.get(key) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            self.add(
                span.start,
                key,
                format!("must be a table such as {{ email = \"mail\" }}, not {}", described(value)),
            );
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in table {
            let Some(text) = value.get_ref().as_str() else {
                self.add(value.span().start, key, format!("must have texts, not {}", described(value.get_ref())));
                continue;
            };
            let name = Text { at: name.span().start, text: name.get_ref().clone().into_owned() };
            pairs.push((name, Text { at: value.span().start, text: text.to_owned() }));
        }
        pairs
    }
}

/// Returns the tables of `[[kind]]`.
pub(super) fn entries<'a, 't>(
    root: &'a DeTable<'t>,
    kind: &str,
    problems: &mut Problems<'t>,
) -> Vec<(usize, &'a DeTable<'t>)> {
    let Some(value) = root.get(kind) else { return Vec::new() };
    let items: &[Spanned<DeValue<'t>>] = value.get_ref().as_array().map_or(&[], |array| array);
    let tables = items.iter().filter_map(|item| Some((item.span().start, item.get_ref().as_table()?)));
    let tables: Vec<_> = tables.collect();
    if value.get_ref().as_array().is_none() || tables.len() != items.len() {
        problems.add(value.span().start, format!("`{kind}`"), format!("must be written as [[{kind}]]"));
    }
    tables
}

/// Returns a value as an error repeats it: escaped, and not too long.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{}{more}", short.escape_debug())
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
