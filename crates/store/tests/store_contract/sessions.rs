//! What a [`SessionStore`](store::SessionStore) must do.

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
            a_device_may_be_kept_again_without_ending_its_session
            a_session_is_read_back_whole_with_its_account
            an_unknown_session_is_none
            a_session_knows_that_its_account_was_disabled
            a_phone_has_one_living_session_and_the_earlier_one_ends
            a_new_session_ends_none_but_its_own_devices
            of_many_sign_ins_on_one_phone_one_lives
            keeping_a_session_again_is_harmless
            keeping_a_session_again_does_not_bring_it_back
            keeping_an_ended_session_again_does_not_end_its_successor
            of_many_who_keep_one_session_all_succeed
            of_many_who_ask_at_once_each_gets_their_own
            a_session_that_is_refused_takes_no_other_with_it
            whoever_gave_up_waiting_keeps_nobody_from_an_answer
            living_sessions_are_listed_newest_first
            a_session_that_was_used_says_so
            one_session_is_ended_once
            nobody_ends_another_accounts_session
            all_other_sessions_are_ended_at_once
            a_session_that_is_over_is_not_ended_again
            only_sessions_that_ended_long_ago_are_forgotten
            a_session_begins_by_the_present_password_alone
            of_sign_ins_beside_a_new_password_none_outlives_it
            of_many_phones_the_last_used_stay
            of_many_pcs_the_last_used_stay_and_no_phone_goes
            of_many_sign_ins_at_once_no_more_live_than_may
            a_list_has_an_end_and_no_pc_hides_a_phone
            a_phone_that_was_not_used_for_long_ends
            an_account_with_many_sessions_is_crowded
            surplus_sessions_end_but_for_those_that_just_began
            of_sessions_that_ended_only_the_last_are_remembered
            a_phone_without_sessions_is_forgotten_after_a_while
        }
    };
}
pub(super) use session_contract as contract;

async fn stored(database: &Database, id: SessionId) -> Option<Session> {
    database.sessions.session(id).await.unwrap().map(|(session, _)| session)
}

/// Keeps a session that ends no other.
async fn kept(database: &Database, session: Session) -> Session {
    assert_eq!(database.sessions.put_session(&session).await.unwrap(), []);
    session
}

pub(super) async fn is_living(database: &Database, account: AccountId, id: SessionId) -> bool {
    database.sessions.sessions(account, now()).await.unwrap().iter().any(|session| session.id == id)
}
