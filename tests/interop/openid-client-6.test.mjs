// openid-client 6, which is strict by default: issuer, `iss`, state, nonce, signature, times.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from 'openid-client';
import { ADA, CALLBACK, SIGNED_OUT, browserOf, has, issuer, secret, verified, visit } from './support/peer.mjs';

// Plain HTTP, here only.
const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

const discover = (id, authentication) =>
  client.discovery(new URL(issuer), id, undefined, authentication, options);

/** Starts a sign-in and returns its URL and what has to be checked at its end. */
async function start(config, parameters) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  });
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

/** Matches an error by the reason that the library wraps. */
const because = (reason) => (error) => reason.test(`${error.cause}`);

const ALL = 'openid profile email groups offline_access';

for (const [name, authentication] of [
  ['client_secret_basic', client.ClientSecretBasic(secret)],
  ['client_secret_post', client.ClientSecretPost(secret)],
]) {
  test(`from discovery to sign-out, with ${name}`, async () => {
    const config = await discover('program', authentication);
    const browser = browserOf();
    const { url, checks } = await start(config, { scope: ALL, max_age: '600' });
    const callback = await visit(browser, url);
    assert.equal(browser.shown[0].app.name, 'Program');
    assert.equal(browser.consents, 0, 'the tap on the phone is the consent');

    const tokens = await client.authorizationCodeGrant(config, callback, { ...checks, maxAge: 600 });
    const claims = tokens.claims();
    has(claims, { iss: issuer, aud: 'program', ...ADA, amr: ['mca', 'user'] });
    has(await verified(tokens.id_token, 'program'), { sub: claims.sub, sid: claims.sid });
    has(await client.fetchUserInfo(config, tokens.access_token, claims.sub), ADA);

    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    has(refreshed.claims(), { sub: claims.sub, auth_time: claims.auth_time, nonce: undefined });
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
    has(await client.tokenIntrospection(config, refreshed.access_token), {
      active: true,
      client_id: 'program',
      sub: claims.sub,
      scope: ALL,
    });
    await client.tokenRevocation(config, refreshed.refresh_token);
    assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, false);
    await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
    await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, claims.sub), { status: 401 });

    const signOut = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: SIGNED_OUT,
      state: 'bye',
    });
    assert.equal((await visit(browser, signOut, SIGNED_OUT)).searchParams.get('state'), 'bye');
    // Nobody is signed in any more.
    const again = await start(config, { scope: 'openid', prompt: 'none' });
    const refused = await visit(browser, again.url);
    await assert.rejects(client.authorizationCodeGrant(config, refused, again.checks), { error: 'login_required' });
  });
}

test('a program without a secret, on any port of the loopback address', async () => {
  const config = await discover('native', client.None());
  const redirect_uri = 'http://127.0.0.1:54321/callback';
  const browser = browserOf();
  const { url, checks } = await start(config, { scope: 'openid profile offline_access', redirect_uri });
  const tokens = await client.authorizationCodeGrant(config, await visit(browser, url, redirect_uri), checks);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
});

test('a second sign-in needs no scan, and the person is asked once only', async () => {
  const config = await discover('program', client.ClientSecretBasic(secret));
  const browser = browserOf();
  for (const scans of [1, 1]) {
    const { url, checks } = await start(config, { scope: 'openid' });
    await client.authorizationCodeGrant(config, await visit(browser, url), checks);
    assert.equal(browser.shown.length, scans);
    assert.equal(browser.consents, 0);
  }
  const { url, checks } = await start(config, { scope: 'openid', prompt: 'login' });
  await client.authorizationCodeGrant(config, await visit(browser, url), checks);
  assert.equal(browser.shown.length, 2, 'prompt=login asks for a new scan');
});

test('what was tampered with is refused', async () => {
  const config = await discover('program', client.ClientSecretBasic(secret));
  const browser = browserOf();
  const sign = async () => {
    const { url, checks } = await start(config, { scope: 'openid' });
    return { callback: await visit(browser, url), checks };
  };
  const state = await sign();
  state.callback.searchParams.set('state', 'other');
  await assert.rejects(client.authorizationCodeGrant(config, state.callback, state.checks), because(/"state"/));
  const mixedUp = await sign();
  mixedUp.callback.searchParams.set('iss', 'https://evil.example');
  await assert.rejects(client.authorizationCodeGrant(config, mixedUp.callback, mixedUp.checks), because(/"iss"/));
  const verifier = await sign();
  const stolen = { ...verifier.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await assert.rejects(client.authorizationCodeGrant(config, verifier.callback, stolen), { error: 'invalid_grant' });
  const wrong = await discover('program', client.ClientSecretBasic('wrong'));
  const secretly = await sign();
  // Either a 401 with a challenge, as for Basic, or an error in the body.
  await assert.rejects(client.authorizationCodeGrant(wrong, secretly.callback, secretly.checks), { status: 401 });
  // The same server under another name is another issuer.
  const elsewhere = new URL(issuer.replace('127.0.0.1', 'localhost'));
  await assert.rejects(client.discovery(elsewhere, 'program', undefined, undefined, options), /issuer/);
});
