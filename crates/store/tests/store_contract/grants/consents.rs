//! Interactions and consents.

use super::*;
use futures::future::join_all;

pub async fn an_interaction_is_read_back_whole(database: &Database) {
    let interaction = interaction(&client(), "openid email", now());
    database.grants.put_interaction(&interaction).await.unwrap();
    assert_eq!(database.grants.interaction(interaction.id).await.unwrap(), Some(interaction));
    assert_eq!(database.grants.interaction(Uuid::new_v4().into()).await.unwrap(), None);
}

pub async fn an_interaction_is_taken_once(database: &Database) {
    let interaction = interaction(&client(), "openid", now());
    database.grants.put_interaction(&interaction).await.unwrap();
    let attempts = join_all((0..10).map(|_| database.grants.take_interaction(interaction.id))).await;
    assert_eq!(attempts.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    assert_eq!(database.grants.interaction(interaction.id).await.unwrap(), None);
}

pub async fn a_consent_is_recorded_in_its_interaction_and_if_wanted_for_later(database: &Database) {
    let account = person(database).await.id;
    for remember in [false, true] {
        let client = client();
        let interaction = interaction(&client, "openid email", now());
        database.grants.put_interaction(&interaction).await.unwrap();
        database.grants.consent(&interaction, account, remember, now()).await.unwrap();
        let found = database.grants.interaction(interaction.id).await.unwrap().unwrap();
        assert_eq!(found.consented_by, Some(account));
        let expected = remember.then(|| Scopes::parse("openid email"));
        assert_eq!(database.grants.consented(account, &client).await.unwrap(), expected);
        assert_eq!(database.grants.consented(Uuid::new_v4().into(), &client).await.unwrap(), None);
    }
}

pub async fn a_later_consent_adds_to_an_earlier_one(database: &Database) {
    let account = person(database).await.id;
    let client = client();
    for scopes in ["openid email", "openid groups"] {
        let interaction = interaction(&client, scopes, now());
        database.grants.put_interaction(&interaction).await.unwrap();
        database.grants.consent(&interaction, account, true, now()).await.unwrap();
    }
    let found = database.grants.consented(account, &client).await.unwrap();
    assert_eq!(found, Some(Scopes::parse("openid email groups")));
}

pub async fn a_consent_to_an_interaction_that_is_gone_is_not_remembered(database: &Database) {
    let account = person(database).await.id;
    let client = client();
    let interaction = interaction(&client, "openid", now());
    database.grants.consent(&interaction, account, true, now()).await.unwrap();
    assert_eq!(database.grants.consented(account, &client).await.unwrap(), None);
}
