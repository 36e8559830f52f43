//! Prometheus metrics.

use domain::ticket::TicketStatus;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;

/// The transport over which a PC waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    WebSocket,
    /// A long poll.
    LongPoll,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabel {
    transport: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

/// The metrics, shared by everything that counts.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    tickets: Family<StatusLabel, Counter>,
    sign_ins: Family<OutcomeLabel, Counter>,
    errors: Family<CodeLabel, Counter>,
    waiting: Family<TransportLabel, Gauge>,
    hashes: Counter,
    connections: Gauge,
    closed: Family<ReasonLabel, Counter>,
    waiting_sessions: Gauge,
    audit_lines_left_out: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("qr_login");
        let tickets = Family::default();
        let sign_ins = Family::default();
        let errors = Family::default();
        let waiting = Family::default();
        let hashes = Counter::default();
        let connections = Gauge::default();
        let closed = Family::default();
        let waiting_sessions = Gauge::default();
        let audit_lines_left_out = Counter::default();
        registry.register("tickets", "Tickets that came to a status", Family::clone(&tickets));
        registry.register("password_sign_ins", "Sign-ins by password", Family::clone(&sign_ins));
        registry.register("api_errors", "Errors answered under /api", Family::clone(&errors));
        registry.register("waiting_pcs", "PCs that wait for a change now", Family::clone(&waiting));
        registry.register("password_hashes", "Password hashes that began", hashes.clone());
        registry.register("connections", "Connections that are open now", connections.clone());
        registry.register("connections_closed", "Connections that the server closed, and why", Family::clone(&closed));
        registry.register("waiting_sessions", "Sessions whose end a client waits for now", waiting_sessions.clone());
        let help = "Refusals that the audit log left out, because their address had too many";
        registry.register("audit_lines_left_out", help, audit_lines_left_out.clone());
        Self {
            registry: Arc::new(registry),
            tickets,
            sign_ins,
            errors,
            waiting,
            hashes,
            connections,
            closed,
            waiting_sessions,
            audit_lines_left_out,
        }
    }
}

impl Metrics {
    /// Counts a ticket that reached `status`.
    pub fn ticket(&self, status: TicketStatus) {
        let label = StatusLabel { status: status.as_str() };
        self.tickets.get_or_create(&label).inc();
    }

    /// Counts an attempt to sign in by password.
    pub fn sign_in(&self, succeeded: bool) {
        let outcome = if succeeded { "succeeded" } else { "failed" };
        self.sign_ins.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// Counts a suppressed line of the audit log.
    pub fn audit_line_left_out(&self) {
        self.audit_lines_left_out.inc();
    }

    /// Counts an error response.
    pub fn api_error(&self, code: &'static str) {
        self.errors.get_or_create(&CodeLabel { code }).inc();
    }

    /// Returns the counter of started password hashes.
    pub fn password_hashes(&self) -> Counter {
        self.hashes.clone()
    }

    /// Counts an accepted connection.
    pub fn connection_opened(&self) {
        self.connections.inc();
    }

    /// Counts the end of a connection.
    pub fn connection_ended(&self) {
        self.connections.dec();
    }

    /// Counts a connection that the server closed or refused.
    pub fn connection_closed(&self, reason: &'static str) {
        self.closed.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// Counts a waiting PC until the returned guard is dropped.
    pub fn waiting(&self, transport: Transport) -> Waiting {
        let transport = match transport {
            Transport::WebSocket => "websocket",
            Transport::LongPoll => "long_poll",
        };
        let gauge = self.waiting.get_or_create(&TransportLabel { transport }).clone();
        gauge.inc();
        Waiting(gauge)
    }

    /// Counts a client that waits for the end of its session until the returned guard is dropped.
    pub fn waiting_session(&self) -> Waiting {
        self.waiting_sessions.inc();
        Waiting(self.waiting_sessions.clone())
    }

    /// Encodes all metrics in the Prometheus text format.
    ///
    /// # Errors
    /// If writing fails, which it cannot for a string.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Guard that counts one waiting client.
#[derive(Debug)]
pub struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}
