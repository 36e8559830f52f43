//! Redis expires tickets itself: at the time when the other engines are told to delete them.

use super::backends::{redis, started};
use super::samples::{MINUTE, scanned, ticket};
use domain::ticket::Ticket;
use std::sync::Arc;
use std::time::Duration;
use store::{RETENTION, Swap};

/// Returns the ticket's remaining time to live on Redis; `None` if it never expires.
async fn life(ticket: &Ticket) -> Option<Duration> {
    let client = ::redis::Client::open(started("REDIS")).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("qr-login:ticket:{}", ticket.id);
    let millis: i64 = ::redis::cmd("PTTL").arg(key).query_async(&mut connection).await.unwrap();
    assert_ne!(millis, -2, "no such ticket");
    u64::try_from(millis).ok().map(Duration::from_millis)
}

#[tokio::test]
async fn a_ticket_on_redis_is_deleted_ten_minutes_after_its_expiry() {
    let store = redis().await;
    let fresh = ticket();
    let longest = fresh.expires_at.saturating_duration_since(fresh.created_at) + RETENTION;
    store.insert(Arc::new(fresh.clone())).await.unwrap();
    let changed = scanned(&fresh, 1);
    for next in [None, Some(changed)] {
        if let Some(next) = next {
            assert_eq!(store.swap(Arc::new(next)).await.unwrap(), Swap::Done);
        }
        let life = life(&fresh).await.expect("an end");
        assert!(life <= longest && life > longest - MINUTE, "{life:?} of {longest:?}");
    }
}
