// Back-channel logout: an app is told when a session ends anywhere. jose verifies the token, and mod_auth_openidc acts on
// one in mod-auth-openidc.test.mjs.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import * as client from 'openid-client';
import { CALLBACK, browserOf, has, issuer, ports, secret, unless, verified, visit } from './support/peer.mjs';

const skip = await unless('backchannel_logout_supported');

test('the app gets a logout token for the session that the phone ended', { skip }, async (t) => {
  const app = createServer();
  app.listen(ports.receiver, 'localhost');
  await once(app, 'listening');
  t.after(() => app.close());

  const options = { execute: [client.allowInsecureRequests] };
  const config = await client.discovery(new URL(issuer), 'told', secret, undefined, options);
  assert.ok(config.serverMetadata().backchannel_logout_session_supported);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const browser = browserOf();
  const tokens = await client.authorizationCodeGrant(config, await visit(browser, url), { pkceCodeVerifier });
  const { sid, sub } = tokens.claims();

  const told = once(app, 'request');
  await browser.phone.post('/api/sessions/revoke', { session_id: sid });
  const [request, response] = await told;
  response.end();
  assert.equal(request.method, 'POST');
  const form = new URLSearchParams(await text(request));
  const claims = await verified(form.get('logout_token'), 'told', 'logout+jwt');
  has(claims, { sub, sid, nonce: undefined, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
  assert.ok(claims.jti);
  await assert.rejects(verified(form.get('logout_token'), 'told'), { claim: 'typ' }, 'it is no ID token');
});
