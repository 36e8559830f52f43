//! What a reload changed.

use super::Clients;
use std::collections::BTreeMap;
use std::fmt;

/// The entries that a reload added, removed or changed, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New entries.
    pub added: Vec<String>,
    /// Entries that are gone.
    pub removed: Vec<String>,
    /// Entries with other values.
    pub changed: Vec<String>,
}

impl Changes {
    pub(super) fn between(old: &Clients, new: &Clients) -> Self {
        let mut changes = Self::default();
        changes.compare(&old.clients, &new.clients);
        changes.compare(&old.sites, &new.sites);
        changes.compare(&old.issuers, &new.issuers);
        changes.compare(&old.upstreams, &new.upstreams);
        changes.compare(&old.providers, &new.providers);
        changes
    }

    fn compare<K: Ord + fmt::Display, V: PartialEq>(&mut self, old: &BTreeMap<K, V>, new: &BTreeMap<K, V>) {
        for (id, value) in new {
            match old.get(id) {
                None => self.added.push(id.to_string()),
                Some(before) if before != value => self.changed.push(id.to_string()),
                Some(_) => {}
            }
        }
        self.removed.extend(old.keys().filter(|id| !new.contains_key(id)).map(ToString::to_string));
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("added", &self.added), ("removed", &self.removed), ("changed", &self.changed)];
        let mut words = parts.iter().filter(|(_, ids)| !ids.is_empty());
        let Some((word, ids)) = words.next() else { return f.write_str("nothing changed") };
        write!(f, "{word} {}", ids.join(", "))?;
        words.try_for_each(|(word, ids)| write!(f, "; {word} {}", ids.join(", ")))
    }
}
