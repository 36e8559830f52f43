//! Tells apps that a session ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! Every node sends what is due, wherever the session ended; the store says whose turn it is. A notice stays there until the
//! app has accepted it, so that neither a restart nor an app that is down loses one. A node that stops in the middle of an
//! attempt cannot know whether the app received it, so that another one repeats it.

use super::OidcService;
use crate::error::ServiceError;
use crate::http_client::HttpError;
use crate::security::oidc_keys::JwtType;
use domain::client::ClientId;
use domain::ids::{AccountId, SessionId};
use domain::logout_notice::{Delivery, LOGOUT_TOKEN_TTL, LogoutNotice};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Maximum number of requests at once.
const MOST: usize = 64;
/// Maximum number of requests to one app at once, so that one that hangs leaves room for the others.
const MOST_PER_CLIENT: usize = 8;
/// Pause between two looks for notices that this node is not notified of: sessions expire, and the command line is another
/// process.
const EVERY: Duration = Duration::from_secs(5);
/// How long requests may take to finish when the server shuts down.
const GRACE: Duration = Duration::from_secs(3);
/// The member of `events` that makes a JWT a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of a logout token. Never a `nonce`: it must not pass for an ID token.
#[derive(Clone, Debug, Serialize)]
struct LogoutClaims {
    iss: String,
    sub: AccountId,
    aud: ClientId,
    iat: i64,
    exp: i64,
    jti: String,
    sid: SessionId,
    events: BTreeMap<&'static str, BTreeMap<(), ()>>,
}

/// The requests of this node.
#[derive(Debug, Default)]
struct Sending {
    tasks: JoinSet<()>,
    notices: HashMap<Id, (ClientId, SessionId)>,
}

impl Sending {
    fn count(&self, client: &ClientId) -> usize {
        self.notices.values().filter(|(other, _)| other == client).count()
    }

    /// Returns the clients that have no room for another one.
    fn busy(&self) -> Vec<ClientId> {
        let clients: BTreeSet<_> = self.notices.values().map(|(client, _)| client).collect();
        clients.into_iter().filter(|client| self.count(client) >= MOST_PER_CLIENT).cloned().collect()
    }

    /// Returns whether a notice can be sent now: not if it is on the way, which is only due again if the clock jumped.
    fn has_room_for(&self, notice: &LogoutNotice) -> bool {
        let is_on_the_way =
            |(client, session): &(ClientId, SessionId)| *session == notice.session && *client == notice.client;
        let is_idle = self.count(&notice.client) < MOST_PER_CLIENT && !self.notices.values().any(is_on_the_way);
        is_idle && self.tasks.len() < MOST
    }

    fn begin(&mut self, notice: &LogoutNotice, request: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(request).id();
        self.notices.insert(id, (notice.client.clone(), notice.session));
    }

    /// Waits for one of them to end; for ever if there is none.
    async fn ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "a logout notice was not sent");
                error.id()
            }
            None => std::future::pending().await,
        };
        self.notices.remove(&id);
    }
}

impl OidcService {
    /// Sends logout notices until the server shuts down.
    pub async fn send_logout_notices(&self, shutdown: CancellationToken) {
        let mut endings = self.sessions.endings();
        let mut sending = Sending::default();
        loop {
            // Before the look, so that what ends during it leads to another one.
            endings.mark_unchanged();
            if let Err(error) = self.send_due(&mut sending).await {
                tracing::warn!(%error, "logout notices were not read");
            }
            tokio::select! {
                _ = endings.changed() => {}
                () = sending.ended() => {}
                () = self.clock.sleep(EVERY) => {}
                () = shutdown.cancelled() => break,
            }
        }
        let finished = async { while sending.tasks.join_next().await.is_some() {} };
        if timeout(GRACE, finished).await.is_err() {
            tracing::debug!("logout notices are on the way: another node repeats them");
        }
    }

    /// Begins what is due and has room.
    async fn send_due(&self, sending: &mut Sending) -> Result<(), ServiceError> {
        while sending.tasks.len() < MOST {
            let due = self.notices.due_notices(self.clock.now(), &sending.busy(), MOST).await?;
            let mut begun = 0;
            for notice in &due {
                if !sending.has_room_for(notice) {
                    continue;
                }
                let attempt = notice.attempted(self.clock.now());
                if self.notices.move_notice(notice, &attempt).await? {
                    begun += 1;
                    let service = self.clone();
                    sending.begin(notice, async move { service.attempt(&attempt).await });
                }
            }
            // Nothing is left, or other nodes have it.
            if begun == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Makes an attempt, and notes what it has led to.
    async fn attempt(&self, notice: &LogoutNotice) {
        let LogoutNotice { client, session, attempts, .. } = notice;
        let delivery = self.deliver(notice).await.unwrap_or_else(|error| {
            tracing::warn!(%client, %session, %error, "a logout notice was not signed");
            Delivery::Failed
        });
        let next = match delivery {
            Delivery::Accepted | Delivery::Refused => None,
            Delivery::Failed => notice.next_attempt(self.clock.now()),
        };
        let noted = match next {
            Some(due_at) => {
                let later = LogoutNotice { due_at, ..notice.clone() };
                self.notices.move_notice(notice, &later).await.map(drop)
            }
            None => {
                match delivery {
                    Delivery::Accepted => tracing::debug!(%client, %session, "the app knows that the session ended"),
                    _ => tracing::warn!(%client, %session, attempts, "the app is not told that the session ended"),
                }
                self.notices.drop_notice(*session, client).await
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%client, %session, %error, "a logout notice will be sent again");
        }
    }

    async fn deliver(&self, notice: &LogoutNotice) -> Result<Delivery, ServiceError> {
        let LogoutNotice { client, session, .. } = notice;
        let registered = self.clients.current().client(client.as_str());
        let Some(uri) = registered.and_then(|client| client.backchannel_logout_uri.clone()) else {
            // This node may have an older file than the one that added the app.
            return Ok(Delivery::Failed);
        };
        let token = self.keys.sign(JwtType::LogoutToken, &self.logout_claims(notice)?).await?;
        let reply = self.http.post_form(&uri, &[("logout_token", &token)], &[]).await;
        let status = match reply {
            Ok(reply) => reply.status,
            // What else it says does not matter.
            Err(HttpError::Body { status, .. }) => status,
            Err(error @ HttpError::Request(_)) => {
                tracing::warn!(%client, %error, "backchannel_logout_uri cannot be used");
                return Ok(Delivery::Refused);
            }
            Err(error) => {
                tracing::info!(%client, %session, %error, "a logout notice failed");
                return Ok(Delivery::Failed);
            }
        };
        let delivery = Delivery::of_status(status);
        if delivery != Delivery::Accepted {
            tracing::info!(%client, %session, status, "the app did not accept a logout notice");
        }
        Ok(delivery)
    }

    fn logout_claims(&self, notice: &LogoutNotice) -> Result<LogoutClaims, ServiceError> {
        let now = self.clock.now();
        Ok(LogoutClaims {
            iss: self.issuer.to_string(),
            sub: notice.account,
            aud: notice.client.clone(),
            iat: now.as_secs(),
            exp: (now + LOGOUT_TOKEN_TTL).as_secs(),
            // Another one for each attempt: an app that failed may remember the first.
            jti: self.random.uuid()?.to_string(),
            sid: notice.session,
            events: BTreeMap::from([(EVENT, BTreeMap::new())]),
        })
    }
}
