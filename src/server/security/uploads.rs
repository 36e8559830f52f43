//! Caps on uploads: each holds a file in memory while its client sends it.

use crate::error::{ApiError, ErrorCode};
use domain::ids::AccountId;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Uploads at a time, of 8 MiB each.
const MOST: usize = 8;
/// Seconds after which to retry.
const RETRY_AFTER: u64 = 5;

/// The accounts that upload a file to this node: each one at a time.
#[derive(Debug, Default)]
pub struct Uploads(Mutex<HashSet<AccountId>>);

impl Uploads {
    /// Reserves an upload.
    ///
    /// # Errors
    /// `rate_limited` if the account has one already, or `unavailable` if all are taken.
    pub fn take(self: &Arc<Self>, account: AccountId) -> Result<Upload, ApiError> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.contains(&account) {
            return Err(ApiError::rate_limited(RETRY_AFTER));
        }
        if accounts.len() >= MOST {
            return Err(ApiError { retry_after: Some(RETRY_AFTER), ..ErrorCode::Unavailable.into() });
        }
        accounts.insert(account);
        Ok(Upload { uploads: Arc::clone(self), account })
    }
}

/// One upload; counted until dropped.
#[derive(Debug)]
pub struct Upload {
    uploads: Arc<Uploads>,
    account: AccountId,
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_account_uploads_one_file_at_a_time_and_all_together_a_few() {
        let uploads = Arc::new(Uploads::default());
        let account = |number| AccountId::from(Uuid::from_u128(number));
        let mut held: Vec<_> = (0..8).map(|number| uploads.take(account(number)).unwrap()).collect();
        assert_eq!(uploads.take(account(0)).unwrap_err().code, ErrorCode::RateLimited);
        assert_eq!(uploads.take(account(8)).unwrap_err().code, ErrorCode::Unavailable);
        drop(held.remove(0));
        assert_eq!(uploads.take(account(1)).unwrap_err().code, ErrorCode::RateLimited);
        held.push(uploads.take(account(0)).unwrap());
    }
}
