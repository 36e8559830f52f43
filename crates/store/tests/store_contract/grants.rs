//! The contract of `GrantStore`: interactions, consents and grants.

mod connections;
mod consents;
mod lives;
mod upkeep;

use super::backends::Database;
use super::samples::{MINUTE, kept_pc, person};
use clock::now;
use domain::account::{Account, Began, Session};
use domain::authorization::{AuthorizationRequest, Interaction, Prompts, ResponseMode, Target};
use domain::client::{ClientId, Scopes};
use domain::grant::Grant;
use domain::ids::SecretHash;
use domain::time::Timestamp;
use uuid::Uuid;

pub use connections::*;
pub use consents::*;
pub use lives::*;
pub use upkeep::*;

/// Runs the suite against an engine.
macro_rules! grants_contract {
    ($backend:ident) => {
        contract! { grants, $backend:
            an_interaction_is_read_back_whole
            an_interaction_is_taken_once
            a_consent_is_recorded_in_its_interaction_and_if_wanted_for_later
            a_later_consent_adds_to_an_earlier_one
            a_consent_to_an_interaction_that_is_gone_is_not_remembered
            a_grant_is_read_back_whole_with_its_account_and_session
            an_unknown_grant_is_none
            a_grant_is_added_only_in_a_live_session_of_its_account
            no_grant_that_is_added_at_the_same_moment_outlives_a_remedy
            a_code_is_used_once_however_many_try
            a_counter_moves_once_however_many_try
            a_revoked_grant_is_neither_exchanged_nor_refreshed
            a_grant_shows_that_its_session_or_account_ended
            every_remedy_for_a_theft_ends_all_grants_of_only_that_account
            a_deleted_account_takes_its_grants_along
            an_account_sees_the_apps_it_is_connected_to
            a_disconnected_app_loses_its_grants_and_its_consent
            what_ended_long_ago_is_forgotten_and_nothing_else
            an_expired_interaction_is_forgotten_at_once
        }
    };
}
pub(crate) use grants_contract as contract;

/// A client id that no other test uses.
fn client() -> ClientId {
    format!("app-{}", Uuid::new_v4().simple()).parse().unwrap()
}

fn interaction(client: &ClientId, scopes: &str, at: Timestamp) -> Interaction {
    Interaction {
        id: Uuid::new_v4().into(),
        browser: SecretHash::new([5; 32]),
        request: AuthorizationRequest {
            target: Target {
                client: client.clone(),
                redirect_uri: "app.immich:///oauth-callback?a='\"\\".to_owned(),
                response_mode: ResponseMode::FormPost,
                state: Some("状态 \r\n'\"\\{}".to_owned()),
            },
            scopes: Scopes::parse(scopes),
            nonce: Some("n".to_owned()),
            code_challenge: Some("c".repeat(43)),
            prompts: Prompts { login: true, ..Prompts::default() },
            max_age: Some(0),
            wants_scan: true,
            login_hint: Some("o'brien".to_owned()),
            resource: Some("https://api.example".to_owned()),
            hinted: Some(Uuid::new_v4().into()),
        },
        consented_by: None,
        started_at: at,
    }
}

/// Returns a grant whose code was not exchanged yet.
fn grant(client: &ClientId, session: &Session, scopes: &str) -> Grant {
    let at = now();
    Grant {
        id: Uuid::new_v4().into(),
        client: client.clone(),
        account: session.account,
        session: session.id,
        scopes: Scopes::parse(scopes),
        resource: Some("https://api.example/o'b".to_owned()),
        nonce: Some("n'\"\\".to_owned()),
        redirect_uri: "https://app.example/cb?x='".to_owned(),
        code_challenge: Some("c".repeat(43)),
        code_used_at: None,
        counter: 0,
        rotated_at: None,
        auth_time: session.created_at,
        began: Began::Code,
        created_at: at,
        expires_at: at + 60 * MINUTE,
        revoked_at: None,
    }
}

/// Adds a person who is signed in on a PC.
async fn signed_in(database: &Database) -> (Account, Session) {
    let account = person(database).await;
    let session = kept_pc(database, account.id).await;
    (account, session)
}

/// Adds a grant whose code was exchanged.
async fn exchanged(database: &Database, client: &ClientId, session: &Session, scopes: &str) -> Grant {
    let grant = grant(client, session, scopes);
    database.grants.put_grant(&grant).await.unwrap();
    assert!(database.grants.use_code(grant.id, now()).await.unwrap());
    grant
}

async fn stored(database: &Database, grant: &Grant) -> Grant {
    database.grants.grant(grant.id).await.unwrap().unwrap().grant
}
