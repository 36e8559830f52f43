// openid-client 5, the generation in many deployed apps: RS256 unless told otherwise.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Issuer, generators } from 'openid-client-5';
import { ADA, CALLBACK, SIGNED_OUT, browserOf, has, issuer, secret, visit } from './support/peer.mjs';

async function app(changes = {}) {
  const provider = await Issuer.discover(issuer);
  return new provider.Client({
    client_id: 'program',
    client_secret: secret,
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [SIGNED_OUT],
    response_types: ['code'],
    ...changes,
  });
}

function start(client, parameters) {
  const checks = { code_verifier: generators.codeVerifier(), state: generators.state(), nonce: generators.nonce() };
  const url = client.authorizationUrl({
    scope: 'openid profile email groups offline_access',
    code_challenge: generators.codeChallenge(checks.code_verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
    ...parameters,
  });
  return { url, checks: { ...checks, response_type: 'code' } };
}

for (const token_endpoint_auth_method of ['client_secret_basic', 'client_secret_post']) {
  test(`from discovery to sign-out, with ${token_endpoint_auth_method}`, async () => {
    const client = await app({ token_endpoint_auth_method });
    const browser = browserOf();
    const { url, checks } = start(client, { max_age: 600 });
    const parameters = client.callbackParams((await visit(browser, url)).href);
    const tokens = await client.callback(CALLBACK, parameters, { ...checks, max_age: 600 });
    has(tokens.claims(), { iss: issuer, aud: 'program', ...ADA });
    has(await client.userinfo(tokens), ADA);
    has(await client.userinfo(tokens, { method: 'POST', via: 'body' }), ADA);
    const refreshed = await client.refresh(tokens);
    assert.equal((await client.introspect(refreshed.access_token)).active, true);
    await client.revoke(refreshed.access_token);
    assert.equal((await client.introspect(refreshed.access_token)).active, false);
    const signOut = client.endSessionUrl({ id_token_hint: tokens.id_token, state: 'bye' });
    assert.equal((await visit(browser, signOut, SIGNED_OUT)).searchParams.get('state'), 'bye');
  });
}

test('a response by form_post', async () => {
  const client = await app();
  const browser = browserOf();
  const { url, checks } = start(client, { response_mode: 'form_post' });
  const end = await browser.open(url, (here) => here === CALLBACK);
  assert.ok(end.form, 'the browser posts to the app');
  const tokens = await client.callback(CALLBACK, { ...end.form }, checks);
  assert.equal(tokens.claims().preferred_username, 'ada');
});

test('a state, or a nonce, of another sign-in is refused', async () => {
  const client = await app();
  const browser = browserOf();
  for (const [name, message] of [
    ['state', /state mismatch/],
    ['nonce', /nonce mismatch/],
  ]) {
    const { url, checks } = start(client, { scope: 'openid' });
    const parameters = client.callbackParams((await visit(browser, url)).href);
    await assert.rejects(client.callback(CALLBACK, parameters, { ...checks, [name]: 'other' }), message);
  }
});
