//! The contract of [`SessionStore`](store::SessionStore).

mod beginning;
mod ending;
mod keeping;
mod upkeep;

use super::backends::Database;
use clock::now;
use domain::account::Session;
use domain::ids::{AccountId, SessionId};

pub use beginning::*;
pub use ending::*;
pub use keeping::*;
pub use upkeep::*;

macro_rules! session_contract {
    ($backend:ident) => {
        contract! { sessions, $backend:
            storing_a_device_again_does_not_end_its_session
            a_session_is_read_back_whole_with_its_account
            an_unknown_session_is_none
            a_session_shows_that_its_account_was_disabled
            a_new_session_on_a_phone_ends_the_previous_one
            a_new_session_only_ends_sessions_of_the_same_device
            concurrent_sign_ins_on_one_phone_leave_one_live_session
            storing_a_session_is_idempotent
            storing_an_ended_session_again_does_not_revive_it
            storing_an_ended_session_again_does_not_end_its_successor
            concurrent_stores_of_one_session_all_succeed
            concurrent_loads_return_the_right_sessions
            a_rejected_session_does_not_fail_the_rest_of_its_batch
            a_cancelled_load_does_not_affect_others
            live_sessions_are_listed_most_recently_used_first
            using_a_session_is_recorded
            one_session_is_ended_once
            the_session_of_another_account_is_not_ended
            all_other_sessions_are_ended_at_once
            an_ended_session_is_not_ended_again
            only_sessions_that_ended_long_ago_are_deleted
            a_session_only_begins_by_the_current_password
            no_concurrent_sign_in_outlives_a_new_password
            surplus_phones_end_least_recently_used_first
            surplus_pcs_end_least_recently_used_first_and_no_phone_ends
            concurrent_sign_ins_do_not_exceed_the_bound
            a_list_is_bounded_and_no_pc_displaces_a_phone
            an_unused_phone_ends
            an_account_with_many_sessions_is_crowded
            surplus_sessions_end_unless_they_are_recent
            only_the_most_recently_ended_sessions_are_retained
            a_phone_without_sessions_is_deleted_after_a_while
        }
    };
}
pub(super) use session_contract as contract;

async fn stored(database: &Database, id: SessionId) -> Option<Session> {
    database.sessions.session(id).await.unwrap().map(|(session, _)| session)
}

/// Stores a session that ends no other session.
async fn kept(database: &Database, session: Session) -> Session {
    assert_eq!(database.sessions.put_session(&session).await.unwrap(), []);
    session
}

pub(super) async fn is_living(database: &Database, account: AccountId, id: SessionId) -> bool {
    database.sessions.sessions(account, now()).await.unwrap().iter().any(|session| session.id == id)
}
