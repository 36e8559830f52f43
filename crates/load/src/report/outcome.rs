//! One row of a table.

use serde::{Deserialize, Serialize};
use std::fmt::Display;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The table: the measurement's name, with a suffix after a hyphen if it has several tables.
    pub table: String,
    /// The parameters.
    pub case: Vec<Label>,
    pub figures: Vec<Figure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Why there are no figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The measured commit.
    #[serde(default)]
    pub commit: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Label {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub unit: String,
    pub value: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    pub figure: String,
    pub wanted: String,
    pub met: bool,
}

/// The target of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    Below(f64),
    AtMost(f64),
    AtLeast(f64),
}

impl Wanted {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit,
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }

    fn words(self, unit: &str) -> String {
        let (sign, limit) = match self {
            Self::Below(limit) => ("<", limit),
            Self::AtMost(limit) => ("≤", limit),
            Self::AtLeast(limit) => ("≥", limit),
        };
        format!("{sign} {limit} {unit}")
    }
}

impl Outcome {
    pub fn of(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            case: Vec::new(),
            figures: Vec::new(),
            targets: Vec::new(),
            note: None,
            commit: String::new(),
        }
    }

    pub fn case(mut self, name: &str, value: impl Display) -> Self {
        self.case.push(Label { name: name.to_owned(), value: value.to_string() });
        self
    }

    pub fn first_case(mut self, name: &str, value: impl Display) -> Self {
        self.case.insert(0, Label { name: name.to_owned(), value: value.to_string() });
        self
    }

    /// Adds a figure. Infinity and NaN, which JSON cannot represent, are skipped.
    pub fn figure(mut self, name: &str, unit: &str, value: f64) -> Self {
        if value.is_finite() {
            self.figures.push(Figure { name: name.to_owned(), unit: unit.to_owned(), value });
        }
        self
    }

    pub fn note(mut self, why: String) -> Self {
        self.note = Some(why);
        self
    }

    /// Compares one of the figures with its target, if it was measured.
    pub fn target(mut self, figure: &str, wanted: Wanted) -> Self {
        if let Some(value) = self.value(figure) {
            let words = wanted.words(self.unit(figure));
            self.targets.push(Target { figure: figure.to_owned(), wanted: words, met: wanted.holds(value) });
        }
        self
    }

    pub fn value(&self, figure: &str) -> Option<f64> {
        self.figures.iter().find(|known| known.name == figure).map(|known| known.value)
    }

    pub fn unit(&self, figure: &str) -> &str {
        self.figures.iter().find(|known| known.name == figure).map_or("", |known| &known.unit)
    }

    pub fn label(&self, name: &str) -> Option<&str> {
        self.case.iter().find(|label| label.name == name).map(|label| label.value.as_str())
    }

    pub fn is(&self, table: &str, case: &[(&str, String)]) -> bool {
        self.table == table && case.iter().all(|(name, value)| self.label(name) == Some(value))
    }

    pub fn belongs_to(&self, measure: &str) -> bool {
        self.table.split('-').next() == Some(measure)
    }
}
