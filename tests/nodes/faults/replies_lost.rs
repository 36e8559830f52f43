//! Redis executes a command and its reply is lost: a request that succeeded must never be refused on retry.

use crate::nodes::cluster::Cluster;
use crate::nodes::node::Node;
use std::sync::{Arc, Mutex};
use testkit::{Engine, shared_postgres};
use testkit::{Pc, Phone, bearer};
use testkit::{until, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A proxy between a node and Redis. Holds the reply to the first command that contains a given text, and then drops it
/// with its connection.
struct Lossy {
    port: u16,
    trigger: Arc<Mutex<Option<String>>>,
    held: mpsc::UnboundedReceiver<()>,
    lose: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Lossy {
    async fn before(redis: &Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = redis.url().trim_start_matches("redis://").to_owned();
        let trigger = Arc::new(Mutex::new(None));
        let (tell, held) = mpsc::unbounded_channel();
        let (lose, lost) = watch::channel(false);
        let accepting = tokio::spawn({
            let trigger = Arc::clone(&trigger);
            async move {
                loop {
                    let (node, _) = listener.accept().await.unwrap();
                    let redis = TcpStream::connect(&address).await.unwrap();
                    tokio::spawn(pass(node, redis, Arc::clone(&trigger), tell.clone(), lost.clone()));
                }
            }
        });
        Self { port, trigger, held, lose, accepting }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Holds the reply to the next command that contains `text`.
    fn hold(&self, text: &str) {
        self.lose.send_replace(false);
        *self.trigger.lock().unwrap() = Some(text.to_owned());
    }

    /// Returns once Redis has executed that command and its reply is held.
    async fn holds(&mut self) {
        within("a command whose reply is held", self.held.recv()).await.unwrap();
    }

    /// Drops the reply.
    fn lose(&self) {
        self.lose.send_replace(true);
    }
}

/// Forwards bytes in both directions until one side closes or a reply is dropped.
async fn pass(
    mut node: TcpStream,
    mut redis: TcpStream,
    trigger: Arc<Mutex<Option<String>>>,
    tell: mpsc::UnboundedSender<()>,
    mut lost: watch::Receiver<bool>,
) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut is_held = false;
    loop {
        tokio::select! {
            read = node.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let text = String::from_utf8_lossy(&asked[..length]).into_owned();
                is_held |= trigger.lock().unwrap().take_if(|trigger| text.contains(trigger.as_str())).is_some();
                if redis.write_all(&asked[..length]).await.is_err() { return }
            }
            read = redis.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if is_held {
                    let _ = tell.send(());
                    let _ = lost.wait_for(|lost| *lost).await;
                    return;
                }
                if node.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}

/// Node `a` reaches Redis through the lossy proxy, node `b` directly.
struct Site {
    line: Lossy,
    a: Node,
    b: Node,
    phone: Phone,
    _redis: Engine,
    _cluster: Cluster,
}

impl Site {
    async fn new() -> Self {
        let redis = Engine::redis().await;
        let line = Lossy::before(&redis).await;
        let cluster = Cluster::on(&redis.url(), &shared_postgres());
        let a = cluster.node_with("REDIS_URL", &line.url()).await;
        let b = cluster.node().await;
        let phone = Phone::new(&b, &cluster.account()).await;
        Self { line, a, b, phone, _redis: redis, _cluster: cluster }
    }

    /// Checks that the account has one phone and one PC.
    async fn has_one_pc(&self, token: &str) {
        bearer(&self.a, token).get("/api/userinfo").await.ok();
        let sessions = self.phone.client.at(&self.b).get("/api/sessions").await.ok();
        let pcs = sessions.as_array().unwrap().iter().filter(|session| session["kind"] == "pc").count();
        assert_eq!(pcs, 1, "{sessions}");
    }
}

#[tokio::test]
async fn a_confirm_whose_reply_is_lost_succeeds_even_after_the_redeem() {
    let mut site = Site::new().await;
    let pc = Pc::anywhere();
    let id = pc.at(&site.b).ticket().await;
    let confirm_token = site.phone.at(&site.a).scan(&id).await.text("confirm_token");
    site.line.hold("\"status\":\"confirmed\"");
    let confirming = async { site.phone.at(&site.a).decide("confirm", &id, &confirm_token).await };
    let overtaking = async {
        site.line.holds().await;
        let token = pc.at(&site.b).redeem(&id).await.text("token");
        site.line.lose();
        token
    };
    let (confirmed, token) = tokio::join!(confirming, overtaking);
    // If it was held for longer than a node's timeout, as on a busy machine, it is unavailable at first, but never
    // refused.
    if confirmed.status != 200 {
        confirmed.unavailable();
        site.phone.at(&site.a).decide("confirm", &id, &confirm_token).await.ok();
    }
    site.has_one_pc(&token).await;
}

#[tokio::test]
async fn a_cancel_whose_reply_is_lost_succeeds() {
    let mut site = Site::new().await;
    let pc = Pc::anywhere();
    let id = pc.at(&site.b).ticket().await;
    let confirm_token = site.phone.at(&site.a).scan(&id).await.text("confirm_token");
    site.line.hold("\"status\":\"cancelled\"");
    let cancelling = async { site.phone.at(&site.a).decide("cancel", &id, &confirm_token).await };
    let losing = async {
        site.line.holds().await;
        site.line.lose();
    };
    tokio::join!(cancelling, losing).0.ok();
    site.phone.at(&site.b).decide("cancel", &id, &confirm_token).await.ok();
    site.phone.at(&site.b).decide("confirm", &id, &confirm_token).await.refused(409, "already_decided");
}

#[tokio::test]
async fn a_redeem_whose_reply_is_lost_yields_its_token() {
    let mut site = Site::new().await;
    let pc = Pc::anywhere();
    let id = pc.at(&site.b).ticket().await;
    site.phone.at(&site.b).approve(&id).await;
    site.line.hold("\"status\":\"redeemed\"");
    let redeeming = async { pc.at(&site.a).redeem(&id).await };
    let losing = async {
        site.line.holds().await;
        // Meanwhile the same browser retries on the other node.
        let token = pc.at(&site.b).redeem(&id).await.text("token");
        site.line.lose();
        token
    };
    let (redeemed, token) = tokio::join!(redeeming, losing);
    if redeemed.status == 200 {
        assert_eq!(redeemed.text("token"), token)
    } else {
        redeemed.unavailable()
    }
    site.has_one_pc(&token).await;
}

#[tokio::test]
async fn a_node_that_dies_after_the_redeem_loses_no_login() {
    let mut site = Site::new().await;
    let pc = Pc::anywhere();
    let id = pc.at(&site.b).ticket().await;
    site.phone.at(&site.b).approve(&id).await;
    site.line.hold("\"status\":\"redeemed\"");
    let asking = tokio::spawn({
        let (pc, origin, id) = (pc.clone(), testkit::Place::origin(&site.a), id.clone());
        async move { pc.at(&origin).try_redeem(&id).await.is_none() }
    });
    site.line.holds().await;
    site.a.kill();
    assert!(within("the end of the request", asking).await.unwrap(), "the answer was lost");
    assert_eq!(pc.at(&site.b).check(&id).await.text("status"), "redeemed");
    let token = pc.at(&site.b).redeem(&id).await.text("token");
    site.a.start().await;
    site.has_one_pc(&token).await;
}

/// Every reply is lost once, as on an unreliable network: every step is retried until there is a response.
#[tokio::test]
async fn a_login_succeeds_if_every_reply_is_lost_once() {
    let mut site = Site::new().await;
    let pc = Pc::anywhere();
    site.line.hold("\"status\":\"pending\"");
    let (generated, ()) = tokio::join!(async { pc.at(&site.a).generate().await }, async {
        site.line.holds().await;
        site.line.lose();
    });
    let id = generated.text("id");
    let mut confirm_token = String::new();
    for status in ["scanned", "confirmed", "redeemed"] {
        site.line.hold(&format!("\"status\":\"{status}\""));
        let step = async {
            until(status, async || {
                let answer = match status {
                    "scanned" => site.phone.at(&site.a).scan(&id).await,
                    "confirmed" => site.phone.at(&site.a).decide("confirm", &id, &confirm_token).await,
                    _ => pc.at(&site.a).redeem(&id).await,
                };
                if answer.status == 503 { None } else { Some(answer) }
            })
            .await
        };
        let losing = async {
            site.line.held.recv().await.unwrap();
            site.line.lose.send_replace(true);
        };
        let (answer, ()) = tokio::join!(step, losing);
        match status {
            "scanned" => confirm_token = answer.text("confirm_token"),
            "confirmed" => drop(answer.ok()),
            _ => site.has_one_pc(&answer.text("token")).await,
        }
    }
}
