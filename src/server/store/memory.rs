//! Tickets in this process: right for one node, gone when it stops. Waiting pages then get a new code by themselves.

pub mod limits;

use super::{StoreError, Swap, TicketStore};
use crate::ids::TicketId;
use crate::ticket::Ticket;
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tickets in a map. The lock is held for a look-up and never across an await.
#[derive(Debug, Default)]
pub struct MemoryTickets {
    tickets: Mutex<HashMap<TicketId, Arc<Ticket>>>,
}

impl MemoryTickets {
    fn lock(&self) -> MutexGuard<'_, HashMap<TicketId, Arc<Ticket>>> {
        // Every change is one insert, so a thread that died here left nothing half done.
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TicketStore for MemoryTickets {
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError> {
        match self.lock().entry(ticket.id) {
            Entry::Vacant(place) => {
                place.insert(ticket);
                Ok(())
            }
            Entry::Occupied(_) => Err(StoreError::Exists),
        }
    }

    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        Ok(self.lock().get(&id).cloned())
    }

    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError> {
        match self.lock().get_mut(&next.id) {
            Some(current) if current.version.checked_add(1) == Some(next.version) => {
                *current = next;
                Ok(Swap::Done)
            }
            _ => Ok(Swap::Lost),
        }
    }

    async fn overdue(&self, now: Timestamp) -> Result<Vec<TicketId>, StoreError> {
        let tickets = self.lock();
        Ok(tickets.values().filter(|ticket| ticket.is_overdue(now)).map(|ticket| ticket.id).collect())
    }

    async fn forget(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| ticket.expires_at >= before);
        // After a rush, give the memory back.
        if tickets.capacity() > 1024 && tickets.len() < tickets.capacity() / 4 {
            tickets.shrink_to_fit();
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
