//! The apps that an account is connected to.

use super::*;
use store::grants::Connection;

async fn consent(database: &Database, account: &Account, client: &ClientId, scopes: &str, at: Timestamp) {
    let interaction = interaction(client, scopes, at);
    database.grants.put_interaction(&interaction).await.unwrap();
    database.grants.consent(&interaction, account.id, true, at).await.unwrap();
}

pub async fn an_account_sees_the_apps_it_is_connected_to(database: &Database) {
    let (account, session) = signed_in(database).await;
    let (asked, trusted, other) = (client(), client(), client());
    let at = now();
    consent(database, &account, &asked, "openid email", at).await;
    exchanged(database, &asked, &session, "openid").await;
    exchanged(database, &trusted, &session, "openid").await;
    exchanged(database, &trusted, &session, "openid groups").await;
    let (_, stranger) = signed_in(database).await;
    exchanged(database, &other, &stranger, "openid").await;
    database.grants.put_grant(&grant(&other, &session, "openid")).await.unwrap();
    let found = database.grants.connections(account.id, now()).await.unwrap();
    let connection = |client: &ClientId, scopes| (client.clone(), Scopes::parse(scopes));
    let seen: Vec<_> = found.iter().map(|Connection { client, scopes, .. }| (client.clone(), scopes.clone())).collect();
    assert_eq!(seen, [connection(&asked, "openid email"), connection(&trusted, "openid groups")]);
    assert_eq!(found[0].since, at);
}

pub async fn a_disconnected_app_loses_its_grants_and_its_consent(database: &Database) {
    let (account, session) = signed_in(database).await;
    let (gone, kept) = (client(), client());
    for client in [&gone, &kept] {
        consent(database, &account, client, "openid", now()).await;
    }
    let lost = exchanged(database, &gone, &session, "openid offline_access").await;
    let alive = exchanged(database, &kept, &session, "openid offline_access").await;
    let at = now();
    let unanswered = interaction(&gone, "openid", at);
    database.grants.put_interaction(&unanswered).await.unwrap();
    database.grants.consent(&unanswered, account.id, true, at).await.unwrap();
    for _ in 0..2 {
        database.grants.disconnect(account.id, &gone, at).await.unwrap();
    }
    let consented_by = database.grants.interaction(unanswered.id).await.unwrap().unwrap().consented_by;
    assert_eq!(consented_by, None, "consent that was not used yet");
    assert_eq!(stored(database, &lost).await.revoked_at, Some(at));
    assert_eq!(stored(database, &alive).await.revoked_at, None);
    assert_eq!(database.grants.consented(account.id, &gone).await.unwrap(), None);
    let left = database.grants.connections(account.id, now()).await.unwrap();
    assert_eq!(left.into_iter().map(|connection| connection.client).collect::<Vec<_>>(), [kept]);
}
