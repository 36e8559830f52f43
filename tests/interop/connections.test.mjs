// Connections: the server is the client of a service's device grant, of oidc-provider and of another qr-login.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer, phones } from './support/peer.mjs';
import { Browser, Phone } from './support/person.mjs';
import { startProvider, startSecond } from './support/upstreams.mjs';

const { headers } = new Phone(issuer, phones.ada);

const press = (fields) =>
  fetch(`${issuer}/connections`, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });

/** Starts an attempt; returns its id, and what its page shows. */
async function begin(service) {
  const started = await press({ do: 'start', service });
  const shown = started.headers.get('location');
  assert.match(shown, /^\/connections\?id=/);
  const body = await (await fetch(issuer + shown, { headers })).text();
  const [, address] = /<a href="(http[^"]*)" target="_blank"/.exec(body);
  return { id: shown.split('=')[1], address: address.replaceAll('&amp;', '&'), body };
}

/** Waits as the page does, and returns the state. */
async function ended(id) {
  for (;;) {
    const wait = await fetch(`${issuer}/api/session/wait?connection=${id}`, { headers });
    if ((await wait.json()).status === 'changed') break;
  }
  const body = await (await fetch(`${issuer}/connections`, { headers })).text();
  return new RegExp(`data-row="${id}" data-state="([a-z]*)"`).exec(body)?.[1];
}

async function newKey(id) {
  const page = await (await press({ do: 'key', id })).text();
  return /qrk_[\w-]{43}/.exec(page)[0];
}

const token = (id, key) =>
  fetch(`${issuer}/api/connections/${id}/token`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });

async function accessToken(id, key) {
  const answer = await token(id, key);
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.access_token;
}

const userinfo = (path, accessToken) => fetch(path, { headers: { authorization: `Bearer ${accessToken}` } });

test('oidc-provider: scripts get fresh tokens, and no refresh token is used twice', async (t) => {
  const upstream = await startProvider(t);
  const { id, address, body } = await begin('upstream');
  assert.ok(address.startsWith(`${upstream}/device?user_code=`), address);
  assert.match(body, /<svg/);
  // The person approves there.
  const browser = new Browser(issuer, undefined);
  const confirm = await browser.open(address);
  const inputs = [...confirm.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const done = await browser.open(`${upstream}/device`, undefined, Object.fromEntries(inputs.map(([, ...pair]) => pair)));
  assert.match(done.body, /Approved/);
  assert.equal(await ended(id), 'connected');

  const key = await newKey(id);
  const seen = new Set();
  while (seen.size < 4) {
    // Many at once, until the token has changed three times. A refresh token that is used twice would end the grant.
    const tokens = await Promise.all(Array.from({ length: 8 }, () => accessToken(id, key)));
    for (const one of tokens) seen.add(one);
  }
  const answer = await userinfo(`${upstream}/me`, await accessToken(id, key));
  assert.equal((await answer.json()).sub, 'dong');

  const last = await accessToken(id, key);
  await press({ do: 'disconnect', id });
  assert.equal((await token(id, key)).status, 401);
  // The grant is revoked there, too.
  while ((await userinfo(`${upstream}/me`, last)).status === 200);
});

test('another qr-login: its own code is shown, and its phone approves or declines', async (t) => {
  const second = await startSecond(t);
  const ticketOf = (address) => new URL(address).searchParams.get('id');
  const declined = await begin('second');
  const scanned = await second.phone.post('/api/qrcode/scan', { id: ticketOf(declined.address) });
  assert.ok(declined.body.includes(scanned.requester.user_code), 'the same code on both');
  assert.equal(scanned.requester.app.name, 'First');
  await second.phone.post('/api/qrcode/cancel', { id: ticketOf(declined.address), confirm_token: scanned.confirm_token });
  assert.equal(await ended(declined.id), 'declined');

  const { id, address } = await begin('second');
  await second.phone.approve(ticketOf(address));
  assert.equal(await ended(id), 'connected');
  const key = await newKey(id);
  const answer = await userinfo(`${second.issuer}/oauth/userinfo`, await accessToken(id, key));
  assert.equal((await answer.json()).preferred_username, 'eve');
  const last = await accessToken(id, key);
  await press({ do: 'disconnect', id });
  while ((await userinfo(`${second.issuer}/oauth/userinfo`, last)).status === 200);
});
