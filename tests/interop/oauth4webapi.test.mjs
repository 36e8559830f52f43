// oauth4webapi, step by step: its form-encoding of Basic credentials, RFC 9207, RFC 9068 and RFC 8707. jose verifies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { CALLBACK, browserOf, has, issuer, secret, verified, visit } from './support/peer.mjs';

// Plain HTTP, here only.
const http = { [oauth.allowInsecureRequests]: true };
const authentication = oauth.ClientSecretBasic(secret);

for (const algorithm of ['oidc', 'oauth2']) {
  test(`its metadata, as ${algorithm} finds it`, async () => {
    const url = new URL(issuer);
    const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm, ...http }));
    has(as, { issuer, jwks_uri: `${issuer}/oauth/jwks.json`, code_challenge_methods_supported: ['S256'] });
  });
}

async function signIn(client, parameters) {
  const url = new URL(issuer);
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, http));
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const query = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const callback = await visit(browserOf(), `${as.authorization_endpoint}?${query}`);
  const response = oauth.validateAuthResponse(as, client, callback, state);
  const exchange = () =>
    oauth.authorizationCodeGrantRequest(as, client, authentication, response, CALLBACK, verifier, http);
  return { as, nonce, exchange };
}

test('tokens, userinfo, introspection, and an ID token whose signature is checked', async () => {
  const client = { client_id: 'program', require_auth_time: true };
  const { as, nonce, exchange } = await signIn(client, { scope: 'openid email' });
  const response = await exchange();
  const result = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
    maxAge: 60,
  });
  await oauth.validateApplicationLevelSignature(as, response, http);
  const { sub } = oauth.getValidatedIdTokenClaims(result);
  const info = await oauth.userInfoRequest(as, client, result.access_token, http);
  has(await oauth.processUserInfoResponse(as, client, sub, info), { email: 'ada@example.org', name: undefined });
  const asked = await oauth.introspectionRequest(as, client, authentication, result.access_token, http);
  has(await oauth.processIntrospectionResponse(as, client, asked), { active: true, scope: 'openid email' });

  // The code was used: a thief has it, too, so the tokens end.
  const replayed = await exchange();
  await assert.rejects(oauth.processAuthorizationCodeResponse(as, client, replayed), { error: 'invalid_grant' });
  const late = await oauth.userInfoRequest(as, client, result.access_token, http);
  await assert.rejects(oauth.processUserInfoResponse(as, client, sub, late), oauth.WWWAuthenticateChallengeError);
});

test('an API accepts an access token that is a JWT for it, and no other', async () => {
  const client = { client_id: 'api' };
  const resource = 'https://api.example';
  const { as, nonce, exchange } = await signIn(client, { scope: 'openid profile', resource });
  const result = await oauth.processAuthorizationCodeResponse(as, client, await exchange(), { expectedNonce: nonce });
  const call = (token) => new Request(resource, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(as, call(result.access_token), resource, http);
  has(claims, { iss: issuer, aud: resource, client_id: 'api', scope: 'openid profile' });
  await verified(result.access_token, resource, 'at+jwt');
  await assert.rejects(verified(result.access_token, 'https://other.example', 'at+jwt'), { claim: 'aud' });
  await assert.rejects(verified(result.id_token, 'api', 'at+jwt'), { claim: 'typ' });
  await assert.rejects(oauth.validateJwtAccessToken(as, call(result.id_token), resource, http));
  // It is for that API alone, not for ours (RFC 9068, section 4).
  const info = await oauth.userInfoRequest(as, client, result.access_token, http);
  await assert.rejects(
    oauth.processUserInfoResponse(as, client, claims.sub, info),
    oauth.WWWAuthenticateChallengeError,
  );
});

test('an access token that is a JWT for no API in particular is for userinfo', async () => {
  const client = { client_id: 'jwt' };
  const { as, nonce, exchange } = await signIn(client, { scope: 'openid profile' });
  const result = await oauth.processAuthorizationCodeResponse(as, client, await exchange(), { expectedNonce: nonce });
  const { sub } = await verified(result.access_token, issuer, 'at+jwt');
  const info = await oauth.userInfoRequest(as, client, result.access_token, http);
  has(await oauth.processUserInfoResponse(as, client, sub, info), { preferred_username: 'ada' });
});
