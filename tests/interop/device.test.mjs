// The device grant, as openid-client 6 and 5 poll.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from 'openid-client';
import { Issuer } from 'openid-client-5';
import { browserOf, has, issuer, secret, unless } from './support/peer.mjs';

const SCOPE = 'openid profile offline_access';

const skip = await unless('device_authorization_endpoint');

/** The ticket in the URL that the device shows as a code. */
const ticketOf = (url) => new URL(url).searchParams.get('id');

test('openid-client 6 polls until the phone has approved, and refreshes', { skip }, async () => {
  const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };
  const config = await client.discovery(new URL(issuer), 'device', undefined, client.None(), options);
  const started = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
  const { phone } = browserOf();
  const polling = client.pollDeviceAuthorizationGrant(config, started);
  await phone.approve(ticketOf(started.verification_uri_complete));
  const tokens = await polling;
  has(tokens.claims(), { iss: issuer, aud: 'device', preferred_username: 'ada' });
  await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
});

test('openid-client 6 is told that the person has declined', { skip }, async () => {
  const options = { execute: [client.allowInsecureRequests] };
  const config = await client.discovery(new URL(issuer), 'device', undefined, client.None(), options);
  const started = await client.initiateDeviceAuthorization(config, { scope: 'openid' });
  const { phone } = browserOf();
  const id = ticketOf(started.verification_uri_complete);
  const { confirm_token } = await phone.post('/api/qrcode/scan', { id });
  await phone.post('/api/qrcode/cancel', { id, confirm_token });
  await assert.rejects(client.pollDeviceAuthorizationGrant(config, started), { error: 'access_denied' });
});

test('openid-client 5 polls, and an app that may not use the grant is refused', { skip }, async () => {
  const provider = await Issuer.discover(issuer);
  const device = new provider.Client({ client_id: 'device', token_endpoint_auth_method: 'none' });
  const handle = await device.deviceAuthorization({ scope: SCOPE });
  const polling = handle.poll();
  await browserOf().phone.approve(ticketOf(handle.verification_uri_complete));
  assert.equal((await polling).claims().preferred_username, 'ada');
  const other = new provider.Client({ client_id: 'program', client_secret: secret });
  await assert.rejects(other.deviceAuthorization({ scope: 'openid' }), { error: 'unauthorized_client' });
});
