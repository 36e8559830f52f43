//! The apps, sites and issuers of `clients.toml`: read, validated, and replaced as a whole while the server runs.

mod block;
mod changes;
mod file;
mod issuers;
mod parse;
mod providers;
mod read;
mod upstreams;

pub use block::block;
pub use changes::Changes;
pub use file::{FileError, MAX_FILE, load};
pub use read::{ClientsError, Problem};

use crate::security::secret;
use crate::upstream::read_secret;
use arc_swap::ArcSwap;
use domain::client::{Client, ClientId, Issuer, Provider, Site, Upstream, UriKind, logout_uri, redirect_uri};
use domain::ids::Secret;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The content of one validated file. Without a file there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    clients: BTreeMap<ClientId, Arc<Client>>,
    sites: BTreeMap<String, Site>,
    issuers: BTreeMap<String, Issuer>,
    upstreams: BTreeMap<String, Arc<Upstream>>,
    providers: BTreeMap<String, Arc<Provider>>,
}

impl Clients {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// [`ClientsError`], with everything that is wrong.
    pub fn parse(text: &str) -> Result<Self, ClientsError> {
        parse::parse(text)
    }

    /// Returns the client with that `client_id`.
    pub fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.get(id).cloned()
    }

    /// Returns all clients by their ids.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values()
    }

    /// Returns the site with exactly that host, in lower case and with the port if it is not the scheme's own.
    pub fn site(&self, host: &str) -> Option<&Site> {
        self.sites.get(host)
    }

    /// Returns all sites by their hosts.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.values()
    }

    /// Returns the issuer with exactly that `iss`.
    pub fn issuer(&self, iss: &str) -> Option<&Issuer> {
        self.issuers.get(iss)
    }

    /// Returns all issuers by their `iss`.
    pub fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.issuers.values()
    }

    /// Returns the service of connections with that id.
    pub fn upstream(&self, id: &str) -> Option<Arc<Upstream>> {
        self.upstreams.get(id).cloned()
    }

    /// Returns all services of connections by their ids.
    pub fn upstreams(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.upstreams.values()
    }

    /// Returns the provider with that id.
    pub fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        self.providers.get(id).cloned()
    }

    /// Returns all providers by their ids.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.values()
    }

    /// Returns how many there are of each, for people.
    pub fn summary(&self) -> String {
        let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let (sites, issuers) = (counted(self.sites.len(), "site"), counted(self.issuers.len(), "issuer"));
        let mut summary = format!("{}, {sites}, {issuers}", counted(self.clients.len(), "client"));
        for (count, noun) in [(self.upstreams.len(), "connection"), (self.providers.len(), "provider")] {
            if count > 0 {
                summary = format!("{summary}, {}", counted(count, noun));
            }
        }
        summary
    }

    /// Returns what is allowed and yet deserves a second look.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for client in self.clients() {
            let id = &client.id;
            let redirects = client.redirect_uris.iter().chain(&client.post_logout_redirect_uris);
            let redirects = redirects.map(|uri| (uri, redirect_uri(uri, client.is_native)));
            let logouts = client.backchannel_logout_uri.iter().map(|uri| (uri, logout_uri(uri)));
            for (uri, _) in redirects.chain(logouts).filter(|(_, kind)| *kind == Ok(UriKind::PlainHttp)) {
                warnings.push(format!("client {id}: {uri} is http: anyone who listens on that network can sign in"));
            }
            if client.redirect_uris.is_empty() && !client.device {
                warnings.push(format!(
                    "client {id}: has neither `redirect_uris` nor `device`: no sign-in to it is possible"
                ));
            }
        }
        let upstreams = self.upstreams().map(|it| ("connection", &it.id, &it.registration));
        let providers = self.providers().map(|it| ("provider", &it.id, &it.registration));
        for (kind, id, registration) in upstreams.chain(providers) {
            let read = registration.secret.as_ref().map_or(Ok(()), |place| read_secret(place).map(drop));
            if let Err(error) = read {
                warnings.push(format!("{kind} {id}: its secret cannot be read: {error}"));
            }
        }
        warnings
    }
}

/// The current [`Clients`], which a reload replaces while requests are served. A request that began with the old ones
/// ends with them. Cheap to clone; clones share the content.
#[derive(Clone, Debug, Default)]
pub struct Registry(Arc<ArcSwap<Clients>>);

impl Registry {
    /// Wraps the content of the file.
    pub fn new(clients: Clients) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(clients)))
    }

    /// Returns the current content.
    pub fn current(&self) -> Arc<Clients> {
        self.0.load_full()
    }

    /// Replaces the content, and returns what is different now.
    pub fn replace(&self, clients: Clients) -> Changes {
        let clients = Arc::new(clients);
        let old = self.0.swap(Arc::clone(&clients));
        Changes::between(&old, &clients)
    }
}

/// Returns whether `text` is one of the client's secrets. Compares it with each of them in constant time, so that the
/// time tells neither how much of it is right nor which one it is.
pub fn verify_secret(client: &Client, text: &str) -> bool {
    let hash = secret::hash(&Secret::new(text.to_owned()));
    // `|`, unlike `||`, always evaluates both sides.
    client.secrets.iter().fold(false, |found, secret| found | (*secret == hash))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
